"""The bridge as it is, with the double of `zoom_lab` instead of Zoom's SDK, for whoever starts bridges from asyncio."""

from __future__ import annotations

import asyncio
import ctypes
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from zoom_lab.stage import Stage

from eyeline.processing.frame import I420Image

TESTS = Path(__file__).parent


def double_command(stage: Stage, **scenario: Any) -> list[str]:
    """What starts it: variables and all, since a bridge is given none."""
    variables = {**stage.environment, "PYTHONPATH": str(TESTS), "ZOOM_LAB_SCENARIO": json.dumps(scenario)}
    return ["/usr/bin/env", *(f"{name}={value}" for name, value in variables.items()), *_BRIDGE]


_BRIDGE = (sys.executable, "-m", "zoom_lab.bridge")


class Zoom:
    """Zoom's end: what is to happen there, and what came."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    @property
    def notes(self) -> list[dict[str, Any]]:
        """All so far."""
        return self._stage.notes

    async def do(self, step: str, **about: Any) -> None:
        """Have something happen."""
        await asyncio.to_thread(lambda: self._stage.do(step, **about))

    async def noted(self, note: str, *, after: int = 0, **about: Any) -> dict[str, Any]:
        """Wait until the bridge did something."""
        return await asyncio.to_thread(lambda: self._stage.wait(note, after, **about))

    async def picture(self, such: Callable[[I420Image], bool] = lambda _: True) -> I420Image:
        """Wait for a picture that Zoom got and that is such."""
        found: list[I420Image] = []

        def fits(header: Any, i420: bytes) -> bool:
            image = I420Image(header.width_px, header.height_px, np.frombuffer(i420, np.uint8))
            found[:] = [image]
            return such(image)

        await asyncio.to_thread(lambda: self._stage.see(fits))
        return found[0]

    async def sees(self, bgr: tuple[int, int, int], near: float = 12.0) -> I420Image:
        """Wait until a picture has this colour in its upper corners, where no person is."""
        return await self.picture(lambda image: corner_error(image.to_bgr(), bgr) < near)


def corner_error(picture: NDArray[np.uint8], bgr: tuple[int, int, int]) -> float:
    """How far the upper corners are from a colour, 0 to 255."""
    height_px, width_px = picture.shape[:2]
    rows = slice(height_px // 40, height_px // 8)
    sides = (slice(width_px // 40, width_px // 8), slice(-width_px // 8, -width_px // 40))
    return max(float(np.abs(picture[rows, side].astype(int) - np.array(bgr)).mean()) for side in sides)


@pytest.fixture
def zoom_stage() -> Iterator[Stage]:
    """For one bridge at a time."""
    try:
        ctypes.CDLL("libglib-2.0.so.0")
    except OSError:
        pytest.skip("no libglib-2.0.so.0 on this machine")
    with Stage() as stage:
        yield stage
