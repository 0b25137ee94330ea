"""One thread for one thing after the other."""

from __future__ import annotations

import asyncio
import gc
import threading

import pytest

from eyeline.processing.rtc.own_thread import OwnThread

PATIENCE_S = 60.0


def running(name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == name]


async def until_gone(name: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while running(name):  # noqa: ASYNC110 (threads tell nobody of their end)
            await asyncio.sleep(0.005)


async def test_a_result_comes_from_another_thread() -> None:
    thread = OwnThread("results")
    assert not running("results")
    assert await thread.run(lambda a, b: (a + b, threading.current_thread().name), 1, 2) == (3, "results")
    thread.close()
    await until_gone("results")


async def test_what_is_raised_is_raised_where_it_is_waited_for() -> None:
    thread = OwnThread("failures")
    with pytest.raises(ZeroDivisionError):
        await thread.run(lambda: 1 // 0)
    assert await thread.run(lambda: "and goes on") == "and goes on"
    thread.close()


async def test_the_loop_runs_on_and_things_are_done_in_order() -> None:
    thread, gate, done = OwnThread("order"), threading.Event(), []
    waiting = [asyncio.ensure_future(thread.run(gate.wait, PATIENCE_S))]
    waiting += [asyncio.ensure_future(thread.run(done.append, number)) for number in range(5)]
    await asyncio.sleep(0.01)
    assert not done
    gate.set()
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*waiting)
    assert done == [0, 1, 2, 3, 4]
    thread.close()


async def test_what_is_cancelled_before_its_turn_is_left_out_and_later_ones_are_not() -> None:
    thread, gate, done = OwnThread("cancelled"), threading.Event(), []
    first = asyncio.ensure_future(thread.run(gate.wait, PATIENCE_S))
    left_out = asyncio.ensure_future(thread.run(done.append, "left out"))
    last = asyncio.ensure_future(thread.run(done.append, "done"))
    await asyncio.sleep(0.01)
    first.cancel()  # it has begun: nobody hears how it ends
    left_out.cancel()
    gate.set()
    async with asyncio.timeout(PATIENCE_S):
        await last
    assert done == ["done"]
    assert first.cancelled()
    thread.close()


async def test_closing_waits_for_nothing_and_loses_nothing() -> None:
    thread, gate, done = OwnThread("closing"), threading.Event(), []
    waiting = asyncio.ensure_future(thread.run(gate.wait, PATIENCE_S))
    await asyncio.sleep(0.01)
    thread.then(lambda: done.append("freed"))
    thread.close()
    thread.close()
    assert not done
    gate.set()
    assert await waiting
    await until_gone("closing")
    assert done == ["freed"]
    with pytest.raises(RuntimeError, match="closing"):
        await thread.run(print)


async def test_a_failure_that_nobody_waits_for_is_told_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    thread = OwnThread("unheard")
    thread.then(lambda: [][1])
    assert await thread.run(lambda: 1) == 1
    assert "IndexError" in caplog.text
    thread.close()


async def test_one_that_nobody_has_any_more_ends() -> None:
    thread = OwnThread("forgotten")
    await thread.run(lambda: None)
    assert running("forgotten")
    del thread
    gc.collect()
    await until_gone("forgotten")


def test_a_loop_that_is_closed_meanwhile_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    thread, gate, failures = OwnThread("late"), threading.Event(), []

    async def begin() -> None:
        waiting = asyncio.ensure_future(thread.run(gate.wait, PATIENCE_S))
        await asyncio.sleep(0.01)
        waiting.cancel()

    asyncio.run(begin())
    gate.set()
    thread.then(lambda: failures.append("none"))
    assert asyncio.run(thread.run(lambda: list(failures))) == ["none"]
    assert not caplog.records
    thread.close()
