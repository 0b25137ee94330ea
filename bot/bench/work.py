"""Work on a picture that costs a known time on a CPU, and holds no lock of the interpreter."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from eyeline.models.errors import MissingModelError
from eyeline.processing.frame import CapturedFrame, ProcessedFrame
from eyeline.processing.gallery import Gallery
from eyeline.processing.mask import PersonMask
from eyeline.processing.picture import Picture

_SURFACE: Final = np.random.default_rng(1).integers(0, 255, (96, 128), np.uint8)


def burn(cpu_ms: float) -> None:
    """Use so much CPU time in this thread, in steps of some hundredths of a millisecond."""
    until_s = time.thread_time() + cpu_ms / 1000
    blurred = np.empty_like(_SURFACE)
    while time.thread_time() < until_s:
        cv2.GaussianBlur(_SURFACE, (9, 9), 2, dst=blurred)


@dataclass(frozen=True, slots=True)
class WorkSpec:
    """An `OpenPicture`: shows what comes, after some work.

    Args:
        cpu_ms: For each picture.
    """

    cpu_ms: float

    def __call__(self) -> Picture:
        """Make the picture."""
        return WorkingPicture(self.cpu_ms)


class WorkingPicture(Picture):
    """A picture that has no use for weights; the counter must stay legible, so only the effect `none` fits."""

    def __init__(self, cpu_ms: float) -> None:
        super().__init__(_no_mask, Gallery())
        self._cpu_ms = cpu_ms

    def process(self, frame: CapturedFrame) -> ProcessedFrame:
        """As `Picture.process`, later."""
        burn(self._cpu_ms)
        return super().process(frame)


def _no_mask() -> PersonMask:
    raise MissingModelError("The measurement works without a net.")
