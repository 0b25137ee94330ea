"""The real GLib, driven by ctypes."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest

from eyeline.integrations.zoom.bridge.glib import GLibLoop

pytestmark = pytest.mark.usefixtures("glib")


@pytest.fixture
def loop() -> Iterator[GLibLoop]:
    loop = GLibLoop()
    yield loop
    loop.close()


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for end in (reading, writing):
        try:
            os.close(end)
        except OSError:
            continue


def test_timers_come_in_their_order_and_once(loop: GLibLoop) -> None:
    come: list[str] = []
    loop.after(60, lambda: come.append("later"))
    loop.after(0, lambda: come.append("now"))
    loop.after(30, lambda: come.append("soon"))
    loop.after(120, loop.stop)
    loop.run()
    assert come == ["now", "soon", "later"]
    assert loop._callbacks == {}


def test_a_tick_comes_again_and_again(loop: GLibLoop) -> None:
    ticks: list[int] = []

    def tick() -> None:
        ticks.append(len(ticks))
        if len(ticks) == 5:
            loop.stop()

    loop.every(5, tick)
    loop.run()
    assert ticks == [0, 1, 2, 3, 4]


def test_what_can_be_read_is_told_until_it_is_forgotten(loop: GLibLoop, pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    read: list[bytes] = []

    def readable() -> None:
        read.append(os.read(reading, 1))
        if len(read) == 3:
            forget()
            loop.after(50, loop.stop)

    forget = loop.watch(reading, readable)
    os.write(writing, b"abcdef")
    loop.run()
    assert read == [b"a", b"b", b"c"]


def test_the_other_side_s_end_can_be_read(loop: GLibLoop, pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    loop.watch(reading, loop.stop)
    os.close(writing)
    loop.run()
    assert os.read(reading, 1) == b""


def test_callbacks_that_nobody_else_holds_stay_and_go_when_they_are_done(loop: GLibLoop) -> None:
    class Callback:
        made = 0

        def __init__(self) -> None:
            Callback.made += 1

        def __call__(self) -> None:
            called.append(self)

        def __del__(self) -> None:
            Callback.made -= 1

    called: list[Callback] = []
    for _ in range(50):
        loop.after(1, Callback())
    gc.collect()
    assert Callback.made == 50
    loop.after(50, loop.stop)
    loop.run()
    assert len(called) == 50
    called.clear()
    gc.collect()
    assert Callback.made == 0


def test_a_callback_of_the_loop_may_add_and_stop(loop: GLibLoop) -> None:
    loop.after(0, lambda: loop.after(0, lambda: loop.after(0, loop.stop)))
    loop.run()
    assert loop._callbacks == {}
