"""The track of a received stream: the newest frames, and an end that is always noticed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpreceiver import RemoteStreamTrack
from av import AudioFrame, VideoFrame
from av.frame import Frame

logger = logging.getLogger(__name__)

FrameT = TypeVar("FrameT", bound=Frame)

_VIDEO_FRAMES: Final = 4
_AUDIO_FRAMES: Final = 10  # 200 ms
_FRESH_S: Final = 0.01


class LiveTrack(RemoteStreamTrack, Generic[FrameT]):
    """What a receiver decodes. Frames that nobody reads in time are dropped.

    Of pictures only the newest one waits. Several that come at once, when a repaired hole lets them go, are all had by
    whoever reads without delay: an older picture is dropped when it has waited 10 ms.

    `frame.time` is when the frame was captured, in seconds of our own `time.monotonic()`.

    Args:
        kind: `audio` or `video`.
        track_id: From the offer or the answer.
    """

    def __init__(self, kind: str, track_id: str | None = None) -> None:
        super().__init__(kind, track_id)
        self.dropped = 0
        self._frames: deque[tuple[float, FrameT]] = deque(maxlen=_VIDEO_FRAMES if kind == "video" else _AUDIO_FRAMES)
        self._changed = asyncio.Event()
        self._home = asyncio.get_running_loop()
        self._take: Callable[[FrameT], None] | None = None
        self._sound_channels, self._sound_ahead_s = 2, 0.0

    @property
    def sound_channels(self) -> int:
        """1 or 2, of the frames of sound."""
        return self._sound_channels

    @property
    def sound_ahead_s(self) -> float:
        """How long before its time a frame of sound may be delivered."""
        return self._sound_ahead_s

    def divert(self, take: Callable[[FrameT], None], *, sound_channels: int = 2, sound_ahead_s: float = 0.0) -> None:
        """Have frames taken at once, in the thread that decodes them, instead of kept for `recv`.

        Args:
            take: Takes each frame.
            sound_channels: 1 or 2, of sound. To be said before any comes.
            sound_ahead_s: How long before its time sound may come; more than 0 for who goes by the frames' times.
        """
        self._take = take
        self._sound_channels, self._sound_ahead_s = sound_channels, sound_ahead_s

    def deliver(self, frame: FrameT) -> None:
        """Offer a frame. To be called in the event loop."""
        if self.readyState != "live":
            return
        if self._take is not None:
            self._take(frame)
            return
        self.dropped += len(self._frames) == self._frames.maxlen
        self._frames.append((time.monotonic(), frame))
        self._changed.set()

    def deliver_from_thread(self, frame: FrameT) -> None:
        """Offer a frame from outside the event loop."""
        if self._take is not None:
            self.deliver(frame)
            return
        try:
            self._home.call_soon_threadsafe(self.deliver, frame)
        except RuntimeError:
            logger.debug("the event loop is closed")

    async def recv(self) -> FrameT:
        """The next frame.

        Raises:
            MediaStreamError: The track ended.
        """
        while self.readyState == "live":
            if self._frames:
                return self._next()
            self._changed.clear()
            await self._changed.wait()
        raise MediaStreamError

    def stop(self) -> None:
        """End the track and wake whoever waits for a frame."""
        super().stop()
        self._frames.clear()
        self._changed.set()

    def _next(self) -> FrameT:
        delivered_at_s, frame = self._frames.popleft()
        while self.kind == "video" and self._frames and time.monotonic() - delivered_at_s > _FRESH_S:
            delivered_at_s, frame = self._frames.popleft()
            self.dropped += 1
        return frame


LiveVideoTrack = LiveTrack[VideoFrame]
LiveAudioTrack = LiveTrack[AudioFrame]
