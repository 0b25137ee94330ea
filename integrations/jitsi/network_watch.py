"""Notices what no connection tells at once: that the machine slept, or that its way into the network is another one."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)

LOOK_S = 0.25
_SLEPT_S = 5.0


def route_source(host: str) -> str:
    """The address of this machine from which `host` is reached; empty where there is no way. Sends nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((host, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return ""


def _clock_s() -> float:
    """Time that goes on while the machine sleeps, where the system has such a clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.time()


class NetworkWatch:
    """Looks four times a second, until cancelled.

    Args:
        peer: An address that media go to, or empty while there is none.
        on_wake: Called after the machine, or this program, stood still for several seconds, with how many.
        on_move: Called when the peer is reached from another address than before, with the new one.
        look_s: Pause between looks.
        clock_s: Instead of the system's, in seconds.
        source: Instead of `route_source`.
    """

    def __init__(
        self,
        peer: Callable[[], str],
        *,
        on_wake: Callable[[float], Awaitable[None]],
        on_move: Callable[[str], Awaitable[None]],
        look_s: float = LOOK_S,
        clock_s: Callable[[], float] = _clock_s,
        source: Callable[[str], str] = route_source,
    ) -> None:
        self._peer = peer
        self._on_wake = on_wake
        self._on_move = on_move
        self._look_s = look_s
        self._clock_s = clock_s
        self._source = source
        self._known = ("", "")

    async def run(self) -> None:
        """Look."""
        while True:
            before_s = self._clock_s()
            await asyncio.sleep(self._look_s)
            stood_s = self._clock_s() - before_s - self._look_s
            if stood_s > _SLEPT_S:
                logger.info("this machine stood still for %.0f s", stood_s)
                await self._on_wake(stood_s)
            await self._look()

    async def _look(self) -> None:
        peer = self._peer()
        source = self._source(peer) if peer else ""
        known_peer, known_source = self._known
        if not source:  # no network now: what counts is the address with which it comes back
            return
        self._known = (peer, source)
        if known_source and peer == known_peer and source != known_source:
            logger.info("the network changed: media leave from %s now", source)
            await self._on_move(source)
