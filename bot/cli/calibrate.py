"""`eyeline calibrate`: how your eyes look into this camera, and at the meeting."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from eyeline.bot.calibrations import Calibrations
from eyeline.bot.cli.output import write_line
from eyeline.bot.cli.progress import download_progress
from eyeline.bot.weights import face_tracker
from eyeline.config.errors import UsageError
from eyeline.config.logs import configure_logging
from eyeline.config.settings import load_settings
from eyeline.processing.gaze.calibration import Calibration
from eyeline.processing.gaze.direction import GazeDirection
from eyeline.processing.gaze.face_tracker import FaceTracker
from eyeline.processing.gaze.looking import SteadyLook
from eyeline.processing.kernels.warm_up import warm_up_gaze
from eyeline.processing.sources.fitting import Box
from eyeline.processing.sources.reader import FrameReader
from eyeline.processing.sources.spec import BrowserSpec, parse_video_source
from eyeline.processing.sources.video import video_reader

_LOOK_S = 2.0
_READY_S = 2.0
_PATIENCE_S = 8.0  # with a slow machine, or with somebody who has to find the light first


def calibrate(
    *,
    source: Annotated[str | None, Parameter(help="The camera, as in eyeline join.")] = None,
    config: Annotated[Path | None, Parameter(help="Settings file instead of ./eyeline.toml.")] = None,
) -> None:
    """Measure how your eyes look into the camera and at the meeting's window, two seconds each, for --gaze.

    It is kept for this camera. Without it, usual eyes are assumed. No picture is kept.
    """
    settings = load_settings({"video.source": source}, project_file=config).settings
    configure_logging(settings.log.level)
    spec = parse_video_source(settings.video.source)
    if isinstance(spec, BrowserSpec):
        raise UsageError("A browser's camera cannot be calibrated yet.", hint="Use --source camera.")
    with download_progress() as report:
        tracker = face_tracker(settings, report)
    warm_up_gaze()
    reader = video_reader(spec, Box(settings.video.width_px, settings.video.height_px, settings.video.fps))
    try:
        reader.open()
        camera = _asked(reader, tracker, "Look into the camera.")
        screen = _asked(reader, tracker, "Now look at the window of the meeting, as you usually do.")
    finally:
        reader.close()
        tracker.close()
    Calibrations().keep(str(spec), Calibration(camera, screen))
    write_line(f"Kept for {spec}.")


def _asked(reader: FrameReader, tracker: FaceTracker, wish: str) -> GazeDirection:
    """Ask, give some time to do it, and measure."""
    write_line(wish)
    begun_s = time.monotonic()
    look = SteadyLook()
    while (looked_s := time.monotonic() - begun_s - _READY_S) < _PATIENCE_S:
        if looked_s >= _LOOK_S and look.is_enough:
            break
        frame = reader.read()
        if frame is None:
            continue
        estimate = tracker.update(frame.image, frame.captured_at_s)
        if looked_s >= 0:
            look.take(estimate)
    return look.direction()
