"""Bench processes that are connected: a person directly with a viewer, or through a bot."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

from eyeline.bot.bench.errors import BenchError
from eyeline.bot.bench.packets import CodedClip
from eyeline.bot.bench.process import BenchProcess
from eyeline.bot.bench.relay import Relay
from eyeline.bot.bench.timeline import Passage, passage

_FIRST_PICTURE_S: Final = 60.0
_POLL_S: Final = 0.2
_IN_FLIGHT_S: Final = 0.6


@dataclass(frozen=True, slots=True)
class Recording:
    """What sender, bot and receiver noted in one window.

    Args:
        passage: Of the pictures.
        sent: As `Sender.sent`.
        seen: As `Receiver.seen`.
        bot: As `Bot.counts`, at the end; empty without a bot.
        bot_before: Likewise, at the beginning.
        bot_cpu_s: CPU time of the bot's processes in the window.
        bot_rss_mb: Time since the beginning of the window in s, and the bot's resident memory.
    """

    passage: Passage
    sent: dict[str, Any]
    seen: dict[str, Any]
    bot: dict[str, Any] = field(default_factory=dict)
    bot_before: dict[str, Any] = field(default_factory=dict)
    bot_cpu_s: float = 0.0
    bot_rss_mb: list[tuple[float, float]] = field(default_factory=list)


class Topology:
    """A sender, a receiver, and maybe a bot between them; an async context manager.

    Args:
        coded: What is sent.
        bot: A role to stand between, as for `BenchProcess`; not started yet.
        ingest: The path from the sender to the bot.
        outgoing: The path from the bot to the receiver.
    """

    def __init__(
        self,
        coded: CodedClip,
        bot: BenchProcess | None = None,
        *,
        ingest: Relay | None = None,
        outgoing: Relay | None = None,
    ) -> None:
        self._sender = BenchProcess("sender:Sender", coded=coded.arguments())
        self._receiver = BenchProcess("receiver:Receiver", width_px=coded.width_px)
        self._bot = bot
        self._ingest = ingest
        self._outgoing = outgoing
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Start all and wait for the first picture at the other end.

        Raises:
            BenchError: A process does not start, or no picture comes.
        """
        async with AsyncExitStack() as stack:
            for relay in (self._ingest, self._outgoing):
                if relay is not None:
                    await stack.enter_async_context(relay)
            processes = [self._sender, self._receiver, *([self._bot] if self._bot else [])]
            for process in processes:
                stack.push_async_callback(process.close)
            await asyncio.gather(*(process.__aenter__() for process in processes))
            if self._bot is None:
                await _connect(self._sender, self._receiver, self._outgoing)
            else:
                await _connect(self._sender, self._bot, self._ingest)
                await _connect(self._bot, self._receiver, self._outgoing)
            await self._first_picture()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def record(self, seconds: float, *, warm_up_s: float) -> Recording:
        """Let it run, and tell what happened after the warm-up."""
        await asyncio.sleep(warm_up_s)
        tree = self._bot.tree if self._bot else None
        before = await self._bot.call("counts") if self._bot else {}
        if self._bot is not None:
            await self._bot.call("begin")
        begin_s, cpu_s = time.monotonic(), tree.cpu_s() if tree else 0.0
        memory = []
        while (left_s := begin_s + seconds - time.monotonic()) > 0:
            if tree is not None:
                memory.append((time.monotonic() - begin_s, tree.rss_mb()))
            await asyncio.sleep(min(left_s, 1.0))
        used_s = tree.cpu_s() - cpu_s if tree else 0.0
        end_s = time.monotonic()
        after = await self._bot.call("counts") if self._bot else {}
        await asyncio.sleep(_IN_FLIGHT_S)
        sent, seen = await self._sender.call("sent"), await self._receiver.call("seen")
        journey = passage(sent["pictures"], seen["pictures"], begin_s=begin_s, end_s=end_s)
        return Recording(journey, sent, seen, after, before, used_s, memory)

    async def _first_picture(self) -> None:
        until_s = time.monotonic() + _FIRST_PICTURE_S
        while time.monotonic() < until_s:
            seen = await self._receiver.call("seen")
            if any(number is not None for number, _ in seen["pictures"]):
                return
            await asyncio.sleep(_POLL_S)
        raise BenchError(
            f"No picture came to the receiver within {_FIRST_PICTURE_S:.0f} s.",
            hint="The machine needs a network address, and a firewall must let its own UDP pass.",
        )


async def _connect(first: BenchProcess, second: BenchProcess, relay: Relay | None) -> None:
    offer = await first.call("offer")
    answer = await second.call("answer", sdp=await relay.offered(offer) if relay else offer)
    await first.call("accept", sdp=relay.answered(answer) if relay else answer)
