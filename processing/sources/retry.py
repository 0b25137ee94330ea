"""How long a lost source is left alone."""

from __future__ import annotations

import random
from dataclasses import dataclass

_JITTER = 0.2


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Time limits of a source's life.

    Args:
        first_delay_s: Wait after the first loss; doubles with each one that follows.
        max_delay_s: The longest wait.
        healthy_s: A source that delivered for this long starts again with the first delay.
        open_timeout_s: Time to deliver the first item.
        silence_timeout_s: Time that may pass between two items.
    """

    first_delay_s: float = 0.5
    max_delay_s: float = 10.0
    healthy_s: float = 10.0
    open_timeout_s: float = 10.0
    silence_timeout_s: float = 3.0


DEFAULT_POLICY = RetryPolicy()


class Backoff:
    """The delays of one source, 20 % more or less each, so that many sources do not come back at once."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._delay_s = policy.first_delay_s

    def next_s(self, ran_s: float) -> float:
        """The delay after an attempt that delivered for so long."""
        if ran_s >= self._policy.healthy_s:
            self._delay_s = self._policy.first_delay_s
        delay_s = self._delay_s
        self._delay_s = min(delay_s * 2, self._policy.max_delay_s)
        return delay_s * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311  # spreads load, guards no secret
