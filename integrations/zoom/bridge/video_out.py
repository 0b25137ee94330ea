"""Our camera: pictures from the ring to Zoom, at the size that Zoom asks for."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from eyeline.integrations.zoom.bridge.hold import SUCCESS, Held, SdkObject
from eyeline.integrations.zoom.bridge.loop import Loop
from eyeline.integrations.zoom.bridge.messages import Event, MediaRefused, VideoSize, VideoWanted
from eyeline.integrations.zoom.bridge.pictures import PictureReader

REPEAT_AFTER_S = 0.5
"""A picture that stands still goes out again, as Zoom takes a camera without pictures for a dead one."""

_TOO_EARLY = "SDKERR_WRONG_USAGE"
_BLACK, _GREY = b"\x10", b"\x80"


class VideoOut:
    """A camera for the whole stay; Zoom takes and leaves it several times.

    Args:
        sdk: The SDK.
        loop: Where to repeat what stands still.
        pictures: The newest one that is to be seen, at the size that was asked for.
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
        self._last = b""
        self._last_sent_s = 0.0
        self._refusals = 0
        self._repeating = False
        self._repeat_safely = sdk.safe("repeat", self._repeat)
        self.sent = 0
        self.passed_over = 0
        self.refused = 0
        loop.watch(wake, sdk.safe("wake", self._woken))

    def attach(self) -> None:
        """Make ourselves the camera of the meeting that has begun, which may be a breakout room."""
        helper = self._sdk.call("GetRawdataVideoSourceHelper")
        if helper is None:
            self._say(MediaRefused("GetRawdataVideoSourceHelper", "None"))
            return
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

    def _initialized(self, sender: SdkObject, sizes: SdkObject, suggested: SdkObject) -> None:
        self._sender = self._sdk.keep(sender)
        self._refusals = 0
        self._size_changed(sizes, suggested)

    def _size_changed(self, _sizes: SdkObject, suggested: SdkObject) -> None:
        width_px, height_px = (self._sdk.read(suggested, side) // 2 * 2 for side in ("width", "height"))
        if (width_px, height_px) != self._size:
            self._size, self._last = (width_px, height_px), b""
        self._say(VideoSize(width_px, height_px, self._sdk.read(suggested, "frame")))

    def _start(self) -> None:
        """Zoom refuses the very first picture, and then comes here again: so one is sent at once.

        It is a black one. What is left in the ring may be from before a pause in which the person has chosen to show
        less.
        """
        self._wanted = True
        self._say(VideoWanted(wanted=True))
        self._send(self._last or _blank(*self._size))
        if not self._repeating:
            self._repeating = True
            self._loop.after(int(REPEAT_AFTER_S * 1000), self._repeat_safely)

    def _stop(self) -> None:
        self._last = b""
        if self._wanted:
            self._wanted = False
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
        if self._wanted and (picture.width_px, picture.height_px) == self._size:
            self._send(picture.i420)
        else:
            self.passed_over += 1

    def _send(self, i420: bytes) -> None:
        if self._sender is None:
            return
        self._last, self._last_sent_s = i420, time.monotonic()
        error = self._sdk.do(self._sender, "sendVideoFrame", i420, *self._size, 0, self._limited)
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
            self._send(self._last)
            left_s = REPEAT_AFTER_S
        self._loop.after(int(left_s * 1000) + 1, self._repeat_safely)


def _blank(width_px: int, height_px: int) -> bytes:
    """A black picture."""
    return _BLACK * (width_px * height_px) + _GREY * (width_px * height_px // 2)
