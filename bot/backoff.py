"""How long to wait before trying again."""

from __future__ import annotations

import random
from collections.abc import Iterator

JITTER = 0.2


def backoff_s(first_s: float = 1.0, most_s: float = 30.0) -> Iterator[float]:
    """Delays that double up to a limit, each 20 % more or less, so that many clients do not return at once."""
    delay_s = first_s
    while True:
        yield delay_s * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # spreads load, guards no secret
        delay_s = min(delay_s * 2, most_s)
