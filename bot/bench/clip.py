"""The clip that everything is measured with: made by code, or taken from a file.

A talking head before a still room, 10 s long, that begins anew without a jump: edges, texture, smooth movement and the
noise of a camera, so that it costs an encoder about as much as the real thing. Every picture carries its number, and
once a second a mark flashes.
"""

from __future__ import annotations

import dataclasses
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from eyeline.bot.bench.counter import draw_flash, draw_number
from eyeline.bot.bench.errors import BenchUsageError

Packed = NDArray[np.uint8]

FPS: Final = 30
FRAMES: Final = 300
FLASH_EVERY: Final = FPS
FLASH_FRAMES: Final = 3
_NOISE: Final = 2.5
_GRAIN_MARGIN_PX: Final = 128
_TURN: Final = 2 * np.pi


@dataclass(frozen=True, slots=True)
class Clip:
    """Raw I420 pictures in a file, one after the other, for any number of processes to map.

    Args:
        path: The file.
        width_px: Of each picture; a multiple of 4.
        height_px: Of each picture; a multiple of 4.
        frames: How many there are.
    """

    path: Path
    width_px: int
    height_px: int
    frames: int

    @classmethod
    def of(cls, arguments: dict[str, Any]) -> Self:
        """From the arguments of a process."""
        return cls(**{**arguments, "path": Path(arguments["path"])})

    def arguments(self) -> dict[str, Any]:
        """For another process; fits in JSON."""
        return {**dataclasses.asdict(self), "path": str(self.path)}

    def open(self) -> Packed:
        """The pictures, mapped: read-only `uint8` of shape `(frames, height * 3 / 2, width)`."""
        with self.path.open("rb") as file:
            flags = {"flags": mmap.MAP_SHARED | mmap.MAP_POPULATE} if hasattr(mmap, "MAP_POPULATE") else {}
            mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ, **flags)
        return np.frombuffer(mapped, np.uint8).reshape(self.frames, self.height_px * 3 // 2, self.width_px)


def make_clip(
    path: Path, *, width_px: int = 1280, height_px: int = 720, frames: int = FRAMES, replaced: bool = False
) -> Clip:
    """Write the clip that is made by code. Takes seconds.

    Args:
        path: Where to.
        width_px: A multiple of 4.
        height_px: A multiple of 4.
        frames: How many pictures.
        replaced: Whether the room is a picture put behind the head, which a camera's noise is not on.
    """
    return _write(path, _talking_head(width_px, height_px, frames, replaced=replaced), width_px, height_px)


def load_clip(path: Path, source: Path, *, width_px: int = 1280, height_px: int = 720, frames: int = FRAMES) -> Clip:
    """Write the first pictures of a video file as a clip, at this size. Takes seconds.

    Raises:
        BenchUsageError: The file cannot be read.
    """
    try:
        return _write(path, _pictures_of(source, width_px, height_px, frames), width_px, height_px)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise BenchUsageError(f"{source} cannot be measured with: {error}.", hint="Give a video file.") from error


def _write(path: Path, pictures: Iterator[Packed], width_px: int, height_px: int) -> Clip:
    written = 0
    with path.open("wb") as file:
        for picture in pictures:
            luma = picture[:height_px]
            draw_number(luma, written)
            draw_flash(luma, written % FLASH_EVERY < FLASH_FRAMES)
            file.write(picture.tobytes())
            written += 1
    if not written:
        raise ValueError("it has no pictures")
    return Clip(path, width_px, height_px, written)


def _pictures_of(source: Path, width_px: int, height_px: int, frames: int) -> Iterator[Packed]:
    with av.open(source) as container:
        if not container.streams.video:
            raise ValueError("it has no video")
        for number, frame in enumerate(container.decode(video=0)):
            if number == frames:
                return
            yield np.array(frame.reformat(width_px, height_px, "yuv420p").to_ndarray())


def _talking_head(width_px: int, height_px: int, frames: int, *, replaced: bool) -> Iterator[Packed]:
    random = np.random.default_rng(1)
    room, head = _room(random, width_px, height_px), _head(random, height_px)
    behind = cv2.cvtColor(room, cv2.COLOR_BGR2YUV_I420)
    grain = _grain(random, width_px, height_px)
    for number in range(frames):
        turn = _TURN * number / frames
        scene = room.copy()
        _put_head(scene, head, turn)
        picture = cv2.cvtColor(scene, cv2.COLOR_BGR2YUV_I420)
        top, left = random.integers(0, _GRAIN_MARGIN_PX, 2)
        noise = grain[top : top + picture.shape[0], left : left + width_px]
        noisy = np.asarray(cv2.add(picture, noise, dtype=cv2.CV_8U), np.uint8)
        yield np.where(picture == behind, picture, noisy) if replaced else noisy


def _grain(random: np.random.Generator, width_px: int, height_px: int) -> NDArray[np.int16]:
    """A camera's noise, of which every picture takes another part, for all its planes."""
    shape = (height_px * 3 // 2 + _GRAIN_MARGIN_PX, width_px + _GRAIN_MARGIN_PX)
    return np.rint(random.normal(0, _NOISE, shape)).astype(np.int16)


def _room(random: np.random.Generator, width_px: int, height_px: int) -> NDArray[np.uint8]:
    """A wall with a shelf full of books: BGR."""
    wall = _texture(random, width_px, height_px, (178, 186, 190), 10)
    left = 0
    while left < width_px:
        width = int(random.integers(width_px // 80, width_px // 30))
        for shelf in range(3):
            top, bottom = (int(height_px * (0.08 + 0.3 * shelf + part)) for part in (random.uniform(0, 0.05), 0.24))
            color = tuple(int(value) for value in random.integers(40, 200, 3))
            cv2.rectangle(wall, (left, top), (left + width - 2, bottom), color, -1)
            cv2.line(wall, (left + width // 2, top + 4), (left + width // 2, bottom - 4), (210, 210, 210), 1)
        left += width
    return np.asarray(cv2.GaussianBlur(wall, (0, 0), height_px / 600), np.uint8)


def _head(random: np.random.Generator, height_px: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Head and shoulders, BGR and opacity, on a square as high as the picture."""
    side, skin, hair, shirt = height_px, (120, 150, 200), (40, 50, 60), (130, 70, 50)
    texture = _texture(random, side, side, (128, 128, 128), 14).astype(np.float32) - 128
    color = np.zeros((side, side, 3), np.uint8)
    alpha = np.zeros((side, side), np.uint8)
    for center, axes, paint in (
        ((0.5, 1.06), (0.42, 0.40), shirt),
        ((0.5, 0.66), (0.10, 0.14), skin),
        ((0.5, 0.38), (0.185, 0.245), hair),
        ((0.5, 0.43), (0.155, 0.205), skin),
    ):
        at, size = (tuple(int(value * side) for value in pair) for pair in (center, axes))
        cv2.ellipse(color, at, size, 0, 0, 360, paint, -1, cv2.LINE_AA)
        cv2.ellipse(alpha, at, size, 0, 0, 360, 255, -1, cv2.LINE_AA)
    for eye in (0.435, 0.565):
        cv2.circle(color, (int(eye * side), int(0.40 * side)), side // 55, (230, 230, 230), -1, cv2.LINE_AA)
        cv2.circle(color, (int(eye * side), int(0.40 * side)), side // 120, (30, 30, 30), -1, cv2.LINE_AA)
    opacity = cv2.GaussianBlur(alpha, (0, 0), 1.2).astype(np.float32) / 255
    return np.clip(color + texture, 0, 255).astype(np.uint8), opacity.astype(np.float32)


def _put_head(scene: NDArray[np.uint8], head: tuple[NDArray[np.uint8], NDArray[np.float32]], turn: float) -> None:
    """Draw the head as it is at a point of the clip: it sways, nods and talks."""
    height_px, width_px = scene.shape[:2]
    color, opacity = head[0].copy(), head[1]
    mouth = int(abs(np.sin(turn * 14)) * height_px / 60) + 2
    at = (height_px // 2, int(0.535 * height_px))
    cv2.ellipse(color, at, (height_px // 26, mouth), 0, 0, 360, (50, 40, 110), -1, cv2.LINE_AA)
    begin = (width_px - height_px) // 2
    stage = scene[:, begin : begin + height_px]
    move = cv2.getRotationMatrix2D(
        (height_px / 2, height_px * 0.8), 4 * np.sin(turn * 5), 1.15 + 0.03 * np.sin(turn * 3)
    )
    move[:, 2] += (height_px * 0.05 * np.sin(turn * 4), height_px * 0.02 * np.sin(turn * 11))
    moved = cv2.warpAffine(color, move, (height_px, height_px), borderMode=cv2.BORDER_REPLICATE)
    shape = cv2.warpAffine(opacity, move, (height_px, height_px))
    stage[:] = cv2.blendLinear(moved, np.ascontiguousarray(stage), shape, 1 - shape)


def _texture(
    random: np.random.Generator, width_px: int, height_px: int, color: tuple[int, int, int], strength: float
) -> NDArray[np.uint8]:
    """A surface of one colour with coarse and fine irregularities: BGR."""
    rough = np.zeros((height_px, width_px), np.float32)
    for scale in (2, 8, 32):
        coarse = random.normal(0, 1, (height_px // scale + 2, width_px // scale + 2)).astype(np.float32)
        rough += cv2.resize(coarse, (width_px, height_px), interpolation=cv2.INTER_CUBIC) * strength / 2
    return np.asarray(np.clip(np.array(color, np.float32) + rough[..., None], 0, 255), np.uint8)
