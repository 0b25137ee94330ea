"""How long to wait before trying again: most losses are short, and a dead server is not to be hammered."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections.abc import Callable, Iterator

JITTER = 0.3
LOOK_S = 0.25
SLEPT_S = 5.0
# of nobody (RFC 5737, RFC 3849): what counts is the way out to it
_SOMEBODY = ("192.0.2.1", "2001:db8::1")

WayOut = tuple[str, ...]


def pauses_s(
    first_s: float = 0.3, *, often_s: float = 0.7, often_for_s: float = 30.0, most_s: float = 30.0
) -> Iterator[float]:
    """Pauses before the next tries: short for half a minute, then doubling up to a limit.

    Each is up to 30 % more or less, so that many clients do not return at once.

    Args:
        first_s: The first.
        often_s: Longest pause while the loss is young.
        often_for_s: For how long, in pauses alone, it counts as young.
        most_s: Longest pause.
    """
    pause_s, waited_s = first_s, 0.0
    while True:
        jittered_s = pause_s * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads load, guards no secret
        yield jittered_s
        waited_s += jittered_s
        pause_s = min(pause_s * 1.5, often_s) if waited_s < often_for_s else min(pause_s * 2, most_s)


def in_words(pause_s: float) -> str:
    """When a pause is over: `at once` or `in 12 s`."""
    return f"in {pause_s:.0f} s" if pause_s >= 1 else "at once"


def route_source(host: str) -> str:
    """The address of this machine from which `host` is reached; empty where there is no way. Sends nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((host, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return ""


def is_ours(address: str) -> bool:
    """Whether this machine still has an address. Sends nothing."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
            return True
    except OSError:
        return False


def way_out() -> WayOut:
    """The addresses of this machine from which others are reached, by IPv4 and by IPv6. Sends nothing."""
    return tuple(route_source(host) for host in _SOMEBODY)


def clock_s() -> float:
    """Time that goes on while the machine sleeps, where the system has such a clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.time()


async def pause(
    pause_s: float,
    *,
    way: Callable[[], WayOut] = way_out,
    now_s: Callable[[], float] = clock_s,
    look_s: float = LOOK_S,
) -> bool:
    """Wait, but no longer than until the network is back or another one, or the machine wakes.

    Args:
        pause_s: How long at most.
        way: Instead of the system's way out.
        now_s: Instead of the system's clock.
        look_s: Time between two looks.

    Returns:
        Whether there is such a reason to try again at once.
    """
    until_s, known = now_s() + pause_s, way()
    while (left_s := until_s - now_s()) > 0:
        asked_s = now_s()
        await asyncio.sleep(min(left_s, look_s))
        if now_s() - asked_s > look_s + SLEPT_S:
            return True
        found = way()
        if found != known and any(found):
            return True
        known = found
    return False
