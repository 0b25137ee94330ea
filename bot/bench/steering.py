"""How quickly commands change the picture that a viewer decodes, in a quiet room and in one that is flooded."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
import numpy as np

from eyeline.bot.bench.cpu import ProcessTree, process_cpu_s
from eyeline.bot.bench.errors import BenchError
from eyeline.bot.bench.process import BenchProcess
from eyeline.bot.bench.prosody import Prosody
from eyeline.bot.bench.statistics import Percentiles
from eyeline.bot.bench.steered import NAME
from eyeline.bot.bench.talker import Talker

DARK, BRIGHT = "#101010", "#e0e0e0"
_MIDDLE: Final = 112
_EVERY_S: Final = 0.75
_WAYS: Final = 2  # each has a turn, however slow the machine is
_PATIENCE_S: Final = 5.0
_FIRST_PICTURE_S: Final = 60.0
_ANSWER_S: Final = 60.0
MEMORY_LEAST_S: Final = 60.0

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SteeringPlan:
    """What to measure.

    Args:
        seconds: Of each of the two parts, quiet and flooded.
        size_px: Of the picture.
        codec: `VP8` or `H264`.
        lines_per_s: Of chat, in the flooded part.
        streams: Of events, in the flooded part.
        warm_up_s: Before each part.
    """

    seconds: float
    size_px: tuple[int, int]
    codec: str = "VP8"
    lines_per_s: int = 1000
    streams: int = 200
    warm_up_s: float = 4.0


@dataclass
class Part:
    """What was noted in one part."""

    seconds: float = 0.0
    pictures: list[tuple[float, int]] = field(default_factory=list)
    chat_ms: list[float] = field(default_factory=list)
    rest_ms: list[float] = field(default_factory=list)
    missed: int = 0
    rss_mb: list[tuple[float, float]] = field(default_factory=list)
    cpu_cores: dict[str, float] = field(default_factory=dict)
    bot: dict[str, Any] = field(default_factory=dict)
    lines: int = 0
    processed: int = 0


class Stage:
    """A room, a bot in it, a viewer and an owner who commands by chat and by REST; an async context manager."""

    def __init__(self, plan: SteeringPlan) -> None:
        self._plan = plan
        self._stack = AsyncExitStack()
        self._shade = DARK
        self.prosody = Prosody()

    async def __aenter__(self) -> Self:
        """Start all, claim the camera and wait for the first picture.

        Raises:
            BenchError: A part of it does not start.
        """
        plan = self._plan
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.prosody)
            url = self.prosody.websocket_url
            self.viewer = BenchProcess("shade:ShadeReceiver")
            self.bot = BenchProcess("steered:SteeredBot", websocket_url=url, codec=plan.codec, size_px=plan.size_px)
            await _start(stack, self.viewer, self.bot)
            self.owner = await stack.enter_async_context(Talker(url, "Owner"))
            self.access = await self.bot.call("access")
            headers = {"Authorization": f"Bearer {self.access['token']}"}
            self.http = await stack.enter_async_context(aiohttp.ClientSession(headers=headers))
            answer = await self.viewer.call("answer", sdp=await self.bot.call("offer"))
            await self.bot.call("accept", sdp=answer)
            await self._first_picture()
            await self._claim()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def run(self, crowd: dict[str, BenchProcess]) -> Part:
        """Command by turns for a while, and note what happens.

        Args:
            crowd: Whose CPU time counts as well, by name.
        """
        await self._settle()
        part, trees = Part(), self._trees(crowd)
        await self.bot.call("begin")
        before, lines = await self.bot.call("counts"), self.owner.heard
        begin_s, cpu_s = time.monotonic(), _cpu_s(trees)
        number = 0
        while (now_s := time.monotonic()) - begin_s < self._plan.seconds or number < _WAYS:
            part.rss_mb.append((now_s - begin_s, trees["bot"].rss_mb()))
            await self._command(part, by_chat=number % 2 == 0)
            number += 1
            await asyncio.sleep(max(0.0, now_s + _EVERY_S - time.monotonic()))
        part.seconds = time.monotonic() - begin_s
        part.cpu_cores = {name: (used - cpu_s[name]) / part.seconds for name, used in _cpu_s(trees).items()}
        part.pictures += await self._seen()
        part.bot, part.lines = await self.bot.call("counts"), self.owner.heard - lines
        part.processed = part.bot["processed"] - before["processed"]
        return part

    async def _command(self, part: Part, *, by_chat: bool) -> None:
        """Change over between dark and bright, and wait until a picture shows it."""
        self._shade = BRIGHT if self._shade == DARK else DARK
        part.pictures += await self._seen()
        asked_s = time.monotonic()
        asking = asyncio.create_task(self._by_chat() if by_chat else self._by_rest())
        shown_s = await self._shown(part, asked_s)
        await asking
        if shown_s is None:
            part.missed += 1
        else:
            (part.chat_ms if by_chat else part.rest_ms).append((shown_s - asked_s) * 1000)

    async def _by_chat(self) -> None:
        await self.owner.say(f"!bg color {self._shade}")

    async def _by_rest(self) -> None:
        body = {"background": f"color:{self._shade}"}
        async with self.http.patch(f"{self.access['url']}api/v1/effects", json=body) as told:
            told.raise_for_status()

    async def _shown(self, part: Part, asked_s: float) -> float | None:
        is_bright = self._shade == BRIGHT
        while time.monotonic() - asked_s < _PATIENCE_S:
            await asyncio.sleep(0.1)
            seen = await self._seen()
            part.pictures += seen
            for at_s, luma in seen:
                if at_s >= asked_s and (luma > _MIDDLE) is is_bright:
                    return at_s
        return None

    async def _seen(self) -> list[tuple[float, int]]:
        return [(at_s, luma) for at_s, luma in await self.viewer.call("take")]

    async def _first_picture(self) -> None:
        until_s = time.monotonic() + _FIRST_PICTURE_S
        while not await self._seen():
            if time.monotonic() > until_s:
                raise BenchError("No picture came to the viewer.", hint="A firewall must let this machine's UDP pass.")
            await asyncio.sleep(0.2)

    async def _claim(self) -> None:
        try:
            async with asyncio.timeout(_ANSWER_S):
                await self.owner.say_to(await self.owner.nick_of(NAME), f"!claim {self.access['code']}")
                answer = await self.owner.answers.get()
        except TimeoutError:
            raise BenchError("The bot did not answer to its code.") from None
        if "in charge" not in answer:
            raise BenchError(f"The bot did not take its code: {answer}")

    async def _settle(self) -> None:
        """Let begin what begins, and change over twice without a clock."""
        warming = Part()
        await asyncio.sleep(self._plan.warm_up_s)
        for by_chat in (True, False):
            await self._command(warming, by_chat=by_chat)
            if warming.missed:
                raise BenchError("A command did not change the picture.")

    def _trees(self, crowd: dict[str, BenchProcess]) -> dict[str, ProcessTree]:
        others = {name: process.tree for name, process in crowd.items()}
        return {"bot": self.bot.tree, "viewer": self.viewer.tree, "prosody": self.prosody.tree, **others}


async def measure_steering(plan: SteeringPlan, tell: Tell) -> dict[str, Any]:
    """What `eyeline bench steering --json` writes, but for the machine.

    Raises:
        BenchError: A part of it failed.
    """
    tell("starting the room, the bot and the viewer")
    async with Stage(plan) as stage:
        tell("a quiet room")
        quiet = await stage.run({})
        async with AsyncExitStack() as stack:
            tell(f"{plan.lines_per_s} lines a second, {plan.streams} streams of events")
            flood = BenchProcess("crowd:Flood", websocket_url=stage.prosody.websocket_url, rate_hz=plan.lines_per_s)
            listeners = BenchProcess(
                "crowd:Listeners", url=stage.access["url"], token=stage.access["token"], streams=plan.streams
            )
            await _start(stack, flood, listeners)
            await flood.call("start")
            flooded = await stage.run({"flood": flood, "listeners": listeners})
            heard = await listeners.call("counts")
    return {
        **_result(flooded),
        "chat_lines_per_s": flooded.lines / flooded.seconds,
        "event_streams": heard["open"],
        "event_stream_mb": heard["octets"] / 1e6,
        "memory_mb": flooded.rss_mb[-1][1],
        "memory_mb_per_hour": _growth_mb_per_hour(flooded),
        "quiet": _result(quiet),
        "size_px": list(plan.size_px),
        "codec": plan.codec,
        "seconds": plan.seconds,
    }


async def _start(stack: AsyncExitStack, *processes: BenchProcess) -> None:
    """Start them at the same time."""
    for process in processes:
        stack.push_async_callback(process.close)
    await asyncio.gather(*(process.__aenter__() for process in processes))


def _result(part: Part) -> dict[str, Any]:
    return {
        "fps": len(part.pictures) / part.seconds,
        "processed_fps": part.processed / part.seconds,
        "command_to_pixels_ms": {
            **_listed(part.chat_ms + part.rest_ms),
            "chat": _listed(part.chat_ms),
            "rest": _listed(part.rest_ms),
        },
        "commands": len(part.chat_ms) + len(part.rest_ms),
        "commands_without_effect": part.missed,
        "loop_lag_ms": part.bot["loop_lag_ms"],
        "tier": part.bot["tier"],
        "worker_restarts": part.bot["restarts"],
        "cpu_cores": part.cpu_cores,
    }


def _listed(values_ms: list[float]) -> dict[str, float | None]:
    found = Percentiles.of(values_ms)
    return {"p50": found.p50, "p95": found.p95} if found else {"p50": None, "p95": None}


def _growth_mb_per_hour(part: Part) -> float | None:
    """By a straight line through the second half, when everything has been used once; `None` for a short part."""
    if part.seconds < MEMORY_LEAST_S:
        return None
    at_s, rss_mb = np.array(part.rss_mb[len(part.rss_mb) // 2 :]).T
    return float(np.polyfit(at_s, rss_mb, 1)[0] * 3600)


def _cpu_s(trees: dict[str, ProcessTree]) -> dict[str, float]:
    """CPU time so far, the bot's own process apart from the one that makes its pictures."""
    used = {name: tree.cpu_s() for name, tree in trees.items()}
    own_s = process_cpu_s(trees["bot"].pid) or 0.0
    return {**used, "bot": own_s, "picture worker": used["bot"] - own_s, "measuring": process_cpu_s(os.getpid()) or 0.0}
