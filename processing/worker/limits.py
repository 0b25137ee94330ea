"""How much time and memory a worker gets, and how soon after an end the next one begins."""

from __future__ import annotations

from dataclasses import dataclass

_LONGEST_LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """When a worker is given up.

    Args:
        memory_mb: Resident memory.
        frame_s: For one frame, at least.
        usual_times: For one frame: so many times the usual time, where that is more.
        slowest_frame_s: For one frame, at most; and for the first one.
        prepare_s: For getting effects ready.
        start_s: For its first sign of life: without a fork server it has everything to import.
        ping_s: For answering a ping.
        ping_every_s: How often it is asked, and its memory looked at.
        restart_delays_s: Before the first, second, ... restart in a row; the last one stays.
        good_after_s: So long a life ends the row.
    """

    memory_mb: int = 1500
    frame_s: float = 0.5
    usual_times: float = 5.0
    slowest_frame_s: float = 1.5
    prepare_s: float = 20.0
    start_s: float = 20.0
    ping_s: float = 1.5
    ping_every_s: float = 0.5
    restart_delays_s: tuple[float, ...] = (0.0, 0.25, 0.5, 1.0, 2.0)
    good_after_s: float = 5.0

    def for_frame_s(self, usual_s: float) -> float:
        """For one frame, where it usually takes `usual_s`; 0 before the first one."""
        if usual_s == 0:
            return self.slowest_frame_s
        return min(max(self.frame_s, self.usual_times * usual_s), self.slowest_frame_s)


class Patience:
    """How long an answer has been waited for. Time in which this process itself stood still does not count.

    A laptop that slept or a machine without a free core would otherwise look like a worker that hangs.
    """

    def __init__(self) -> None:
        self._looked_at_s: float | None = None
        self._waited_s = 0.0

    def begin(self, now_s: float) -> None:
        """An answer is due from now on."""
        self._looked_at_s, self._waited_s = now_s, 0.0

    def end(self) -> None:
        """It came."""
        self._looked_at_s = None

    @property
    def waits(self) -> bool:
        """Whether an answer is due."""
        return self._looked_at_s is not None

    def waited_s(self, now_s: float) -> float:
        """To be asked ten times a second while waiting."""
        if self._looked_at_s is None:
            return 0.0
        self._waited_s += min(max(0.0, now_s - self._looked_at_s), _LONGEST_LOOK_S)
        self._looked_at_s = now_s
        return self._waited_s


class RestartDelays:
    """Grows with restarts in a row, so that a worker that cannot live does not take the machine with it."""

    def __init__(self, limits: WorkerLimits) -> None:
        self._limits = limits
        self._in_a_row = 0

    def next_s(self, lived_s: float) -> float:
        """How long to wait after a worker that did its work for `lived_s`."""
        if lived_s >= self._limits.good_after_s:
            self._in_a_row = 0
        delays_s = self._limits.restart_delays_s
        delay_s = delays_s[min(self._in_a_row, len(delays_s) - 1)]
        self._in_a_row += 1
        return delay_s
