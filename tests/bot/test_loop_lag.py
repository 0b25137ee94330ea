"""How late the event loop is."""

from __future__ import annotations

import asyncio
import logging
import time

import pytest

from eyeline.bot import loop_lag as module
from eyeline.bot.loop_lag import LagPercentiles, LoopLag


async def block(each_s: float, *, times: int, pause_s: float = 0.01) -> None:
    """Keep the loop busy, again and again."""
    for _ in range(times):
        time.sleep(each_s)  # noqa: ASYNC251
        await asyncio.sleep(pause_s)


async def test_a_loop_that_is_blocked_is_late() -> None:
    async with LoopLag() as lag:
        await block(0.06, times=20)
        measured = lag.percentiles()
    assert measured is not None
    assert measured.p99_ms > 20
    assert measured.p50_ms <= measured.p95_ms <= measured.p99_ms


async def test_nothing_is_measured_before_the_first_moment_and_after_forgetting() -> None:
    async with LoopLag() as lag:
        assert lag.percentiles() is None
        await asyncio.sleep(0.3)
        assert lag.percentiles() is not None
        lag.forget()
        assert lag.percentiles() is None


async def test_what_is_long_past_does_not_count() -> None:
    async with LoopLag(window_s=0.3) as lag:
        await block(0.08, times=4)
        await asyncio.sleep(0.7)
        for _ in range(100):  # on a busy machine the rest may be disturbed as well
            quiet = lag.percentiles()
            if quiet is not None and quiet.p99_ms < 60:
                return
            await asyncio.sleep(0.5)
    pytest.fail("the blocked time is still remembered")


async def test_a_lasting_lag_is_told_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(module, "_LOOK_EVERY_S", 0.1)
    told: list[LagPercentiles] = []
    with caplog.at_level(logging.WARNING, module.__name__):
        async with LoopLag(on_late=told.append):
            await block(0.05, times=12)
    assert len(told) == 1
    assert told[0].p99_ms > module.LATE_MS
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "event loop is late" in caplog.text


async def test_it_costs_next_to_nothing() -> None:
    """Wake-ups are rare: at most fifty a second."""
    async with LoopLag() as lag:
        begun_s = time.monotonic()
        await asyncio.sleep(0.5)
        assert len(lag._lags) <= 50 * (time.monotonic() - begun_s)


async def test_it_ends_with_its_block() -> None:
    async with LoopLag():
        pass
    assert [task for task in asyncio.all_tasks() if task.get_name() == "loop lag"] == []
