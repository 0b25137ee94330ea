"""The life of a source, with readers that stand for devices: they fail, fall silent and hang as devices do."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from dataclasses import dataclass, field

import pytest
from source_lab import until_async as until

from eyeline.processing.errors import SourceBusyError, SourceError
from eyeline.processing.sources.retry import Backoff, RetryPolicy
from eyeline.processing.sources.state import TRANSITIONS, SourcePhase, SourceState
from eyeline.processing.sources.supervised import Supervised

QUICK = RetryPolicy(first_delay_s=0.02, max_delay_s=0.1, open_timeout_s=0.5, silence_timeout_s=0.5)


@dataclass
class Device:
    """Delivers numbers; can be unplugged, silenced and hung from the test."""

    fails_to_open: int = 0
    unplugged: threading.Event = field(default_factory=threading.Event)
    silent: threading.Event = field(default_factory=threading.Event)
    hung: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    opened: int = 0
    open_now: int = 0
    skipped: int = 0
    number: int = 0

    def reader(self) -> Reading:
        return Reading(self)


class Reading:
    def __init__(self, device: Device) -> None:
        self._device = device
        self._is_open = False

    def open(self) -> None:
        self._device.opened += 1
        if self._device.fails_to_open:
            self._device.fails_to_open -= 1
            raise SourceBusyError("The device is in use.", hint="Close it.")
        self._is_open = True
        self._device.open_now += 1

    def read(self) -> int | None:
        time.sleep(0.005)
        if self._device.hung.is_set():
            self._device.released.wait()
        if self._device.unplugged.is_set():
            raise SourceError("The device is gone.")
        if self._device.silent.is_set():
            return None
        self._device.number += 1
        return self._device.number

    def skip(self) -> bool:
        self._device.skipped += 1
        return self.read() is not None

    def close(self) -> None:
        if self._is_open:
            self._device.open_now -= 1


class Watch:
    """Collects what a source tells."""

    def __init__(self, device: Device, policy: RetryPolicy = QUICK) -> None:
        self.items: list[int] = []
        self.threads: set[str] = set()
        self.states: list[SourceState] = []
        self.source: Supervised[int] = Supervised(
            "device", device.reader, on_item=self._item, on_state=self._state, policy=policy
        )

    @property
    def phases(self) -> list[SourcePhase]:
        return [state.phase for state in self.states]

    def _item(self, item: int) -> None:
        self.threads.add(threading.current_thread().name)
        self.items.append(item)

    def _state(self, state: SourceState) -> None:
        assert asyncio.get_running_loop()
        self.states.append(state)


async def test_delivers_in_a_thread_of_its_own() -> None:
    device = Device()
    watch = Watch(device)
    async with watch.source:
        await watch.source.opened()
        await until(lambda: len(watch.items) >= 3)
        assert watch.source.state == SourceState(SourcePhase.RUNNING)
    assert watch.items == list(range(1, len(watch.items) + 1))
    assert watch.threads == {"device"}
    assert watch.phases == [SourcePhase.OPENING, SourcePhase.RUNNING, SourcePhase.STOPPED]
    assert device.open_now == 0


async def test_delivers_nothing_after_it_was_left() -> None:
    device = Device()
    watch = Watch(device)
    async with watch.source:
        await watch.source.opened()
    count = len(watch.items)
    await asyncio.sleep(0.05)
    assert len(watch.items) == count


async def test_the_first_failure_is_told_and_the_source_goes_on_trying() -> None:
    device = Device(fails_to_open=2)
    watch = Watch(device)
    async with watch.source:
        with pytest.raises(SourceBusyError, match="in use"):
            await watch.source.opened()
        with pytest.raises(SourceBusyError):  # the first attempt stays the first
            await watch.source.opened()
        await until(lambda: watch.phases[-1] is SourcePhase.RUNNING)
    opening, lost = SourcePhase.OPENING, SourcePhase.LOST
    assert watch.phases == [opening, lost, opening, lost, opening, SourcePhase.RUNNING, SourcePhase.STOPPED]
    assert watch.states[1].error is not None
    assert watch.states[1].detail.startswith("The device is in use. Trying again in 0.0 s.")
    assert watch.states[1].retry_in_s < watch.states[3].retry_in_s


async def test_comes_back_when_it_is_plugged_in_again(caplog: pytest.LogCaptureFixture) -> None:
    device = Device()
    watch = Watch(device)
    async with watch.source:
        await watch.source.opened()
        with caplog.at_level(logging.WARNING):
            device.unplugged.set()
            await until(lambda: watch.phases.count(SourcePhase.LOST) >= 3)
        device.unplugged.clear()
        await until(lambda: watch.phases[-1] is SourcePhase.RUNNING)
        assert device.open_now == 1
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1  # the same reason is not repeated
    assert "The device is gone. Trying again in" in told[0]


async def test_what_falls_silent_is_lost_and_opened_anew() -> None:
    device = Device()
    watch = Watch(device)
    async with watch.source:
        await watch.source.opened()
        device.silent.set()
        await until(lambda: watch.phases[-1] is SourcePhase.LOST)
        assert watch.states[-1].error is not None
        assert "delivered nothing" in watch.states[-1].error.message
        device.silent.clear()
        await until(lambda: watch.phases[-1] is SourcePhase.RUNNING)
        assert device.open_now == 1


async def test_what_never_delivers_did_not_open() -> None:
    device = Device()
    device.silent.set()
    watch = Watch(device)
    async with watch.source:
        with pytest.raises(SourceError, match="did not deliver anything within"):
            await watch.source.opened()


async def test_what_hangs_is_not_opened_twice_and_does_not_keep_anybody() -> None:
    device = Device()
    watch = Watch(device)
    async with watch.source:
        await watch.source.opened()
        device.hung.set()
        await until(lambda: watch.phases[-1] is SourcePhase.LOST)
        await asyncio.sleep(0.3)  # many times the delay
        assert device.opened == 1
        device.hung.clear()
        device.released.set()
        await until(lambda: watch.phases[-1] is SourcePhase.RUNNING)
        assert device.opened == 2


async def test_leaving_does_not_wait_for_what_hangs() -> None:
    device = Device()
    watch = Watch(device)
    async with asyncio.timeout(60):
        async with watch.source:
            await watch.source.opened()
            device.hung.set()
            await asyncio.sleep(0.05)
        count = len(watch.items)
    assert watch.phases[-1] is SourcePhase.STOPPED
    device.released.set()
    await until(lambda: device.open_now == 0)
    assert len(watch.items) == count


async def test_a_thread_may_outlive_its_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    crashed: list[object] = []
    monkeypatch.setattr(threading, "excepthook", crashed.append)
    device = Device()

    async def leave_it_behind() -> None:
        watch = Watch(device)
        async with watch.source:
            await watch.source.opened()
            device.hung.set()
            await asyncio.sleep(0.05)

    await asyncio.to_thread(asyncio.run, leave_it_behind())
    device.released.set()
    await until(lambda: not any(thread.name == "device" for thread in threading.enumerate()))
    assert device.open_now == 0
    assert not crashed


async def test_pausing_passes_over_and_keeps_open() -> None:
    device = Device()
    watch = Watch(device)
    async with watch.source:
        await watch.source.opened()
        watch.source.pause()
        await until(lambda: device.skipped > 0)
        count = len(watch.items)
        skipped = device.skipped
        await until(lambda: device.skipped > skipped + 3)
        assert len(watch.items) == count
        watch.source.resume()
        await until(lambda: len(watch.items) > count)
        assert device.opened == 1
    assert watch.phases == [SourcePhase.OPENING, SourcePhase.RUNNING, SourcePhase.STOPPED]


async def test_a_bug_in_a_reader_is_a_loss_and_not_the_end(caplog: pytest.LogCaptureFixture) -> None:
    class Buggy(Reading):
        def read(self) -> int | None:
            raise ZeroDivisionError("oh")

    device = Device()
    readers = [Buggy(device), Reading(device)]
    states: list[SourceState] = []
    source: Supervised[int] = Supervised(
        "device", lambda: readers.pop(0), on_item=lambda _: None, on_state=states.append, policy=QUICK
    )
    async with source:
        with pytest.raises(SourceError, match="ZeroDivisionError"):
            await source.opened()
        await until(lambda: states[-1].phase is SourcePhase.RUNNING)
    assert "failed unexpectedly" in caplog.text


async def test_a_bug_in_the_callback_is_told(caplog: pytest.LogCaptureFixture) -> None:
    def broken(state: SourceState) -> None:
        if state.phase is SourcePhase.RUNNING:
            raise ZeroDivisionError("oh")

    source: Supervised[int] = Supervised(
        "device", Device().reader, on_item=lambda _: None, on_state=broken, policy=QUICK
    )
    async with source:
        with pytest.raises(SourceError, match="ZeroDivisionError"):
            await source.opened()
    assert "no longer supervised" in caplog.text


async def test_the_delay_grows_until_a_source_delivers_for_long() -> None:
    device = Device()
    watch = Watch(device, RetryPolicy(first_delay_s=0.02, max_delay_s=5.0, healthy_s=0.3))

    async def delay_after(seconds: float) -> float:
        await until(lambda: watch.phases[-1] is SourcePhase.RUNNING)
        await asyncio.sleep(seconds)
        count = watch.phases.count(SourcePhase.LOST)
        device.unplugged.set()
        await until(lambda: watch.phases.count(SourcePhase.LOST) > count)
        device.unplugged.clear()
        return watch.states[-1].retry_in_s

    async with watch.source:
        await watch.source.opened()
        delays = [await delay_after(0) for _ in range(4)]
        assert delays == sorted(delays)
        assert delays[-1] > 0.1
        assert await delay_after(1.0) < 0.03


async def test_leaving_before_it_opened_ends_the_wait() -> None:
    device = Device()
    device.silent.set()
    watch = Watch(device, RetryPolicy())
    async with watch.source:
        waiting = asyncio.create_task(watch.source.opened())
        await asyncio.sleep(0.02)
    with pytest.raises(SourceError, match="closed before it opened"):
        await waiting


async def test_leaving_by_cancellation() -> None:
    device = Device()
    watch = Watch(device)

    async def use() -> None:
        async with watch.source:
            await asyncio.sleep(3600)

    task = asyncio.create_task(use())
    await until(lambda: bool(watch.items))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert device.open_now == 0
    assert watch.phases[-1] is SourcePhase.STOPPED


def test_delays_double_and_start_over_after_health() -> None:
    policy = RetryPolicy(first_delay_s=0.5, max_delay_s=10, healthy_s=10)
    backoff = Backoff(policy)
    delays = [backoff.next_s(1.0) for _ in range(7)]
    for delay_s, wanted_s in zip(delays, [0.5, 1, 2, 4, 8, 10, 10], strict=True):
        assert 0.8 * wanted_s <= delay_s <= 1.2 * wanted_s
    assert backoff.next_s(10.0) <= 0.6
    assert 0.8 <= backoff.next_s(1.0) <= 1.2


def test_every_phase_has_its_transitions() -> None:
    assert set(TRANSITIONS) == {None, *SourcePhase}
    assert not TRANSITIONS[SourcePhase.STOPPED]
