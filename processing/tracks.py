"""aiortc tracks onto the outgoing video and audio: one per connection, made and stopped freely."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from eyeline.processing.frame import VIDEO_CLOCK_HZ, VIDEO_TIME_BASE, I420Image, fit_within
from eyeline.processing.outgoing_audio import OutgoingAudio
from eyeline.processing.outgoing_video import OutgoingVideo, Shown


class OutgoingVideoTrack(MediaStreamTrack):
    """One connection's view of the outgoing video: its own size limit, its own time line.

    Timestamps come from the capture clock at 90 kHz, so a late frame is late and never a burst.
    """

    kind = "video"

    def __init__(self, video: OutgoingVideo) -> None:
        super().__init__()
        self._video = video
        self._number = 0
        self._origin_s: float | None = None
        self._last_pts = -1
        self._max_height_px: int | None = None
        self._wanted = asyncio.Event()
        self._wanted.set()
        self._scaler = ThreadPoolExecutor(1, "video-scaler")

    def limit(self, max_height_px: int | None) -> None:
        """Send pictures no taller than this; 0 sends nothing, `None` lifts the limit."""
        self._max_height_px = max_height_px
        if max_height_px == 0:
            self._wanted.clear()
        elif not self._wanted.is_set():
            self._number = self._video.number  # what was on air during the pause is stale
            self._wanted.set()

    async def recv(self) -> av.VideoFrame:
        """The next picture that is due, as a frame of its own.

        Raises:
            MediaStreamError: The track was stopped.
        """
        if self.readyState != "live":
            raise MediaStreamError
        await self._wanted.wait()
        shown = await self._video.next_after(self._number)
        self._number = shown.number
        loop = asyncio.get_running_loop()
        frame = await loop.run_in_executor(self._scaler, self._frame, shown.image, self._max_height_px)
        frame.pts = self._pts(shown)
        frame.time_base = VIDEO_TIME_BASE
        return frame

    def stop(self) -> None:
        """End the track; the outgoing video goes on."""
        super().stop()
        self._scaler.shutdown(wait=False)

    def _frame(self, image: I420Image | None, max_height_px: int | None) -> av.VideoFrame:
        image = image or self._video.card_image()
        if max_height_px:
            image = image.scaled(*fit_within(*image.size, image.width_px, max_height_px))
        return image.to_video_frame()

    def _pts(self, shown: Shown) -> int:
        if self._origin_s is None:
            self._origin_s = shown.at_s
        pts = round((shown.at_s - self._origin_s) * VIDEO_CLOCK_HZ)
        self._last_pts = max(pts, self._last_pts + 1)
        return self._last_pts


class OutgoingAudioTrack(MediaStreamTrack):
    """One connection's view of the outgoing audio."""

    kind = "audio"

    def __init__(self, audio: OutgoingAudio) -> None:
        super().__init__()
        self._reader = audio.reader()

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms, at their time.

        Raises:
            MediaStreamError: The track was stopped.
        """
        if self.readyState != "live":
            raise MediaStreamError
        return await self._reader.next()
