"""How somebody's eyes look into each of their cameras, kept from one meeting to the next.

Directions are as the tracker tells them. One that tells them otherwise has another number, and what was measured with
another one counts as not measured.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from pydantic import BaseModel, Field

from eyeline.bot.user_files import UserFile, data_folder
from eyeline.processing.gaze.calibration import UNCALIBRATED, Calibration
from eyeline.processing.gaze.direction import GazeDirection

logger = logging.getLogger(__name__)

MAX_CAMERAS = 64
TRACKER: Final = 2

_Degrees = tuple[float, float]


class _Camera(BaseModel):
    camera: _Degrees
    screen: _Degrees | None = None
    tracker: int = 1


class _Cameras(BaseModel):
    cameras: dict[str, _Camera] = Field(default_factory=dict)


class Calibrations:
    """By the source as it is written in settings; both methods block for a moment.

    Args:
        path: Instead of the file in the user's data folder.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._file = UserFile(path or data_folder() / "gaze.json", _Cameras)

    def recall(self, source: str) -> Calibration:
        """Of this source; the usual one where nobody has measured it."""
        found = self._file.read().cameras.get(source)
        if found is None:
            return UNCALIBRATED
        if found.tracker != TRACKER:
            logger.warning(
                "The gaze before %s was calibrated for another version: run `eyeline calibrate` again", source
            )
            return UNCALIBRATED
        return Calibration(GazeDirection(*found.camera), GazeDirection(*found.screen) if found.screen else None)

    def keep(self, source: str, calibration: Calibration) -> None:
        """Remember; cameras that were not measured for longest are forgotten."""
        screen = calibration.screen
        now = _Camera(
            camera=(calibration.camera.yaw_degrees, calibration.camera.pitch_degrees),
            screen=(screen.yaw_degrees, screen.pitch_degrees) if screen else None,
            tracker=TRACKER,
        )

        def changed(content: _Cameras) -> _Cameras:
            others = [item for item in content.cameras.items() if item[0] != source]
            return _Cameras(cameras=dict([*others[-(MAX_CAMERAS - 1) :], (source, now)]))

        self._file.change(changed)
