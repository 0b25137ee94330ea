"""Where the time of a picture goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields

_SMOOTHING = 0.1


@dataclass(frozen=True, slots=True)
class StageTimes:
    """Milliseconds per frame, smoothed over about ten frames. 0 for a stage that does not run.

    Args:
        care_ms: Cutting, mirroring and brightening what the camera saw.
        gaze_ms: Finding the face and turning its eyes.
        mask_ms: The net, with what it is fed and calmed by.
        refine_ms: Mask to matte.
        background_ms: Fetching or blurring what is behind.
        compose_ms: Blending.
        total_ms: The whole frame.
    """

    care_ms: float = 0.0
    gaze_ms: float = 0.0
    mask_ms: float = 0.0
    refine_ms: float = 0.0
    background_ms: float = 0.0
    compose_ms: float = 0.0
    total_ms: float = 0.0

    def smoothed(self, newest: StageTimes) -> StageTimes:
        """These, moved a step towards those of the newest frame; that one as it is where there was none before."""
        if self.total_ms == 0:
            return newest
        return StageTimes(
            **{
                field.name: getattr(self, field.name) * (1 - _SMOOTHING) + getattr(newest, field.name) * _SMOOTHING
                for field in fields(StageTimes)
            }
        )


class StageClock:
    """Takes the times of one frame.

    Args:
        now_s: Tells the time, in seconds.
    """

    def __init__(self, now_s: Callable[[], float] = time.perf_counter) -> None:
        self._now_s = now_s
        self._begun_s = now_s()
        self._spent_ms: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the block to the stage `name`, as in `StageTimes`."""
        begun_s = self._now_s()
        yield
        key = f"{name}_ms"
        self._spent_ms[key] = self._spent_ms.get(key, 0.0) + (self._now_s() - begun_s) * 1e3

    def times(self) -> StageTimes:
        """What was counted, and the total since the clock was made."""
        return StageTimes(**self._spent_ms, total_ms=(self._now_s() - self._begun_s) * 1e3)
