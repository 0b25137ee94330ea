"""What comes before the eyes of a real face: a hand of its own skin, a cup, a sleeve, hair; fast or slowly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from gaze_lab import portrait_bgr
from numpy.typing import NDArray

from eyeline.processing.frame import I420Image

_SCALE = 2.0
_EYES = np.array([184.0, 100.0]) * _SCALE  # between them, in the scaled portrait
_CHEEK = slice(258, 274), slice(310, 326)
_FAR_PX = 420.0
_HOLD = 4


@dataclass(frozen=True, slots=True)
class Covered:
    """One frame.

    Args:
        image: What the camera sees.
        cover: How much of each pixel is hidden: `(rows, columns)`, 0 to 1.
        number: Of the frame, from the first in which something may be seen.
    """

    image: I420Image
    cover: NDArray[np.float32]
    number: int


def sweep(kind: str, frames: int, way: tuple[int, int], *, aside: tuple[int, int] = (0, 0)) -> Iterator[Covered]:
    """Something comes in so many frames, stays, and leaves as fast.

    Args:
        kind: hand, palm, cup, sleeve or hair.
        frames: Until it is where it stays.
        way: From where it comes: -1, 0 or 1 across and down.
        aside: From the middle between the eyes, where it stays, in pixels.
    """
    face = portrait_bgr(_SCALE)
    thing = _thing(kind, face[_CHEEK].reshape(-1, 3).mean(axis=0))
    shares = [1 - (k + 1) / frames for k in range(frames)]
    for number, share in enumerate([*shares, *[0.0] * _HOLD, *shares[::-1], 1.0]):
        place = _EYES + aside - np.array(thing.shape[1::-1]) / 2 + np.array(way) * _FAR_PX * share
        yield _laid(face, thing, place, number)


def _laid(face: NDArray[np.uint8], thing: NDArray[np.float32], place: NDArray[np.floating], number: int) -> Covered:
    move = np.array([[1, 0, place[0]], [0, 1, place[1]]], np.float32)
    placed = cv2.warpAffine(thing, move, (face.shape[1], face.shape[0]))
    cover = placed[..., 3]
    mixed = face * (1 - cover[..., None]) + placed[..., :3]
    return Covered(I420Image.from_bgr(np.rint(mixed).clip(0, 255).astype(np.uint8)), cover, number)


def _thing(kind: str, skin: NDArray[np.floating]) -> NDArray[np.float32]:
    """BGR, already weighed, and how much it hides: `(rows, columns, 4)`."""
    random = np.random.default_rng(4)
    size, colour, rough = {
        "hand": ((300, 190), skin, 9.0),
        "palm": ((260, 330), skin, 5.0),
        "cup": ((190, 180), np.array([228.0, 226, 222]), 3.0),
        "sleeve": ((200, 420), np.array([60.0, 45, 40]), 8.0),
        "hair": ((300, 160), np.array([40.0, 50, 70]), 9.0),
    }[kind]
    grain = cv2.GaussianBlur(random.standard_normal(size).astype(np.float32), (0, 0), 15)
    paint = colour + (rough * grain / grain.std() + 2 * random.standard_normal(size))[..., None]
    cover = np.full(size, 1.0, np.float32)
    if kind == "hand":
        cover = _fingers(size, paint, skin)
    elif kind == "hair":
        cover[:] = 0
        for x in np.linspace(4, size[1] - 4, 30):
            ends = (int(x), 0), (int(x + random.normal(0, 12)), size[0])
            cv2.line(cover, *ends, 1.0, 3, cv2.LINE_AA)
    cover = cv2.GaussianBlur(cover, (0, 0), 0.8)
    return np.dstack((paint * cover[..., None], cover)).astype(np.float32)


def _fingers(size: tuple[int, int], paint: NDArray[np.floating], skin: NDArray[np.floating]) -> NDArray[np.float32]:
    cover = np.zeros(size, np.float32)
    wide = size[1] / 4.2
    for index, top in enumerate((0.1, 0.02, 0.0, 0.12)):
        x = int(wide * (index + 0.6))
        cv2.line(cover, (x, int(size[0] * top + wide / 2)), (x, int(size[0] * 0.6)), 1.0, int(wide * 0.93))
        gap = int(x + wide / 2)
        cv2.line(paint, (gap, int(size[0] * 0.15)), (gap, int(size[0] * 0.5)), tuple((skin * 0.55).tolist()), 4)
    cover[int(size[0] * 0.5) :, int(size[1] * 0.05) : int(size[1] * 0.95)] = 1
    return cover
