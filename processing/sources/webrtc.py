"""A person's own WebRTC connection as camera and microphone: of a page in a browser, or of any other sender.

How it is used::

    async with IngestSession({"video", "audio"}) as session, session.video(box, on_frame=...) as source:
        answer = await session.answer(offer_sdp)  # from whatever carries the signalling

One sender at a time; a newer one takes over, as a page does that was loaded again.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import av

from eyeline.processing.errors import SourceError
from eyeline.processing.frame import CapturedFrame
from eyeline.processing.sources.blocks import AudioBlock
from eyeline.processing.sources.fitting import Box
from eyeline.processing.sources.state import SourceState
from eyeline.processing.sources.webrtc_line import SenderLine
from eyeline.processing.sources.webrtc_peer import SenderPeer
from eyeline.processing.sources.webrtc_source import SenderAudio, SenderVideo

log = logging.getLogger(__name__)

_BACK = "Waiting for it to come back."


@dataclass(frozen=True, slots=True)
class Answer:
    """The other half of a connection.

    Args:
        sender_id: Names the sender, for `hang_up`.
        sdp: The answer to its offer.
    """

    sender_id: str
    sdp: str


class IngestSession:
    """Answers offers, and feeds its sources with what the newest sender sends; an async context manager.

    Args:
        kinds: What is wanted: `video`, `audio` or both.
    """

    def __init__(self, kinds: Collection[str]) -> None:
        self.kinds = frozenset(kinds)
        self._video_line: SenderLine[av.VideoFrame] = SenderLine()
        self._audio_line: SenderLine[av.AudioFrame] = SenderLine()
        lines: dict[str, SenderLine[Any]] = {"video": self._video_line, "audio": self._audio_line}
        self._lines = {kind: line for kind, line in lines.items() if kind in self.kinds}
        self._states: dict[str, SourceState] = {}
        self._peer: SenderPeer | None = None
        self._sender_id = ""
        self._answering = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        self._drop("The program ends.")
        await asyncio.gather(*self._closing)

    @property
    def sender_id(self) -> str:
        """Who sends now; empty when nobody does."""
        return self._sender_id

    @property
    def states(self) -> Mapping[str, SourceState]:
        """Of the sources, by kind."""
        return self._states

    def video(
        self,
        box: Box,
        *,
        on_frame: Callable[[CapturedFrame], None],
        on_state: Callable[[SourceState], None] = lambda _: None,
    ) -> SenderVideo:
        """The source of pictures; at most one is open at a time."""
        return SenderVideo(self._video_line, box, on_frame=on_frame, on_state=self._noted("video", on_state))

    def audio(
        self, *, on_block: Callable[[AudioBlock], None], on_state: Callable[[SourceState], None] = lambda _: None
    ) -> SenderAudio:
        """The source of sound; at most one is open at a time."""
        return SenderAudio(self._audio_line, on_block=on_block, on_state=self._noted("audio", on_state))

    async def answer(self, offer_sdp: str) -> Answer:
        """Answer an offer; its sender takes the place of the one before.

        Raises:
            OfferError: The offer cannot be answered; the sender before stays.
        """
        async with self._answering:
            peer = SenderPeer(self._lines, self._ended)
            try:
                sdp = await peer.answer(offer_sdp)
            except BaseException:
                await peer.close()
                raise
            self._drop("Another page has taken over.")
            if self._closed:
                await peer.close()
                raise SourceError("The program ends.")
            self._peer, self._sender_id = peer, secrets.token_urlsafe(9)
            peer.start()
            log.info("a browser sends its %s", " and ".join(sorted(self._lines, reverse=True)))
            return Answer(self._sender_id, sdp)

    def hang_up(self, sender_id: str) -> bool:
        """End the connection of a sender that says good-bye; whether it was still there."""
        if not sender_id or sender_id != self._sender_id:
            return False
        self._drop(f"The page was closed. {_BACK}")
        return True

    def _noted(self, kind: str, on_state: Callable[[SourceState], None]) -> Callable[[SourceState], None]:
        def note(state: SourceState) -> None:
            self._states[kind] = state
            on_state(state)

        return note

    def _ended(self, peer: SenderPeer, reason: str) -> None:
        if peer is self._peer:
            self._drop(f"{reason} {_BACK}")

    def _drop(self, reason: str) -> None:
        """Let go of the sender, if there is one; the connection is closed in the background."""
        if self._peer is None:
            return
        task = asyncio.create_task(self._peer.close(), name="closing of a browser's connection")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        self._peer, self._sender_id = None, ""
        for line in self._lines.values():
            line.lose(SourceError(reason))
