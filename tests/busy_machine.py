"""Judging what happens in time on a machine that may have no core to spare at the moment."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import Awaitable, Callable
from typing import ParamSpec

Arguments = ParamSpec("Arguments")

TRIES = 5


async def holds_soon(check: Callable[[], None], *, timeout_s: float = 60) -> None:
    """Try assertions again until they hold: what a lack of CPU spoilt is right a little later."""
    end_s = time.monotonic() + timeout_s
    while True:
        try:
            return check()
        except AssertionError:
            if time.monotonic() > end_s:
                raise
        await asyncio.sleep(0.1)


def in_a_quiet_moment(test: Callable[Arguments, Awaitable[None]]) -> Callable[Arguments, Awaitable[None]]:
    """A test of figures that a lack of CPU makes worse and nothing makes better: one good try of a few will do."""

    @functools.wraps(test)
    async def tried(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        for _ in range(TRIES - 1):
            with contextlib.suppress(Exception):
                return await test(*args, **kwargs)
        return await test(*args, **kwargs)

    return tried
