"""The bot as it runs for a person in a meeting where nobody, or somebody, looks; with one viewer of its picture."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Final, Self

from aiortc import MediaStreamTrack, RTCRtpSender, RTCSessionDescription

from eyeline.bot.bench.errors import BenchError
from eyeline.bot.events import BotEvent, OnAirChanged
from eyeline.bot.session import Session
from eyeline.bot.studio import Studio, StudioPlan
from eyeline.config.settings import load_settings
from eyeline.integrations.event_stream import EventStream
from eyeline.integrations.events import MediaConnected, MediaKind, MeetingEvent, Muted, Participant, VideoWanted
from eyeline.processing.outgoing_video import VideoState
from eyeline.processing.rtc.aiortc_internals import LivePeerConnection, LiveSender

SHADE: Final = "color:#e0e0e0"
_OPEN_S: Final = 60.0


class ViewedMeeting:
    """A membership of media alone, to one viewer; implements `Meeting`.

    Args:
        video: Published.
        codec: `VP8` or `H264`.
    """

    def __init__(self, video: MediaStreamTrack, codec: str) -> None:
        self.connection = LivePeerConnection()
        transceiver = self.connection.addTransceiver(video, direction="sendonly")
        codecs = RTCRtpSender.getCapabilities("video").codecs
        transceiver.setCodecPreferences([each for each in codecs if each.name in (codec, "rtx")])
        if not isinstance(transceiver.sender, LiveSender):
            raise TypeError("a live connection has live senders")
        self._sender = transceiver.sender
        self._events = EventStream()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.connection.close()
        self._events.end(None)

    def events(self) -> AsyncIterator[MeetingEvent]:
        """As of every meeting."""
        return self._events.read()

    @property
    def participants(self) -> Mapping[str, Participant]:
        """Nobody who would be listed."""
        return {}

    async def send_chat(self, text: str, *, to: str | None = None) -> None:
        """Nobody reads."""

    async def set_muted(self, kind: MediaKind, muted: bool) -> None:
        """There is nobody to be told but ourselves."""
        self._events.put(Muted(kind, muted))

    def connected(self) -> None:
        """The viewer is there."""
        self._events.put(MediaConnected())

    def looks(self, max_height_px: int) -> None:
        """What the Jitsi adapter does when the bridge says how tall a picture is wanted."""
        self._events.put(VideoWanted(max_height_px))
        self._sender.wanted(max_height_px)
        if max_height_px:
            self._sender.request_keyframe()


class WatchedBot:
    """The role: session and studio as in the product, with segmentation and a background.

    Args:
        codec: `VP8` or `H264`.
        size_px: Of the picture.
    """

    def __init__(self, codec: str, size_px: tuple[int, int]) -> None:
        self._codec = codec
        self._size_px = size_px
        self._live_at_s: list[float] = []
        self._meetings: asyncio.Queue[ViewedMeeting] = asyncio.Queue()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        settings = load_settings(
            {
                "video.source": "pattern",
                "video.width_px": self._size_px[0],
                "video.height_px": self._size_px[1],
                "effects.background": SHADE,
                "effects.remember": False,
                "meeting.notice": "",
                "log.level": "warning",
            }
        ).settings
        async with AsyncExitStack() as stack:
            self._studio = await stack.enter_async_context(Studio(StudioPlan.of(settings), settings, emit=self._note))
            session = Session(self._open, self._studio, notice="", emit=self._note)
            running = asyncio.create_task(session.run(), name="session")
            stack.push_async_callback(_end, running)
            try:
                async with asyncio.timeout(_OPEN_S):
                    self._meeting = await self._meetings.get()
            except TimeoutError:
                raise BenchError("The bot did not join.") from None
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def offer(self) -> str:
        """The offer to the viewer."""
        connection = self._meeting.connection
        await connection.setLocalDescription(await connection.createOffer())
        return connection.localDescription.sdp

    async def accept(self, sdp: str) -> None:
        """Begin to send."""
        await self._meeting.connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        self._meeting.connected()

    async def look(self, max_height_px: int) -> float:
        """Somebody looks, or with 0 nobody does any more; when the bot heard it, in monotonic seconds."""
        heard_s = time.monotonic()
        self._meeting.looks(max_height_px)
        return heard_s

    async def counts(self) -> dict[str, Any]:
        """What happened so far: pictures made, starts of the picture worker, moments in which the picture was back."""
        return {
            "processed": self._studio.processed,
            "restarts": self._studio.restarts,
            "live_at_s": self._live_at_s,
        }

    def _note(self, event: BotEvent) -> None:
        if isinstance(event, OnAirChanged) and event.showing is VideoState.LIVE:
            self._live_at_s.append(time.monotonic())

    def _open(self, video: MediaStreamTrack, audio: MediaStreamTrack) -> ViewedMeeting:
        audio.stop()
        meeting = ViewedMeeting(video, self._codec)
        self._meetings.put_nowait(meeting)
        return meeting


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
