"""A viewer that notes how bright a corner of each picture is, where nobody stands."""

from __future__ import annotations

import time
from typing import Final, Self

import numpy as np
from av import VideoFrame

from eyeline.bot.bench.viewer import Viewer, luma_of

_CORNER: Final = 16


class ShadeReceiver(Viewer):
    """The role. Answers one offer."""

    async def __aenter__(self) -> Self:
        self._pictures: list[tuple[float, int]] = []
        return await super().__aenter__()

    async def take(self) -> list[tuple[float, int]]:
        """When pictures were decoded since the last call, in monotonic seconds, and how bright their corner was."""
        taken, self._pictures = self._pictures, []
        return taken

    def see(self, frame: VideoFrame) -> None:
        """See `Viewer.see`."""
        luma = luma_of(frame)
        at_px = luma.shape[1] // 40
        corner = luma[at_px : at_px + _CORNER, at_px : at_px + _CORNER]
        self._pictures.append((time.monotonic(), int(np.median(corner))))
