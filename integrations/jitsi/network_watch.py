"""Notices what no connection tells at once: that the machine slept, or that its way into the network is another one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from eyeline.integrations.pauses import LOOK_S, SLEPT_S, clock_s, route_source

logger = logging.getLogger(__name__)


class NetworkWatch:
    """Looks four times a second, until cancelled.

    Args:
        peer: An address that media go to, or empty while there is none.
        on_wake: Called after the machine, or this program, stood still for several seconds, with how many.
        on_move: Called when the peer is reached from another address than before, with the new one and the old one.
        on_return: Called when the peer is reached again from the same address, after there was no way to it.
        look_s: Pause between looks.
        clock_s: Instead of the system's, in seconds.
        source: Instead of `route_source`.
    """

    def __init__(
        self,
        peer: Callable[[], str],
        *,
        on_wake: Callable[[float], Awaitable[None]],
        on_move: Callable[[str, str], Awaitable[None]],
        on_return: Callable[[], Awaitable[None]],
        look_s: float = LOOK_S,
        clock_s: Callable[[], float] = clock_s,
        source: Callable[[str], str] = route_source,
    ) -> None:
        self._peer = peer
        self._on_wake = on_wake
        self._on_move = on_move
        self._on_return = on_return
        self._look_s = look_s
        self._clock_s = clock_s
        self._source = source
        self._known = ("", "")
        self._away = False

    async def run(self) -> None:
        """Look."""
        while True:
            before_s = self._clock_s()
            await asyncio.sleep(self._look_s)
            stood_s = self._clock_s() - before_s - self._look_s
            if stood_s > SLEPT_S:
                logger.info("this machine stood still for %.0f s", stood_s)
                await self._on_wake(stood_s)
            await self._look()

    async def _look(self) -> None:
        peer = self._peer()
        source = self._source(peer) if peer else ""
        known_peer, known_source = self._known
        if not source:  # no network now: what counts is the address with which it comes back
            self._away = self._away or bool(peer)
            return
        was_away, self._away = self._away, False
        self._known = (peer, source)
        if not known_source or peer != known_peer:
            return
        if source != known_source:
            logger.info("the network changed: media leave from %s now", source)
            await self._on_move(source, known_source)
        elif was_away:
            logger.info("the network is back")
            await self._on_return()
