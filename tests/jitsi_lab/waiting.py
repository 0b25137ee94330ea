"""Waiting for what other tasks bring about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

POLL_S = 0.05


async def eventually(probe: Callable[[], Value], *, timeout_s: float = 60.0, what: str = "") -> Value:
    """The first true value of `probe`.

    Raises:
        AssertionError: It did not become true in time.
    """
    deadline = asyncio.get_running_loop().time() + timeout_s
    while not (value := probe()):
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"waited {timeout_s} s in vain{': ' + what if what else ''}; last value {value!r}")
        await asyncio.sleep(POLL_S)
    return value
