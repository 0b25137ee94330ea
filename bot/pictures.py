"""Where the pictures are made, as the settings ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from eyeline.bot.weights import picture_spec
from eyeline.config.schema import Settings
from eyeline.processing.frame import ProcessedFrame
from eyeline.processing.gaze.status import GazeStatus
from eyeline.processing.tiers import TierChange
from eyeline.processing.worker.in_process import PictureThread
from eyeline.processing.worker.limits import WorkerLimits
from eyeline.processing.worker.maker import PictureMaker
from eyeline.processing.worker.process import PictureProcess

_IMPORT_OF_TORCH_S = 120.0  # the first time after a start of the machine, from a slow disk


def picture_maker(
    settings: Settings,
    *,
    on_picture: Callable[[ProcessedFrame], None],
    on_failure: Callable[[Exception], None],
    on_restart: Callable[[str], None],
    on_tier: Callable[[TierChange], None] = lambda _: None,
    on_trouble: Callable[[str], None] = lambda _: None,
    on_gaze: Callable[[GazeStatus], None] = lambda _: None,
) -> PictureMaker:
    """Not yet running. The callbacks come from threads.

    Args:
        settings: All of them.
        on_picture: Takes every picture.
        on_failure: Told of the first failed frame of a row.
        on_restart: Told why the process is started anew.
        on_tier: Told of each change of how much work masks are worth.
        on_trouble: Told why the background is not as it should be; empty when it is again.
        on_gaze: Told when the gaze correction begins or ends, and why.
    """
    spec, video = picture_spec(settings), settings.video
    if video.worker == "thread":
        return PictureThread(
            spec,
            on_picture=on_picture,
            on_failure=on_failure,
            on_tier=on_tier,
            on_trouble=on_trouble,
            on_gaze=on_gaze,
        )
    limits = WorkerLimits(memory_mb=video.worker_memory_mb)
    return PictureProcess(
        spec,
        max_size_px=(video.width_px, video.height_px),
        on_picture=on_picture,
        on_failure=on_failure,
        on_restart=on_restart,
        on_tier=on_tier,
        on_trouble=on_trouble,
        on_gaze=on_gaze,
        limits=_patient(limits) if spec.nets.needs_torch else limits,
    )


def _patient(limits: WorkerLimits) -> WorkerLimits:
    """While torch is imported, which takes a while from a slow disk, nobody else in that process can say a word.

    A worker that hangs in a frame is found as soon as ever, and what others see does not depend on either.
    """
    return replace(limits, prepare_s=_IMPORT_OF_TORCH_S, ping_s=_IMPORT_OF_TORCH_S)
