"""Work in a second thread."""

from __future__ import annotations

import threading

import pytest

from eyeline.processing.beside import Beside, usable_cores


@pytest.mark.parametrize(
    ("wanted", "long", "elsewhere"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_only_long_work_is_done_elsewhere_and_only_where_that_is_wanted(wanted, long, elsewhere):
    beside = Beside(wanted=wanted)
    with beside.doing(threading.get_ident, long=long) as result:
        assert (result() != threading.get_ident()) is elsewhere
    beside.close()


def test_both_go_on_at_the_same_time():
    beside, here, there = Beside(wanted=True), threading.Event(), threading.Event()

    def work() -> bool:
        there.set()
        return here.wait(30)

    with beside.doing(work, long=True) as result:
        assert there.wait(30)
        here.set()
        assert result()
    beside.close()


def test_what_goes_wrong_elsewhere_is_told_to_whoever_asks():
    def work() -> None:
        raise ValueError("eyes")

    beside = Beside(wanted=True)
    with pytest.raises(ValueError, match="eyes"), beside.doing(work, long=True) as result:
        result()
    beside.close()


def test_work_is_over_when_the_block_is_also_when_that_fails():
    beside, done = Beside(wanted=True), threading.Event()
    waits = threading.Event()

    def work() -> None:
        waits.wait(30)
        done.set()

    with pytest.raises(RuntimeError, match="mask"), beside.doing(work, long=True):  # noqa: PT012
        threading.Timer(0.05, waits.set).start()
        raise RuntimeError("mask")
    assert done.is_set()
    beside.close()


def test_there_is_a_core():
    assert usable_cores() >= 1
