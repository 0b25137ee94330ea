"""Frames to measure with: a clip, or a person that is drawn where no clip is given."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np

from eyeline.processing.cover import cover
from eyeline.processing.decode import decode_video
from eyeline.processing.errors import SourceError
from eyeline.processing.frame import I420Image, Plane

MAX_PIXELS = 40_000_000
_SWAY = 0.03  # of the width
_SWAY_FRAMES = 60
_SOFTNESS = 300  # a drawn edge is as soft as the height over this
_NOISE = 3.0

# BGR
_WALL, _SHELF, _DOOR = (168, 182, 190), (70, 96, 128), (120, 140, 96)
_SKIN, _HAIR, _SHIRT, _EYE, _MOUTH = (150, 178, 226), (28, 38, 58), (120, 62, 40), (40, 34, 34), (98, 92, 176)


def clip_frames(path: Path, size_px: tuple[int, int], count: int) -> list[I420Image]:
    """The first frames of a video, filled to a size.

    Raises:
        SourceError: The file cannot be read, or holds no frame.
    """
    frames = []
    for frame in decode_video(path, max_pixels=MAX_PIXELS):
        frames.append(cover(frame.image, size_px))
        if len(frames) == count:
            break
    if not frames:
        raise SourceError(f"{path.name} holds no frame.")
    return frames


def drawn_frames(size_px: tuple[int, int], count: int) -> list[I420Image]:
    """A drawn person who sways in a drawn room; the same each time."""
    random = np.random.default_rng(0)
    room = _room(*size_px)
    frames = []
    for index in range(count):
        shift = _SWAY * math.sin(2 * math.pi * index / _SWAY_FRAMES)
        bgr = _with_person(room, shift) + random.normal(0, _NOISE, room.shape).astype(np.float32)
        frames.append(I420Image.from_bgr(np.clip(bgr, 0, 255).astype(np.uint8)))
    return frames


def _room(width_px: int, height_px: int) -> Plane:
    room = np.full((height_px, width_px, 3), _WALL, np.uint8)
    room[:, width_px * 3 // 4 :] = _DOOR
    for row in (0.2, 0.4, 0.6):
        top = round(row * height_px)
        room[top : top + height_px // 40, : width_px // 4] = _SHELF
        for book in range(9):
            left = width_px * book // 38
            color = (40 + 22 * book, 90 + 10 * (book % 3), 190 - 18 * book)
            room[top - height_px // (9 + book % 3) : top, left : left + width_px // 60] = color
    return room


def _with_person(room: Plane, shift: float) -> Plane:
    height_px, width_px = room.shape[:2]
    x, unit = width_px * (0.5 + shift), height_px / 100
    alpha, person = np.zeros((height_px, width_px), np.uint8), np.zeros_like(room)

    def ellipse(center: tuple[float, float], axes: tuple[float, float], color: tuple[int, int, int]) -> None:
        at = round(x + center[0] * unit), round(center[1] * unit)
        radii = round(axes[0] * unit), round(axes[1] * unit)
        cv2.ellipse(alpha, at, radii, 0, 0, 360, 255, -1)
        cv2.ellipse(person, at, radii, 0, 0, 360, color, -1)

    ellipse((0, 38), (17, 21), _HAIR)
    ellipse((0, 105), (36, 34), _SHIRT)
    ellipse((0, 68), (8, 12), _SKIN)
    ellipse((0, 43), (14, 18), _SKIN)
    for side in (-6, 6):
        ellipse((side, 40), (2.4, 1.3), (235, 235, 235))
        ellipse((side, 40), (1.2, 1.2), _EYE)
        ellipse((side, 36.5), (3, 0.6), _HAIR)
    ellipse((0, 46), (1.6, 3), (140, 166, 214))
    ellipse((0, 53), (5, 1.3), _MOUTH)
    soft = cv2.GaussianBlur(alpha, (0, 0), max(0.5, height_px / _SOFTNESS))[..., None].astype(np.float32) / 255
    return np.asarray(person * soft + room * (1 - soft), np.uint8)
