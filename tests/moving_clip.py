"""A moving picture with texture, made by code: what encoders have to work for."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]

TICKS_HZ = 90_000
TIME_BASE = Fraction(1, TICKS_HZ)


@cache
def _texture(seed: int, size_px: int, grain_px: float) -> NDArray[np.float32]:
    """Noise of several scales, from -1 to 1, that fits to itself at its edges."""
    rng = np.random.default_rng(seed)
    total = np.zeros((size_px, size_px), np.float32)
    for octave in range(5):
        sigma = grain_px * 2**octave
        noise = rng.standard_normal((size_px, size_px)).astype(np.float32)
        blurred = cv2.GaussianBlur(np.tile(noise, (3, 3)), (0, 0), sigma)[size_px : 2 * size_px, size_px : 2 * size_px]
        total += blurred / blurred.std() * 0.5 ** (4 - octave)
    return np.asarray(np.clip(total / (2.5 * total.std()), -1, 1), np.float32)


@cache
def _layers(width_px: int, height_px: int) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """A room, a person before it, both somewhat larger than the picture, and the person's mask."""
    room = np.tile(_texture(1, 512, 1.2), (3, 5))[: height_px + 64, : width_px + 64] * 55 + 110
    person = np.tile(_texture(2, 512, 1.0), (3, 5))[: height_px + 64, : width_px + 64] * 45 + 140
    rows, columns = np.mgrid[0:height_px, 0:width_px].astype(np.float32)
    x, y = (columns / width_px - 0.5) * width_px / height_px, rows / height_px
    head = ((x / 0.16) ** 2 + ((y - 0.42) / 0.22) ** 2) < 1
    body = ((x / 0.42) ** 2 + ((y - 1.05) / 0.45) ** 2) < 1
    mask = cv2.GaussianBlur((head | body).astype(np.float32), (0, 0), height_px / 240)
    return room, person, np.asarray(mask, np.float32)


def planes(number: int, width_px: int, height_px: int, *, noise: float = 0.7) -> tuple[Plane, Plane, Plane]:
    """One picture: somebody before a room, swaying, with a camera's noise."""
    room, person, mask = _layers(width_px, height_px)
    sway = number / 30
    dx, dy = 20 * np.sin(3.3 * sway), 8 * np.sin(4.1 * sway)
    shift = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    moved_mask = cv2.warpAffine(mask, shift, (width_px, height_px), borderMode=cv2.BORDER_REPLICATE)
    shift[:, 2] -= 32
    moved = cv2.warpAffine(person, shift, (width_px, height_px))
    luma = room[:height_px, :width_px] * (1 - moved_mask) + moved * moved_mask
    grain = np.random.default_rng(number).standard_normal((height_px, width_px), np.float32)
    y = np.clip(luma + noise * grain, 16, 235).astype(np.uint8)
    small = cv2.resize(moved_mask, (width_px // 2, height_px // 2), interpolation=cv2.INTER_AREA)
    return y, (128 - 18 * small).astype(np.uint8), (128 + 22 * small).astype(np.uint8)


def frame(number: int, width_px: int = 1280, height_px: int = 720, *, at_s: float | None = None) -> av.VideoFrame:
    """One picture as a frame with a time at 90 kHz; 30 a second unless it is told."""
    made = av.VideoFrame(width_px, height_px, "yuv420p")
    for plane, pixels in zip(made.planes, planes(number, width_px, height_px), strict=True):
        padded = np.zeros((pixels.shape[0], plane.line_size), np.uint8)
        padded[:, : pixels.shape[1]] = pixels
        plane.update(padded.tobytes())
    made.pts = round((number / 30 if at_s is None else at_s) * TICKS_HZ)
    made.time_base = TIME_BASE
    return made


def luma(picture: av.VideoFrame) -> Plane:
    """The luma of a frame, without the padding of its rows."""
    plane = picture.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows[: picture.height, : picture.width]


def psnr_db(one: av.VideoFrame, other: av.VideoFrame) -> float:
    """How alike two pictures are in luma."""
    error = float(np.mean((luma(one).astype(np.float32) - luma(other)) ** 2))
    return 99.0 if error == 0 else 10 * float(np.log10(255**2 / error))
