"""The outgoing video as a camera that other programs can choose (v4l2loopback; OBS's camera on macOS and Windows).

Fails closed like every way out: it takes what `OutgoingVideo` shows and nothing else, so others see the newest
processed picture or the card. The card is also the first thing that is sent, and the last.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from eyeline.processing.card import StillCard
from eyeline.processing.errors import VirtualCameraError
from eyeline.processing.frame import I420Image
from eyeline.processing.letterbox import letterboxed
from eyeline.processing.outgoing_video import OutgoingVideo, Shown
from eyeline.processing.sources.devices import LINUX, SYSTEM, camera_addresses
from eyeline.processing.sources.spec import CameraSpec, VideoSpec

MODPROBE: Final = "sudo modprobe v4l2loopback devices=1 exclusive_caps=1 card_label=Eyeline"

_INSTALL: Final = "Install the extra eyeline[camera], or run: python -m pip install pyvirtualcam"
_LINUX_HINT: Final = f"Install v4l2loopback (Debian: apt-get install v4l2loopback-dkms), then run: {MODPROBE}"
_OBS_HINT: Final = "Install OBS (obsproject.com), start its virtual camera once and stop it again."
_GROUP_HINT: Final = "Run: sudo usermod -aG video $USER; then log in again."
_CLOSE_LIMIT_S: Final = 2.0
# "'v4l2loopback' backend: No device found at ... . Did you ...?", a line for each kind of virtual camera.
_FIRST_SENTENCE: Final = re.compile(r"(?:'\w+' backend: )?(.+?)(?:\. |\.?\n|\.?$)")

_Result = TypeVar("_Result")


class VirtualCamera:
    """A virtual camera of this machine; an async context manager that holds the device.

    Args:
        card: Shown before and after everything else.
        size_px: Width and height, even. They stay, whatever size the pictures have.
        fps: What other programs are told.
        device: `/dev/video4`, or the name of the camera; empty for the first one.
    """

    def __init__(self, card: StillCard, *, size_px: tuple[int, int], fps: int, device: str = "") -> None:
        self._card = card
        self._size_px = size_px
        self._fps = fps
        self._wanted = device
        self._camera: Any = None
        self._thread = ThreadPoolExecutor(1, "virtual-camera")  # drivers block, and want one thread
        self.device = ""
        self.sent = 0

    async def __aenter__(self) -> Self:
        """Take the device.

        Raises:
            VirtualCameraError: There is none, it is taken, or the extra is not installed.
        """
        try:
            await self._run(self._open)
        except BaseException:
            self._thread.shutdown(wait=False)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(TimeoutError):  # a driver that does not let go is left behind
            async with asyncio.timeout(_CLOSE_LIMIT_S):
                await self._run(self._close)
        self._thread.shutdown(wait=False)

    @asynccontextmanager
    async def showing(self, video: OutgoingVideo) -> AsyncIterator[asyncio.Task[None]]:
        """Show what is on air, within the block.

        Yields:
            A task that never ends by itself, but with a `VirtualCameraError` when the device is lost.
        """
        task = asyncio.create_task(self._show(video), name="virtual camera")
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def _show(self, video: OutgoingVideo) -> None:
        number = 0
        while True:
            shown = await video.next_after(number)
            number = shown.number
            await self._run(partial(self._send_shown, shown, video))

    def _send_shown(self, shown: Shown, video: OutgoingVideo) -> None:
        fitted = letterboxed(shown.image or video.card_image(), *self._size_px)
        if shown.image is None or not video.hidden:  # hidden while it was scaled: it must not leave
            self._send(fitted)

    def _open(self) -> None:
        try:
            import pyvirtualcam
        except ImportError as error:
            raise VirtualCameraError(
                "pyvirtualcam is not installed, or not for this machine.", hint=_INSTALL
            ) from error
        width_px, height_px = self._size_px
        try:
            self._camera = pyvirtualcam.Camera(
                width_px, height_px, self._fps, fmt=pyvirtualcam.PixelFormat.I420, device=self._wanted or None
            )
        except Exception as error:  # whatever a driver's library has to say
            raise unusable(str(error)) from error
        self.device = self._camera.device
        self._send(self._card.image(*self._size_px))

    def _send(self, image: I420Image) -> None:
        try:
            self._camera.send(image.data)
        except Exception as error:
            raise VirtualCameraError(
                f"The virtual camera {self.device} takes no more pictures: {_one_line(str(error))}.",
                hint="Start it anew; another program may have taken the device away.",
            ) from error
        self.sent += 1

    def _close(self) -> None:
        with contextlib.suppress(VirtualCameraError):
            self._send(self._card.image(*self._size_px))
        self._camera.close()

    async def _run(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def unusable(reason: str) -> VirtualCameraError:
    """Why there is no virtual camera, and what to do, from what pyvirtualcam says."""
    hint = _LINUX_HINT if SYSTEM is LINUX else _OBS_HINT
    if SYSTEM is LINUX and "permission" in reason.lower():
        hint = _GROUP_HINT
    told = _FIRST_SENTENCE.match(reason)
    return VirtualCameraError(
        f"There is no virtual camera to use: {told[1] if told else 'no reason given'}.", hint=hint
    )


def apart_from(source: VideoSpec, device: str) -> VideoSpec:
    """The source, but never the virtual camera itself: it would show its own picture in its own picture.

    Args:
        source: As a person wants it.
        device: What the virtual camera has taken.

    Raises:
        VirtualCameraError: The source is the virtual camera, and no other camera is there.
        SourceMissingError: There is no such camera.
    """
    if not isinstance(source, CameraSpec) or SYSTEM is not LINUX:
        return source
    addresses = camera_addresses(source.device)
    others = [address for address in addresses if os.path.realpath(address) != os.path.realpath(device)]
    if others == addresses:
        return source
    if not others:
        raise VirtualCameraError(
            f"{device} is the virtual camera itself, and cannot be its own source.",
            hint="Plug a camera in, or name another one: --source camera:/dev/video0",
        )
    return CameraSpec(others[0])


def _one_line(reason: str) -> str:
    return " ".join(reason.split()).rstrip(".")
