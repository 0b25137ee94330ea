"""Our camera: pictures from the ring to Zoom, at the size that Zoom asks for."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import NamedTuple

from eyeline.integrations.zoom.bridge.hold import SUCCESS, Held, SdkObject
from eyeline.integrations.zoom.bridge.loop import Loop
from eyeline.integrations.zoom.bridge.messages import Event, MediaRefused, VideoSize, VideoWanted
from eyeline.integrations.zoom.bridge.pictures import PictureReader

REPEAT_AFTER_S = 0.5
"""A picture that stands still goes out again, as Zoom takes a camera without pictures for a dead one."""

_TOO_EARLY = "SDKERR_WRONG_USAGE"
_BLACK, _GREY = b"\x10", b"\x80"


class Sendable(NamedTuple):
    """A picture."""

    width_px: int
    height_px: int
    i420: bytes


class VideoOut:
    """A camera for the whole stay; Zoom takes and leaves it several times.

    Args:
        sdk: The SDK.
        loop: Where to repeat what stands still.
        pictures: The newest one that is to be seen, at the size that was asked for or a smaller one.
        wake: An eventfd, written after each picture.
        say: Tells the meeting process.
    """

    def __init__(self, sdk: Held, loop: Loop, pictures: PictureReader, wake: int, say: Callable[[Event], None]) -> None:
        self._sdk = sdk
        self._loop = loop
        self._pictures = pictures
        self._wake = wake
        self._say = say
        self._limited = sdk.enum("FrameDataFormat", "FrameDataFormat_I420_LIMITED")
        self._sender: SdkObject | None = None
        self._size = (0, 0)
        self._wanted = False
        self._stopped_at_s: float | None = None
        self._last: Sendable | None = None
        self._last_sent_s = 0.0
        self._refusals = 0
        self._repeating = False
        self._repeat_safely = sdk.safe("repeat", self._repeat)
        self.sent = 0
        self.passed_over = 0
        self.refused = 0
        loop.watch(wake, sdk.safe("wake", self._woken))

    def attach(self) -> bool:
        """Make ourselves the camera of the meeting that has begun, which may be a breakout room; whether we are."""
        helper = self._sdk.call("GetRawdataVideoSourceHelper")
        if helper is None:
            self._say(MediaRefused("GetRawdataVideoSourceHelper", "None"))
            return False
        source = self._sdk.callbacks(
            "ZoomSDKVideoSourceCallbacks",
            onInitializeCallback=self._initialized,
            onPropertyChangeCallback=self._size_changed,
            onStartSendCallback=self._start,
            onStopSendCallback=self._stop,
            onUninitializedCallback=self._uninitialized,
        )
        error = self._sdk.do(helper, "setExternalVideoSource", source)
        if error != SUCCESS:
            self._say(MediaRefused("setExternalVideoSource", error))
        return error == SUCCESS

    @property
    def stopped_for_s(self) -> float:
        """Since when Zoom takes no pictures any more that it took before; 0 where it takes them or never did."""
        return 0.0 if self._stopped_at_s is None else time.monotonic() - self._stopped_at_s

    def _initialized(self, sender: SdkObject, sizes: SdkObject, suggested: SdkObject) -> None:
        self._sender = self._sdk.keep(sender)
        self._refusals = 0
        self._size_changed(sizes, suggested)

    def _size_changed(self, _sizes: SdkObject, suggested: SdkObject) -> None:
        width_px, height_px = (self._sdk.read(suggested, side) // 2 * 2 for side in ("width", "height"))
        self._size = (width_px, height_px)
        if self._last is not None and not self._fits(self._last):
            self._last = None
        self._say(VideoSize(width_px, height_px, self._sdk.read(suggested, "frame")))

    def _start(self) -> None:
        """Zoom refuses the very first picture, and then comes here again: so one is sent at once.

        It is a black one. What is left in the ring may be from before a pause in which the person has chosen to show
        less.
        """
        self._wanted = True
        self._stopped_at_s = None
        self._say(VideoWanted(wanted=True))
        self._send(self._last or _blank(*self._size))
        if not self._repeating:
            self._repeating = True
            self._loop.after(int(REPEAT_AFTER_S * 1000), self._repeat_safely)

    def _stop(self) -> None:
        self._last = None
        if self._wanted:
            self._wanted = False
            self._stopped_at_s = time.monotonic()
            self._say(VideoWanted(wanted=False))

    def _uninitialized(self) -> None:
        """The sender is Zoom's, and gone after this."""
        self._sender = None
        self._stop()

    def _woken(self) -> None:
        os.eventfd_read(self._wake)
        picture = self._pictures.newest()
        if picture is None:
            return
        self.passed_over += picture.skipped
        sendable = Sendable(picture.width_px, picture.height_px, picture.i420)
        if self._wanted and self._fits(sendable):
            self._send(sendable)
        else:
            self.passed_over += 1

    def _fits(self, picture: Sendable) -> bool:
        """Of the size that was asked for, or smaller where we send no more; not one of before a change of size."""
        return picture.width_px <= self._size[0] and picture.height_px <= self._size[1]

    def _send(self, picture: Sendable) -> None:
        if self._sender is None:
            return
        self._last, self._last_sent_s = picture, time.monotonic()
        width_px, height_px, i420 = picture
        error = self._sdk.do(self._sender, "sendVideoFrame", i420, width_px, height_px, 0, self._limited)
        if error == SUCCESS:
            self.sent += 1
            self._refusals = 0
            return
        self.refused += 1
        self._refusals += 1
        if self._refusals == 2 or (self._refusals == 1 and error != _TOO_EARLY):
            self._say(MediaRefused("sendVideoFrame", error))

    def _repeat(self) -> None:
        if not self._wanted:
            self._repeating = False
            return
        left_s = self._last_sent_s + REPEAT_AFTER_S - time.monotonic()
        if left_s <= 0:
            self._send(self._last or _blank(*self._size))
            left_s = REPEAT_AFTER_S
        self._loop.after(int(left_s * 1000) + 1, self._repeat_safely)


def _blank(width_px: int, height_px: int) -> Sendable:
    """A black picture."""
    pixels = width_px * height_px
    return Sendable(width_px, height_px, _BLACK * pixels + _GREY * (pixels // 2))
