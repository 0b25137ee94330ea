"""A camera that can be unplugged: a person in a room as MJPEG over HTTP, and how to tell who is in a picture."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import cv2
import numpy as np
from aiohttp import web
from numpy.typing import NDArray
from picture_lab import scene

WIDTH_PX, HEIGHT_PX, RATE_HZ = 640, 360, 15
_SWAY = 0.03
_FRAMES = 30

Bgr = NDArray[np.uint8]


@dataclass
class RoomCamera:
    """Serves the stream for as long as it is plugged in."""

    url: str = ""
    plugged: bool = True
    viewers: int = 0
    scenes: list[Bgr] = field(default_factory=list)
    never_person: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), np.bool_))
    always_person: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), np.bool_))

    def __post_init__(self) -> None:
        shifts = [_SWAY * math.sin(2 * math.pi * index / _FRAMES) for index in range(_FRAMES)]
        made = [scene(WIDTH_PX, HEIGHT_PX, shift=shift) for shift in shifts]
        self.scenes = [image.to_bgr() for image, _ in made]
        mattes = np.stack([matte for _, matte in made])
        margin = np.ones((25, 25), np.uint8)
        self.never_person = cv2.dilate((mattes.max(0) > 0.01).astype(np.uint8), margin) == 0
        self.always_person = cv2.erode((mattes.min(0) > 0.99).astype(np.uint8), margin) == 1

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
        self.viewers += 1
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
async def room_camera() -> AsyncIterator[RoomCamera]:
    """A running camera."""
    camera = RoomCamera()
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


def _same_size(picture: Bgr) -> Bgr:
    if picture.shape[:2] == (HEIGHT_PX, WIDTH_PX):
        return picture
    return np.asarray(cv2.resize(picture, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_LINEAR), np.uint8)
