"""A slot of one: the newest wins."""

from __future__ import annotations

import threading

from eyeline.processing.slot import NewestSlot


def test_the_newest_value_wins_and_is_taken_once() -> None:
    slot: NewestSlot[int] = NewestSlot()
    for value in (1, 2, 3):
        slot.put(value)
    assert slot.take() == 3
    assert slot.take(0) is None
    assert slot.overwritten == 2


def test_a_waiting_thread_gets_what_comes() -> None:
    slot: NewestSlot[int] = NewestSlot()
    taken: list[int | None] = []
    thread = threading.Thread(target=lambda: taken.append(slot.take(30)))
    thread.start()
    slot.put(7)
    thread.join(30)
    assert taken == [7]


def test_closing_wakes_for_good_and_drops_what_is_inside() -> None:
    slot: NewestSlot[int] = NewestSlot()
    slot.put(1)
    slot.close()
    slot.put(2)
    assert slot.take() is None
    assert slot.closed
