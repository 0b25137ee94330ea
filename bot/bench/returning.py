"""How soon a picture is back that nobody looked at: from the receiver's wish to the first new picture it decodes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Final

from eyeline.bot.bench.errors import BenchError
from eyeline.bot.bench.process import BenchProcess
from eyeline.bot.bench.statistics import Percentiles

_PATIENCE_S: Final = 10.0
_FIRST_PICTURE_S: Final = 60.0
_SETTLE_S: Final = 2.0
_LOOKED_AT_S: Final = 0.6
_SLEEPS_AFTER_S: Final = 0.5
_BRIGHT: Final = 190  # the background that is asked for; the card is darker

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ReturnPlan:
    """What to measure.

    Args:
        size_px: Of the picture.
        codec: `VP8` or `H264`.
        returns: How many.
        away_s: How long nobody looks before each.
    """

    size_px: tuple[int, int] = (1280, 720)
    codec: str = "VP8"
    returns: int = 10
    away_s: float = 3.0


@dataclass
class _Noted:
    seen_ms: list[float] = field(default_factory=list)
    made_ms: list[float] = field(default_factory=list)
    cards: int = 0
    made_while_away: int = 0
    sent_while_away: int = 0
    away_cpu_s: float = 0.0
    away_s: float = 0.0


async def measure_return(plan: ReturnPlan, tell: Tell) -> dict[str, Any]:
    """What `eyeline bench return --json` writes, but for the machine.

    Raises:
        BenchError: A part of it failed, or the picture did not come back.
    """
    tell("starting the bot and the viewer")
    async with AsyncExitStack() as stack:
        viewer = BenchProcess("shade:ShadeReceiver")
        bot = BenchProcess("watched:WatchedBot", codec=plan.codec, size_px=plan.size_px)
        for process in (viewer, bot):
            stack.push_async_callback(process.close)
        await asyncio.gather(viewer.__aenter__(), bot.__aenter__())
        await bot.call("accept", sdp=await viewer.call("answer", sdp=await bot.call("offer")))
        await _first_after(viewer, 0.0, _FIRST_PICTURE_S)
        await asyncio.sleep(_SETTLE_S)
        noted = _Noted()
        for number in range(plan.returns):
            tell(f"return {number + 1} of {plan.returns}")
            await _go_and_return(bot, viewer, plan, noted)
        counts = await bot.call("counts")
    return {
        "return_ms": _listed(noted.seen_ms),
        "to_processed_ms": _listed(noted.made_ms),
        "returns": plan.returns,
        "cards_first": noted.cards,
        "away": {
            "processed": noted.made_while_away,
            "pictures_sent": noted.sent_while_away,
            "cpu_cores": noted.away_cpu_s / noted.away_s,
        },
        "worker_restarts": counts["restarts"],
        "size_px": list(plan.size_px),
        "codec": plan.codec,
    }


async def _go_and_return(bot: BenchProcess, viewer: BenchProcess, plan: ReturnPlan, noted: _Noted) -> None:
    await bot.call("look", max_height_px=0)
    await asyncio.sleep(_SLEEPS_AFTER_S)
    await viewer.call("take")
    before, begun_s, cpu_s = await bot.call("counts"), time.monotonic(), bot.tree.cpu_s()
    await asyncio.sleep(plan.away_s)
    after = await bot.call("counts")
    noted.away_s += time.monotonic() - begun_s
    noted.away_cpu_s += bot.tree.cpu_s() - cpu_s
    noted.made_while_away += after["processed"] - before["processed"]
    noted.sent_while_away += len(await viewer.call("take"))
    asked_s = await bot.call("look", max_height_px=plan.size_px[1])
    seen_s, cards = await _first_after(viewer, asked_s, _PATIENCE_S)
    noted.cards += cards > 0
    noted.seen_ms.append((seen_s - asked_s) * 1000)
    live_at_s = [each for each in (await bot.call("counts"))["live_at_s"] if each >= asked_s]
    noted.made_ms += [(live_at_s[0] - asked_s) * 1000] if live_at_s else []
    await asyncio.sleep(_LOOKED_AT_S)


async def _first_after(viewer: BenchProcess, asked_s: float, patience_s: float) -> tuple[float, int]:
    """When the first picture came that is no card, and how many cards came before it."""
    cards, until_s = 0, time.monotonic() + patience_s
    while time.monotonic() < until_s:
        for at_s, luma in await viewer.call("take"):
            if at_s >= asked_s and luma >= _BRIGHT:
                return at_s, cards
            cards += at_s >= asked_s
        await asyncio.sleep(0.05)
    raise BenchError("The picture did not come back.", hint="A firewall must let this machine's UDP pass.")


def _listed(values_ms: list[float]) -> dict[str, float | None]:
    found = Percentiles.of(values_ms)
    return {"p50": found.p50, "p95": found.p95, "most": max(values_ms)} if found else {"p50": None}
