"""Processes that are called, and that leave nothing behind."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from eyeline.bot.bench import process as module
from eyeline.bot.bench.errors import BenchError
from eyeline.bot.bench.process import BenchProcess


@pytest.fixture(autouse=True)
def lab(monkeypatch: pytest.MonkeyPatch) -> None:
    """Roles of the tests can be imported by their processes."""
    monkeypatch.setattr(module, "ROLES", "")
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    )
    monkeypatch.setattr(module, "_LEAVE_S", 1.0)


def parrot(name: str = "Polly") -> BenchProcess:
    return BenchProcess("bench_lab:Parrot", name=name)


def gone(pid: int) -> bool:
    until_s = time.monotonic() + 60
    while time.monotonic() < until_s:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


async def test_calls_are_answered_and_prints_do_no_harm() -> None:
    async with parrot() as process:
        answers = await asyncio.gather(*(process.call("say", what=word) for word in ("a", "b", "ü")))
        assert answers == ["Polly: a", "Polly: b", "Polly: ü"]
        assert process.tree.cpu_s() > 0


async def test_a_failed_call_is_told_and_the_next_one_works() -> None:
    async with parrot() as process:
        with pytest.raises(BenchError, match="fail failed: KeyError"):
            await process.call("fail")
        assert await process.call("say", what="x") == "Polly: x"


async def test_errors_of_the_beginning_have_their_hint() -> None:
    with pytest.raises(BenchError, match=r"It cannot begin\.") as caught:
        async with parrot("stillborn"):
            pass
    assert caught.value.hint == "Try another."


async def test_a_process_that_dies_is_told_with_its_last_words() -> None:
    async with parrot() as process:
        with pytest.raises(BenchError, match=r"ended by itself: .*aaargh"):
            await process.call("die")


async def test_a_process_that_does_not_answer() -> None:
    async with parrot() as process:
        with pytest.raises(BenchError, match="did not answer sleep"):
            await process.call("sleep", timeout_s=0.2)


async def test_nothing_is_left_behind() -> None:
    for name in ("Polly", "stubborn"):
        async with parrot(name) as process:
            child = await process.call("have_child")
            assert not gone_now(child)
        assert gone(child)


async def test_a_cancelled_measurement_leaves_nothing_behind() -> None:
    started = asyncio.get_running_loop().create_future()

    async def measure() -> None:
        async with parrot() as process:
            started.set_result(await process.call("have_child"))
            await process.call("sleep")

    task = asyncio.create_task(measure())
    child = await started
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gone(child)


def test_no_process_outlives_whoever_started_it() -> None:
    """Its input ends."""
    command = [sys.executable, "-m", "eyeline.bot.bench.child", "bench_lab:Parrot", '{"name": "Polly"}']
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b'{"result": "ready"}\n'
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(20) == 0


def gone_now(pid: int) -> bool:
    return not psutil.pid_exists(pid)
