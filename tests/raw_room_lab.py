"""A room whose every part carries a mark that coding does not wash out, a viewer who looks for it in each decoded
picture, and everything that can go wrong between the two.

The mark is colour in upright stripes, red against blue-green. Their mean is grey, so that a blurred room shows none.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np
import psutil
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection
from aiortc.mediastreams import MediaStreamError
from numpy.typing import NDArray
from picture_lab import scene
from worker_lab import DEADLY_COLOR, FAILURES, Fault, effects

from eyeline.config.errors import EyelineError
from eyeline.processing.card import StillCard
from eyeline.processing.frame import CapturedFrame, I420Image
from eyeline.processing.outgoing_video import OutgoingVideo
from eyeline.processing.rtc.aiortc_internals import LivePeerConnection
from eyeline.processing.tracks import OutgoingVideoTrack
from eyeline.processing.worker.limits import WorkerLimits
from eyeline.processing.worker.maker import OpenPicture
from eyeline.processing.worker.process import PictureProcess

RATE_HZ = 30
STRIPE_PX = 8
MARK_AT = 14.0
"""Mean difference of chroma between neighbouring stripes from which on the mark counts as seen; in the raw room it is
over 100, in what the codec makes of a plain background under 5."""

SIZES_PX = ((320, 240), (320, 180), (240, 136), (180, 320))
PERSON_LUMA = 200
LIVE_LUMA = 75
_PORTRAIT_STRENGTH = 0.35  # before stronger stripes the net finds nobody
_TILE_ROWS, _TILE_COLUMNS = 8, 20
_MARGIN = 8  # chroma samples beside the person, where the matte is soft


Paint = Callable[[tuple[int, int], int], I420Image]
"""Draws a person in the marked room, at a size in pixels and with the stripes moved by so many."""


@lru_cache
def striped(size_px: tuple[int, int], phase: int, strength: float = 1.0) -> I420Image:
    """The room alone."""
    image = I420Image.filled(*size_px, (110, 128, 128))
    sign = np.where((np.arange(size_px[0] // 2) * 2 + phase) // STRIPE_PX % 2 == 1, strength, -strength)
    image.u[:] = np.rint(128 - 58 * sign)
    image.v[:] = np.rint(128 + 92 * sign)
    return image


@lru_cache
def half_and_half(size_px: tuple[int, int], phase: int) -> I420Image:
    """The person is the whole left half, as a mask that needs no net has it."""
    room = striped(size_px, phase)
    image = I420Image(*size_px, room.data.copy())
    image.y[:, : size_px[0] // 2] = PERSON_LUMA
    for plane in (image.u, image.v):
        plane[:, : size_px[0] // 4] = 128
    return image


@lru_cache
def portrait(size_px: tuple[int, int], phase: int) -> I420Image:
    """A person whom the net knows for one, left of the middle."""
    taken, matte = scene(*size_px, shift=-0.25)
    room = striped(size_px, phase, _PORTRAIT_STRENGTH)
    image = I420Image.empty(*size_px)
    for target, person, behind in zip(image.planes, taken.planes, room.planes, strict=True):
        share = cv2.resize(matte, target.shape[::-1], interpolation=cv2.INTER_AREA)
        target[:] = np.rint(person * share + behind * (1 - share)).astype(np.uint8)
    return image


@dataclass
class Camera:
    """Thirty frames a second of a person in the left half of the picture, in the marked room.

    A thread of its own, as sources have; the attributes may be changed at any time.
    """

    offer: Callable[[CapturedFrame], None]
    paint: Paint = half_and_half
    sizes_px: tuple[tuple[int, int], ...] = SIZES_PX
    size_px: tuple[int, int] = field(init=False)
    phase: int = 0
    on: bool = True
    closed: bool = False
    poison: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.size_px = self.sizes_px[0]

    @contextmanager
    def running(self) -> Iterator[Camera]:
        thread = threading.Thread(target=self._run, name="camera")
        thread.start()
        try:
            yield self
        finally:
            self.closed = True
            thread.join()

    def frame(self) -> CapturedFrame:
        """The next one; poisoned where that was asked for."""
        size_px = self.size_px
        image = I420Image(*size_px, self.paint(size_px, self.phase).data.copy())
        image.y[: size_px[1] // 8, : size_px[0] // 8] += int(20 * np.sin(5 * time.monotonic()) + 20)  # never still
        image.y[0, 0] = self.poison.pop() if self.poison else Fault.NONE
        return CapturedFrame(image, time.monotonic())

    def _run(self) -> None:
        due_s = time.monotonic()
        while not self.closed:
            if self.on:
                self.offer(self.frame())
            due_s = max(due_s + 1 / RATE_HZ, time.monotonic())
            time.sleep(max(0.0, due_s - time.monotonic()))


def mark_in(u: NDArray[np.uint8], v: NDArray[np.uint8]) -> float:
    """How clearly the mark is to be seen in any part of the right half, given the two chroma planes."""
    return max(_mark_in_plane(plane[:, plane.shape[1] // 2 + _MARGIN :].astype(np.float32)) for plane in (u, v))


def _mark_in_plane(room: NDArray[np.float32]) -> float:
    bands = cv2.blur(room, (1, _TILE_ROWS))
    steps = np.abs(bands[:, STRIPE_PX // 2 :] - bands[:, : -STRIPE_PX // 2])
    return float(cv2.blur(steps, (_TILE_COLUMNS, 1)).max())


def planes_of(frame: av.VideoFrame) -> list[NDArray[np.uint8]]:
    """Y, U and V without padding."""
    image = I420Image.from_video_frame(frame)
    return list(image.planes)


@dataclass
class Viewer:
    """Decodes everything that arrives, by aiortc's own receiver, which drops nothing, and remembers the worst."""

    decoded: int = 0
    live: int = 0
    strongest_mark: float = 0.0
    marked: list[int] = field(default_factory=list)

    async def watch(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, av.VideoFrame)
                self.look(frame)

    def look(self, frame: av.VideoFrame) -> None:
        """Judge one picture."""
        y, u, v = planes_of(frame)
        mark = mark_in(u, v)
        self.strongest_mark = max(self.strongest_mark, mark)
        if mark > MARK_AT:
            self.marked.append(self.decoded)
        self.decoded += 1
        chest = y[y.shape[0] * 3 // 4 : -8, y.shape[1] // 5 : y.shape[1] * 3 // 10]
        self.live += bool(chest.mean() > LIVE_LUMA)  # the card is darker


@asynccontextmanager
async def viewed(track: MediaStreamTrack, viewer: Viewer) -> AsyncIterator[None]:
    """A WebRTC connection over this machine's own address, with the viewer at its other end."""
    sender = LivePeerConnection(RTCConfiguration(iceServers=[]))
    receiver = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    watching: list[asyncio.Task[None]] = []
    receiver.on("track", lambda each: watching.append(asyncio.create_task(viewer.watch(each))))
    try:
        sender.addTransceiver(track, "sendonly")
        await sender.setLocalDescription(await sender.createOffer())
        await receiver.setRemoteDescription(sender.localDescription)
        await receiver.setLocalDescription(await receiver.createAnswer())
        await sender.setRemoteDescription(receiver.localDescription)
        yield
    finally:
        for task in watching:
            task.cancel()
        ended = await asyncio.gather(*watching, return_exceptions=True)
        await sender.close()
        await receiver.close()
        for each in ended:
            if isinstance(each, Exception):
                raise each


@dataclass
class Show:
    """Camera, picture, outgoing video, connection and viewer, all running."""

    camera: Camera
    maker: PictureProcess
    viewer: Viewer
    folder: Path
    seed: int
    done: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    _next: list[Callable[[Show], Awaitable[None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    @property
    def weights(self) -> Path:
        return self.folder / "weights"

    @property
    def wall(self) -> Path:
        return self.folder / "wall.png"

    async def goes_on(self, pictures: int = 3, timeout_s: float = 60) -> None:
        """Wait until live pictures are decoded again."""
        wanted = self.viewer.live + pictures
        async with asyncio.timeout(timeout_s):
            while self.viewer.live < wanted:  # noqa: ASYNC110 - counted by another task
                await asyncio.sleep(0.01)

    async def wear(self, background: str) -> None:
        """Change the effects; faults may hinder that."""
        try:
            await asyncio.to_thread(self.maker.set_effects, effects(background))
        except EyelineError:
            self.refused += 1

    def signal_worker(self, number: signal.Signals) -> None:
        pid = self.maker.pid
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    async def strike(self) -> None:
        """One fault. Chance picks the order; none comes again before the others had their turn."""
        if not self._next:
            self._next = self.chance.sample(FAULTS, len(FAULTS))
        fault = self._next.pop()
        self.done[fault.__name__.strip("_")] += 1
        await fault(self)


def write_wall(path: Path) -> None:
    """A plain picture to stand behind the person."""
    cv2.imwrite(str(path), np.full((180, 320, 3), (90, 60, 30), np.uint8))


@asynccontextmanager
async def show(
    open_picture: OpenPicture,
    folder: Path,
    seed: int,
    *,
    paint: Paint = half_and_half,
    sizes_px: tuple[tuple[int, int], ...] = SIZES_PX,
) -> AsyncIterator[Show]:
    """Everything running, live pictures at the viewer's.

    Args:
        open_picture: What makes the pictures, in its process.
        folder: For the files that go missing.
        seed: Of chance.
        paint: What the camera sees.
        sizes_px: Of the pictures; no other is larger than the first one.
    """
    write_wall(folder / "wall.png")
    (folder / "weights").touch()
    video = OutgoingVideo(StillCard("Ada"), size_px=sizes_px[0])
    track = OutgoingVideoTrack(video)
    maker = PictureProcess(
        open_picture,
        max_size_px=sizes_px[0],
        on_picture=video.show,
        limits=WorkerLimits(frame_s=0.3, slowest_frame_s=0.8, ping_s=1.0, restart_delays_s=(0.0, 0.05)),
    )
    camera, viewer = Camera(maker.offer, paint, sizes_px), Viewer()
    try:
        with maker, camera.running():
            await asyncio.to_thread(maker.set_effects, effects("color:#203040"))
            async with viewed(track, viewer):
                acting = Show(camera, maker, viewer, folder, seed)
                await acting.goes_on()
                yield acting
    finally:
        track.stop()
        video.close()


async def _worker_killed(acting: Show) -> None:
    acting.signal_worker(signal.SIGKILL)


async def _worker_stopped(acting: Show) -> None:
    acting.signal_worker(signal.SIGSTOP)


async def _fork_server_killed(acting: Show) -> None:
    pid = acting.maker.pid
    with contextlib.suppress(psutil.Error):
        server = psutil.Process(pid).parent() if pid else None
        if server is not None and server.pid != os.getpid():
            server.kill()


async def _stage_failed(acting: Show) -> None:
    acting.camera.poison += acting.chance.choices(FAILURES, k=acting.chance.randint(1, 4))


async def _frame_was_slow(acting: Show) -> None:
    acting.camera.poison += [Fault.SLOW] * acting.chance.randint(1, 3)


async def _frame_hung(acting: Show) -> None:
    acting.camera.poison.append(acting.chance.choice((Fault.HANG, Fault.HANG_WITH_THE_INTERPRETER)))


async def _frame_crashed(acting: Show) -> None:
    acting.camera.poison.append(acting.chance.choice((Fault.CRASH, Fault.EXIT)))


async def _ring_overrun(acting: Show) -> None:
    def flood() -> None:
        for _ in range(100):
            acting.maker.offer(acting.camera.frame())

    await asyncio.to_thread(flood)


async def _source_switched(acting: Show) -> None:
    acting.camera.size_px = acting.chance.choice(acting.camera.sizes_px)
    acting.camera.phase = acting.chance.randrange(2 * STRIPE_PX)


async def _size_was_wrong(acting: Show) -> None:
    image = striped((1280, 720), 0)
    acting.maker.offer(CapturedFrame(image, time.monotonic()))


async def _source_lost(acting: Show) -> None:
    acting.camera.on = False
    await asyncio.sleep(acting.chance.choice((0.1, 0.7)))
    acting.camera.on = True


async def _effects_changed(acting: Show) -> None:
    choices = ("color:#000000", "color:#404040", "blur:100", "dusk", str(acting.wall))
    await acting.wear(acting.chance.choice(choices))


async def _effects_were_impossible(acting: Show) -> None:
    await acting.wear(acting.chance.choice(("no-such-name", str(acting.folder / "none.png"))))


async def _effects_crashed(acting: Show) -> None:
    await acting.wear(DEADLY_COLOR)


async def _effects_changed_while_killed(acting: Show) -> None:
    changing = asyncio.create_task(_effects_changed(acting))
    await asyncio.sleep(acting.chance.uniform(0, 0.05))
    acting.signal_worker(signal.SIGKILL)
    await changing


async def _weights_gone(acting: Show) -> None:
    acting.weights.unlink()
    acting.signal_worker(signal.SIGKILL)
    await asyncio.sleep(0.2)
    acting.weights.touch()


async def _background_gone(acting: Show) -> None:
    await acting.wear(str(acting.wall))
    acting.wall.unlink()
    acting.signal_worker(signal.SIGKILL)
    await asyncio.sleep(0.2)
    write_wall(acting.wall)


async def _paused(acting: Show) -> None:
    acting.maker.pause(True)
    await asyncio.sleep(acting.chance.choice((0.05, 0.6)))
    acting.maker.pause(False)


async def _event_loop_stalled(acting: Show) -> None:
    time.sleep(acting.chance.choice((0.05, 0.6)))  # noqa: ASYNC251 - that is the fault


FAULTS: tuple[Callable[[Show], Awaitable[None]], ...] = (
    *(_worker_killed,) * 4,
    *(_worker_stopped,) * 2,
    *(_stage_failed,) * 6,
    *(_frame_was_slow,) * 2,
    *(_frame_crashed,) * 2,
    *(_ring_overrun,) * 2,
    *(_source_switched,) * 2,
    *(_effects_changed,) * 3,
    *(_effects_changed_while_killed,) * 3,
    _frame_hung,
    _fork_server_killed,
    _size_was_wrong,
    _source_lost,
    _effects_were_impossible,
    _effects_crashed,
    _weights_gone,
    _background_gone,
    _paused,
    _event_loop_stalled,
)
"""The common ones several times."""
