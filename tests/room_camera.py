"""A camera that can be unplugged: a person in a room as MJPEG over HTTP, and how to tell who is in a picture."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from aiohttp import web
from numpy.typing import NDArray
from picture_lab import CLIPS, scene

WIDTH_PX, HEIGHT_PX, RATE_HZ = 640, 360, 15
_SWAY = 0.03
_FRAMES = 30

Bgr = NDArray[np.uint8]


@dataclass(frozen=True)
class Footage:
    """Pictures of a person in a room, and the exact matte of each."""

    pictures: list[Bgr]
    mattes: NDArray[np.float32]


def portrait_footage() -> Footage:
    """The portrait that a test dependency ships, swaying in a drawn room."""
    shifts = [_SWAY * math.sin(2 * math.pi * index / _FRAMES) for index in range(_FRAMES)]
    made = [scene(WIDTH_PX, HEIGHT_PX, shift=shift) for shift in shifts]
    return Footage([image.to_bgr() for image, _ in made], np.stack([matte for _, matte in made]))


def clip_footage() -> Footage:
    """A real person moving in a real room, from the test clips; skips the test where they are not."""
    clip, alpha = CLIPS / "syn_22fc0130_homebg2.mp4", CLIPS / "syn_22fc0130_homebg2_a.mp4"
    if not clip.is_file():
        pytest.skip("needs the clips with known mattes beside the repository")
    return Footage(_frames(clip), np.stack([frame[..., 1].astype(np.float32) / 255 for frame in _frames(alpha)]))


def _frames(path: Path) -> list[Bgr]:
    with av.open(str(path)) as container:
        decoded = (frame.to_ndarray(format="bgr24") for frame in container.decode(video=0))
        return [_same_size(np.asarray(frame, np.uint8)) for frame in decoded]


@dataclass
class RoomCamera:
    """Serves the stream for as long as it is plugged in."""

    footage: Footage
    url: str = ""
    plugged: bool = True
    never_person: NDArray[np.bool_] = field(init=False)
    always_person: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        margin = np.ones((25, 25), np.uint8)
        self.never_person = cv2.dilate((self.footage.mattes.max(0) > 0.01).astype(np.uint8), margin) == 0
        self.always_person = cv2.erode((self.footage.mattes.min(0) > 0.99).astype(np.uint8), margin) == 1

    @property
    def scenes(self) -> list[Bgr]:
        """What the camera sees."""
        return self.footage.pictures

    def room_share(self, picture: Bgr) -> float:
        """How much of the room is to be seen, 0 to 1: pixels that look as the room does where nobody ever stands."""
        seen = _same_size(picture)
        room = self.scenes[0]
        fits = np.abs(seen.astype(int) - room.astype(int)).max(2) < 24
        return float(fits[self.never_person].mean())

    def person_error(self, picture: Bgr) -> float:
        """How far the picture is from the person, 0 to 255, at the phase of her sway that fits best."""
        seen = _same_size(picture).astype(int)
        return min(float(np.abs(seen - each.astype(int))[self.always_person].mean()) for each in self.scenes)

    def behind_error(self, picture: Bgr, bgr: tuple[int, int, int]) -> float:
        """How far from one colour it is where nobody ever stands, 0 to 255."""
        seen = _same_size(picture).astype(int)
        return float(np.abs(seen - np.array(bgr))[self.never_person].mean())

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "multipart/x-mixed-replace;boundary=frame"})
        await response.prepare(request)
        pictures = [cv2.imencode(".jpg", each, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes() for each in self.scenes]
        index = 0
        while self.plugged:
            jpeg = pictures[index % len(pictures)]
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            await response.write(head.encode() + jpeg + b"\r\n")
            index += 1
            await asyncio.sleep(1 / RATE_HZ)
        return response

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if not self.plugged:
            raise web.HTTPServiceUnavailable
        return await self._stream(request)


@asynccontextmanager
async def room_camera(footage: Footage) -> AsyncIterator[RoomCamera]:
    """A running camera."""
    camera = RoomCamera(footage)
    application = web.Application()
    application.router.add_get("/room.mjpg", camera.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    camera.url = f"http://127.0.0.1:{runner.addresses[0][1]}/room.mjpg"
    try:
        yield camera
    finally:
        camera.plugged = False
        await runner.cleanup()


def difference(picture: Bgr, other: Bgr) -> float:
    """How far two pictures are apart, 0 to 255, whatever size they are sent in."""
    return float(np.abs(_same_size(picture).astype(int) - _same_size(other)).mean())


def _same_size(picture: Bgr) -> Bgr:
    if picture.shape[:2] == (HEIGHT_PX, WIDTH_PX):
        return picture
    return np.asarray(cv2.resize(picture, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_LINEAR), np.uint8)
