from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from eyeline.integrations.pauses import JITTER, WayOut, clock_s, is_ours, pause, pauses_s, route_source, way_out

HOME, OFFICE, NONE = ("192.0.2.7", ""), ("198.51.100.9", ""), ("", "")


def taken_until(limit_s: float, pauses: Iterator[float]) -> list[float]:
    taken: list[float] = []
    while sum(taken) < limit_s:
        taken.append(next(pauses))
    return taken


def test_a_young_loss_is_tried_often() -> None:
    taken = taken_until(29.0, pauses_s())
    assert max(taken) <= 0.7 * (1 + JITTER)
    assert min(taken) >= 0.3 * (1 - JITTER)


def test_a_dead_server_is_not_hammered() -> None:
    taken = taken_until(600.0, pauses_s())
    assert len(taken) < 110
    assert max(taken) <= 30.0 * (1 + JITTER)
    assert min(taken[-10:]) >= 30.0 * (1 - JITTER)


def test_clients_do_not_come_back_at_once() -> None:
    assert len({next(pauses_s()) for _ in range(10)}) == 10


def test_who_may_not_try_often_starts_to_double_at_once() -> None:
    pauses = pauses_s(1.0, often_for_s=0.0)
    for expected_s in (1, 2, 4, 8, 16, 30, 30):
        assert next(pauses) == pytest.approx(expected_s, rel=JITTER + 0.001)


def ways(*seen: WayOut) -> Callable[[], WayOut]:
    """What is seen, one look after the other; the last for ever."""
    left = list(seen)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


async def paused(way: Callable[[], WayOut], pause_s: float = 3600.0) -> bool:
    async with asyncio.timeout(60):
        return await pause(pause_s, way=way, look_s=0.01)


@pytest.mark.parametrize(
    "seen",
    [(HOME, NONE, NONE, HOME), (NONE, HOME), (HOME, HOME, OFFICE), (HOME, NONE, OFFICE)],
    ids=["the same one again", "the first one", "another one", "another one after a while"],
)
async def test_the_network_ends_a_pause(seen: tuple[WayOut, ...]) -> None:
    assert await paused(ways(*seen))


async def test_a_network_that_goes_ends_none() -> None:
    assert not await paused(ways(HOME, NONE), pause_s=0.2)


async def test_a_pause_without_news_lasts() -> None:
    before_s = clock_s()
    assert not await paused(ways(HOME), pause_s=0.2)
    assert clock_s() - before_s >= 0.2


async def test_waking_up_ends_a_pause() -> None:
    times = iter([0.0, 0.0, 0.0, *(60.0 for _ in range(100))])
    async with asyncio.timeout(60):
        assert await pause(3600.0, way=ways(HOME), now_s=lambda: next(times), look_s=0.01)


def test_asks_the_system_for_the_way() -> None:
    assert route_source("127.0.0.1") == "127.0.0.1"
    assert route_source("not an address") == ""
    assert len(way_out()) == 2


def test_asks_the_system_which_addresses_are_ours() -> None:
    assert is_ours("127.0.0.1")
    assert not is_ours("192.0.2.1")
    assert not is_ours("2001:db8::1")
