"""When encoding gets too slow: less effort first, a smaller picture last, and back with patience."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

from eyeline.processing.rtc.effort import Effort

WINDOW_S: Final = 2.0
_JUDGE_EVERY_S: Final = 0.2
_TOO_SLOW: Final = 0.85
_EASY: Final = 0.45
_EASY_S: Final = 6.0
_LONGEST_EASY_S: Final = 60.0
_RELAPSE_S: Final = 15.0
_LEAST_SAMPLES: Final = 10
_SLOW_FRAMES: Final = 0.95
_MOST_FRAMES: Final = 0.5


@dataclass(frozen=True, slots=True)
class LoadStep:
    """A step of the ladder.

    Args:
        effort: Of the encoder.
        max_height_px: Of the picture; `None` for any.
    """

    effort: Effort
    max_height_px: int | None = None


LADDER: Final = (
    LoadStep(Effort.FULL),
    LoadStep(Effort.MEDIUM),
    LoadStep(Effort.LOW),
    LoadStep(Effort.LEAST),
    LoadStep(Effort.LEAST, 540),
    LoadStep(Effort.LEAST, 360),
)


class EncodeLoad:
    """Chooses a step by how long encoding took in the last seconds, measured against the time there is for a frame.

    Less effort is hardly seen, so the slowest frames decide; a smaller picture is, so there most frames have to be too
    slow. A step that had to be left soon after it was taken again is waited for twice as long the next time.

    Args:
        frame_interval_s: From one frame to the next.
    """

    def __init__(self, frame_interval_s: float = 1 / 30) -> None:
        self._frame_interval_s = frame_interval_s
        self._index = 0
        self._samples: deque[tuple[float, float]] = deque()
        self._changed_at_s: float | None = None
        self._judged_at_s = -math.inf
        self._raised_at_s: float | None = None
        self._easy_since_s: float | None = None
        self._patience_s = _EASY_S

    @property
    def step(self) -> LoadStep:
        """What to encode with."""
        return LADDER[self._index]

    def encoded(self, encode_s: float, now_s: float) -> LoadStep:
        """Note how long a frame took, and what to encode the next with.

        Args:
            encode_s: Of wall-clock time.
            now_s: When it was done, on a clock that never runs back.
        """
        self._samples.append((now_s, encode_s))
        while self._samples[0][0] < now_s - WINDOW_S:
            self._samples.popleft()
        if self._changed_at_s is None:
            self._changed_at_s = now_s
        is_due = now_s >= max(self._changed_at_s + WINDOW_S, self._judged_at_s + _JUDGE_EVERY_S)
        if is_due and len(self._samples) >= _LEAST_SAMPLES:
            self._judged_at_s = now_s
            self._judge(now_s)
        return self.step

    def _judge(self, now_s: float) -> None:
        slow = self._share(_SLOW_FRAMES)
        if slow >= _EASY:
            self._easy_since_s = None
        elif self._easy_since_s is None:
            self._easy_since_s = now_s
        if self._index + 1 < len(LADDER):
            next_is_seen = LADDER[self._index + 1].max_height_px is not None
            if (self._share(_MOST_FRAMES) if next_is_seen else slow) > _TOO_SLOW:
                self._sink(now_s)
                return
        if self._index and self._easy_since_s is not None and now_s - self._easy_since_s >= self._patience_s:
            self._raised_at_s = now_s
            self._move(-1, now_s)

    def _sink(self, now_s: float) -> None:
        if self._raised_at_s is not None and now_s - self._raised_at_s < _RELAPSE_S:
            self._patience_s = min(_LONGEST_EASY_S, self._patience_s * 2)
        self._move(1, now_s)

    def _move(self, steps: int, now_s: float) -> None:
        self._index += steps
        self._samples.clear()
        self._changed_at_s = now_s
        self._easy_since_s = None

    def _share(self, of_frames: float) -> float:
        """What part of a frame's time is enough for so many of the frames."""
        ordered = sorted(encode_s for _, encode_s in self._samples)
        return ordered[min(len(ordered) - 1, int(len(ordered) * of_frames))] / self._frame_interval_s
