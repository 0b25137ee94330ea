"""aiortc tracks onto the outgoing video and audio: one per connection, made and stopped freely."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from eyeline.processing.frame import VIDEO_CLOCK_HZ, VIDEO_TIME_BASE, I420Image, fit_within
from eyeline.processing.latency import LatencyMeter
from eyeline.processing.outgoing_audio import OutgoingAudio
from eyeline.processing.outgoing_video import OutgoingVideo, Shown

CARD_HELD_S = 0.4


class OutgoingVideoTrack(MediaStreamTrack):
    """One connection's view of the outgoing video: its own size limit, its own time line.

    Timestamps come from the capture clock at 90 kHz, so a late frame is late and never a burst. `latency` measures how
    old pictures are when they leave: a sender asks for the next one when the one before is encoded and sent.
    """

    kind = "video"

    def __init__(self, video: OutgoingVideo) -> None:
        super().__init__()
        self.latency = LatencyMeter()
        self._leaving: Shown | None = None
        self._video = video
        self._number = 0
        self._origin_s: float | None = None
        self._last_pts = -1
        self._max_height_px: int | None = None
        self._no_card_until_s = 0.0
        self._wanted = asyncio.Event()
        self._wanted.set()
        self._scaler = ThreadPoolExecutor(1, "video-scaler")

    @property
    def captured_offset_s(self) -> float | None:
        """Capture of the newest frame on the monotonic clock, less its time; `None` before the first."""
        return self._origin_s

    def limit(self, max_height_px: int | None) -> None:
        """Send pictures no taller than this; 0 sends nothing, `None` lifts the limit.

        After a pause the camera's picture takes a moment. Until then nothing is sent: a card in between would be a
        flash, and cost the keyframe that the picture needs.
        """
        self._max_height_px = max_height_px
        if max_height_px == 0:
            self._wanted.clear()
        elif not self._wanted.is_set():
            self._number = self._video.number  # what was on air during the pause is stale
            self._no_card_until_s = time.monotonic() + CARD_HELD_S
            self._wanted.set()

    async def recv(self) -> av.VideoFrame:
        """The next picture that is due, as a frame of its own over samples that others have, too: not to be written on.

        Raises:
            MediaStreamError: The track was stopped.
        """
        if self.readyState != "live":
            raise MediaStreamError
        self._note_left()
        await self._wanted.wait()
        shown, frame = await self._next()
        while shown.image is not None and self._video.hidden:
            shown, frame = await self._next()  # hidden while it was scaled: it must not leave
        frame.pts = self._pts(shown)
        frame.time_base = VIDEO_TIME_BASE
        self._leaving = shown
        return frame

    async def _next(self) -> tuple[Shown, av.VideoFrame]:
        shown = await self._video.next_after(self._number)
        while shown.image is None and time.monotonic() < self._no_card_until_s and not self._video.hidden:
            shown = await self._video.next_after(shown.number)
        self._number = shown.number
        image = shown.image
        if image is None or not self._fits(image):
            loop = asyncio.get_running_loop()
            image = await loop.run_in_executor(self._scaler, self._fitted, image, self._max_height_px)
        return shown, image.as_video_frame()

    def stop(self) -> None:
        """End the track; the outgoing video goes on."""
        super().stop()
        self._scaler.shutdown(wait=False)

    def _note_left(self) -> None:
        if self._leaving is not None and self._leaving.image is not None:
            self.latency.left(self._leaving.at_s, time.monotonic())
        self._leaving = None

    def _fits(self, image: I420Image) -> bool:
        return not self._max_height_px or image.height_px <= self._max_height_px

    def _fitted(self, image: I420Image | None, max_height_px: int | None) -> I420Image:
        image = image or self._video.card_image()
        return image.scaled(*fit_within(*image.size, image.width_px, max_height_px)) if max_height_px else image

    def _pts(self, shown: Shown) -> int:
        if self._origin_s is None:
            self._origin_s = shown.at_s
        pts = round((shown.at_s - self._origin_s) * VIDEO_CLOCK_HZ)
        self._last_pts = max(pts, self._last_pts + 1)
        return self._last_pts


class OutgoingAudioTrack(MediaStreamTrack):
    """One connection's view of the outgoing audio.

    Args:
        audio: What is heard.
        beside: The picture of the same connection, which the sound waits for; none where sound goes alone.
    """

    kind = "audio"

    def __init__(self, audio: OutgoingAudio, beside: OutgoingVideoTrack | None = None) -> None:
        super().__init__()
        self._reader = audio.reader(beside.latency if beside else LatencyMeter())

    @property
    def delay_s(self) -> float:
        """Time between the capture of the sound that leaves now and its leaving."""
        return self._reader.delay_s

    @property
    def captured_offset_s(self) -> float | None:
        """Capture of the newest frame on the monotonic clock, less its time; `None` before the first."""
        return self._reader.captured_offset_s

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms, at their time.

        Raises:
            MediaStreamError: The track was stopped.
        """
        if self.readyState != "live":
            raise MediaStreamError
        return await self._reader.next()
