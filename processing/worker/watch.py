"""Whether a worker is still worth waiting for."""

from __future__ import annotations

import time

from eyeline.processing.worker.limits import Patience, WorkerLimits
from eyeline.processing.worker.link import Link, WorkerLostError
from eyeline.processing.worker.messages import Ping


class EffectsTooSlowError(WorkerLostError):
    """The worker does not get done with effects."""


class Watch:
    """Over one worker, from its supervisor's thread.

    Args:
        link: To the worker.
        limits: When it is to be given up.
    """

    def __init__(self, link: Link, limits: WorkerLimits) -> None:
        self._link = link
        self._limits = limits
        self._ping_at_s = time.monotonic()
        self._sign_within_s = limits.start_s
        self._sign = Patience()
        self._sign.begin(self._ping_at_s)
        self.preparing = Patience()

    def take_sign(self) -> None:
        """The worker has shown that it lives."""
        self._sign.end()
        self._sign_within_s = self._limits.ping_s

    def look(self, usual_frame_s: float) -> None:
        """Ask it for a sign of life when that is due. To be called ten times a second.

        Args:
            usual_frame_s: What a frame usually takes.

        Raises:
            WorkerLostError: It hangs or takes too much memory.
        """
        now_s = time.monotonic()
        first = self._link.answered_number == 0
        limit_s = self._limits.for_frame_s(0.0 if first else usual_frame_s)
        if self._link.frame_patience.waited_s(now_s) > limit_s:
            raise WorkerLostError(f"it did not get done with a frame in {limit_s * 1e3:.0f} ms")
        if self.preparing.waited_s(now_s) > self._limits.prepare_s:
            raise EffectsTooSlowError(f"it did not get done with new effects in {self._limits.prepare_s:.0f} s")
        if self._sign.waited_s(now_s) > self._sign_within_s:
            raise WorkerLostError(f"it gave no sign of life for {self._sign_within_s:.1f} s")
        if now_s >= self._ping_at_s:
            self._ping_at_s = now_s + self._limits.ping_every_s
            self._check_memory()
            if not self._sign.waits:
                self._sign.begin(now_s)
                self._link.tell(Ping())

    def _check_memory(self) -> None:
        used_mb = self._link.memory_mb
        if used_mb > self._limits.memory_mb:
            raise WorkerLostError(f"it took {used_mb:.0f} MB of memory, more than {self._limits.memory_mb} MB")
