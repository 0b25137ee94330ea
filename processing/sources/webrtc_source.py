"""Picture and sound of whoever sends to us: a source that waits to be fed instead of opening something."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

import av
from av.frame import Frame

from eyeline.processing.errors import SourceError
from eyeline.processing.frame import CapturedFrame
from eyeline.processing.sources.blocks import AudioBlock
from eyeline.processing.sources.fitting import Box
from eyeline.processing.sources.state import TRANSITIONS, SourcePhase, SourceState
from eyeline.processing.sources.webrtc_converter import PictureConverter, SoundConverter
from eyeline.processing.sources.webrtc_line import SenderLine

log = logging.getLogger(__name__)

FrameT = TypeVar("FrameT", bound=Frame)
ItemT = TypeVar("ItemT")
FrameT_contra = TypeVar("FrameT_contra", bound=Frame, contravariant=True)
ItemT_co = TypeVar("ItemT_co", covariant=True)

SILENCE_S = 3.0
_CHECK_INTERVAL_S = 0.25


class Converter(Protocol[FrameT_contra, ItemT_co]):
    """Makes of a sender's frames what a source delivers. Used by one thread at a time."""

    def convert(self, frame: FrameT_contra) -> ItemT_co | None:
        """The item, or `None` where there is none; raises `SourceError` where there cannot be one."""

    def skip(self) -> None:
        """Take note that a frame was passed over."""


class FedSource(Generic[FrameT, ItemT]):
    """Converts what senders deliver, in the thread that decodes it, and tells who is there; an async context manager.

    Args:
        name: What it is called in errors and in the log.
        line: Where frames come from.
        converter: What becomes of them.
        on_item: Takes every item, in the thread that the frame came from; must not block.
        on_state: Takes every change of state, in the event loop.
    """

    def __init__(
        self,
        name: str,
        line: SenderLine[FrameT],
        converter: Converter[FrameT, ItemT],
        *,
        on_item: Callable[[ItemT], None],
        on_state: Callable[[SourceState], None],
    ) -> None:
        self._name = name
        self._line = line
        self._converter = converter
        self._on_item = on_item
        self._on_state = on_state
        self._paused = threading.Event()
        self._came_at_s = 0.0
        self._trouble: SourceError | None = None
        self._task: asyncio.Task[None] | None = None
        self._state: SourceState | None = None

    async def __aenter__(self) -> Self:
        self._enter(SourceState(SourcePhase.WAITING))
        self._line.feed(self._take)
        self._task = asyncio.create_task(self._supervise(), name=self._name)
        self._task.add_done_callback(self._notice_bug)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.feed(None)
        try:
            if self._task is not None:
                self._task.cancel()
                await asyncio.wait({self._task})
        finally:
            self._enter(SourceState(SourcePhase.STOPPED))

    @property
    def state(self) -> SourceState | None:
        """The newest state; `None` before the first one."""
        return self._state

    async def opened(self) -> None:
        """Return at once: there is nothing that could fail to open."""

    def pause(self) -> None:
        """Deliver nothing, with as little work as possible."""
        self._paused.set()

    def resume(self) -> None:
        """Deliver again."""
        self._paused.clear()

    def _take(self, frame: FrameT) -> None:
        self._came_at_s = time.monotonic()
        if self._paused.is_set():
            self._converter.skip()
            return
        try:
            item = self._converter.convert(frame)
            if item is not None:
                self._on_item(item)
        except SourceError as error:
            self._trouble = error
        except Exception as bug:
            if self._trouble is None:
                log.exception("%s failed unexpectedly", self._name)
            self._trouble = SourceError(f"{self._name} failed: {type(bug).__name__}: {bug}.")
        else:
            self._trouble = None

    async def _supervise(self) -> None:
        while True:
            self._follow()
            await self._line.news(_CHECK_INTERVAL_S)

    def _follow(self) -> None:
        """Bring the state in line with who is there and what comes."""
        since_s, gone, trouble = self._line.sender_since_s, self._line.lost_because, self._trouble
        if since_s is None:
            if gone is not None:
                self._lose(gone)
        elif trouble is not None:
            self._lose(trouble)
        elif time.monotonic() - max(self._came_at_s, since_s) > SILENCE_S:
            self._lose_silent()
        elif self._came_at_s > since_s:
            self._run()

    def _run(self) -> None:
        if self._state is None or self._state.phase is not SourcePhase.RUNNING:
            log.info("%s delivers", self._name)
            self._enter(SourceState(SourcePhase.RUNNING))

    def _lose_silent(self) -> None:
        if self._state is not None and self._state.phase is SourcePhase.RUNNING:
            hint = "Is the page still open, and is the device still connected?"
            self._lose(SourceError(f"{self._name} has sent nothing for {SILENCE_S:.0f} s.", hint=hint))

    def _lose(self, error: SourceError) -> None:
        if self._state is None or self._state.phase is not SourcePhase.LOST:
            log.warning("%s is gone: %s", self._name, error)
            self._enter(SourceState(SourcePhase.LOST, error))

    def _notice_bug(self, task: asyncio.Task[None]) -> None:
        """Supervision ends by cancellation alone; anything else is a bug, of ours or of `on_state`."""
        if not task.cancelled() and (bug := task.exception()) is not None:
            log.error("%s is no longer followed", self._name, exc_info=bug)

    def _enter(self, state: SourceState) -> None:
        before = self._state.phase if self._state else None
        if state.phase not in TRANSITIONS[before]:
            raise RuntimeError(f"a source cannot go from {before} to {state.phase}")
        self._state = state
        self._on_state(state)


class SenderVideo(FedSource[av.VideoFrame, CapturedFrame]):
    """The picture of whoever sends.

    Args:
        line: Where frames come from.
        box: The largest picture wanted, and how many of them a second.
        on_frame: Takes every frame, in the thread that decoded it; must not block.
        on_state: Takes every change of state, in the event loop.
    """

    def __init__(
        self,
        line: SenderLine[av.VideoFrame],
        box: Box,
        *,
        on_frame: Callable[[CapturedFrame], None],
        on_state: Callable[[SourceState], None] = lambda _: None,
    ) -> None:
        super().__init__(
            "The browser's picture",
            line,
            PictureConverter(box),
            on_item=on_frame,
            on_state=on_state,
        )


class SenderAudio(FedSource[av.AudioFrame, AudioBlock]):
    """The sound of whoever sends.

    Args:
        line: Where frames come from.
        on_block: Takes every block, in the thread that decoded it; must not block.
        on_state: Takes every change of state, in the event loop.
    """

    def __init__(
        self,
        line: SenderLine[av.AudioFrame],
        *,
        on_block: Callable[[AudioBlock], None],
        on_state: Callable[[SourceState], None] = lambda _: None,
    ) -> None:
        super().__init__("The browser's sound", line, SoundConverter(), on_item=on_block, on_state=on_state)
