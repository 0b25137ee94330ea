"""Which effects the worker is to have, over the lives of several."""

from __future__ import annotations

import pytest
from worker_lab import effects

from eyeline.processing.errors import BackgroundError, PictureError
from eyeline.processing.worker.desk import EffectsDesk
from eyeline.processing.worker.messages import Prepared

BLACK, WHITE = effects("color:#000000"), effects("color:#ffffff")


def test_what_is_asked_for_goes_first_and_is_confirmed() -> None:
    desk = EffectsDesk()
    assert desk.next_order(restored=False) is None
    done = desk.ask(BLACK)
    assert desk.is_asked
    order = desk.next_order(restored=False)
    assert order.effects == BLACK
    assert desk.next_order(restored=False) is None
    assert desk.settle(Prepared(order.generation, None))
    assert done.result(0) is None
    assert desk.confirmed == BLACK
    assert desk.next_order(restored=True) is None


def test_a_new_worker_gets_what_was_confirmed_under_a_new_number() -> None:
    desk = EffectsDesk()
    desk.ask(BLACK)
    first = desk.next_order(restored=False)
    desk.settle(Prepared(first.generation, None))
    desk.lose("it died")
    again = desk.next_order(restored=False)
    assert again.effects == BLACK
    assert again.generation > first.generation
    assert not desk.settle(Prepared(again.generation, BackgroundError("It is gone.")))
    assert desk.confirmed == BLACK


def test_a_refusal_reaches_who_asked_and_changes_nothing() -> None:
    desk = EffectsDesk()
    desk.ask(BLACK)
    desk.settle(Prepared(desk.next_order(restored=False).generation, None))
    done = desk.ask(WHITE)
    order = desk.next_order(restored=True)
    assert desk.settle(Prepared(order.generation, BackgroundError("No.")))
    with pytest.raises(BackgroundError):
        done.result(0)
    assert desk.confirmed == BLACK


def test_what_kills_workers_is_not_tried_for_ever() -> None:
    desk = EffectsDesk()
    done = desk.ask(BLACK)
    for _ in range(3):
        assert not done.done()
        assert desk.next_order(restored=False).effects == BLACK
        desk.lose("it died")
    with pytest.raises(PictureError, match="it died"):
        done.result(0)
    assert desk.next_order(restored=False) is None


def test_an_answer_that_nobody_waits_for_any_more_ends_the_worker() -> None:
    desk = EffectsDesk()
    done = desk.ask(BLACK)
    order = desk.next_order(restored=False)
    desk.fail("it took too long")
    assert done.done()
    assert not desk.settle(Prepared(order.generation, None))
    assert desk.confirmed is None


def test_after_the_end_nothing_is_waited_for() -> None:
    desk = EffectsDesk()
    before = desk.ask(BLACK)
    desk.close()
    for done in (before, desk.ask(WHITE)):
        with pytest.raises(PictureError, match="closed"):
            done.result(0)
