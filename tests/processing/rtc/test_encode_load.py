from __future__ import annotations

import random

from eyeline.processing.rtc.effort import Effort
from eyeline.processing.rtc.encode_load import LADDER, EncodeLoad, LoadStep


class Machine:
    """Feeds an `EncodeLoad` at 30 frames a second and writes down each step it takes."""

    def __init__(self) -> None:
        self.load = EncodeLoad()
        self.now_s = 100.0
        self.steps = [self.load.step]

    def run(self, seconds: float, encode_ms: float) -> LoadStep:
        for _ in range(round(seconds * 30)):
            self.now_s += 1 / 30
            step = self.load.encoded(encode_ms / 1000, self.now_s)
            if step != self.steps[-1]:
                self.steps.append(step)
        return self.load.step


def test_the_ladder_gives_up_effort_before_size() -> None:
    assert LADDER[0] == LoadStep(Effort.FULL, None)
    efforts = [step.effort for step in LADDER]
    assert efforts == sorted(efforts, reverse=True)
    assert [step.max_height_px for step in LADDER if step.effort > Effort.LEAST] == [None] * 3
    assert [step.max_height_px for step in LADDER[3:]] == [None, 540, 360]


def test_quick_encoding_changes_nothing() -> None:
    assert Machine().run(60, 9) == LADDER[0]


def test_neither_does_a_hiccup() -> None:
    machine = Machine()
    for _ in range(20):
        machine.run(2, 9)
        machine.run(0.04, 200)
    assert machine.steps == [LADDER[0]]


def test_overload_goes_down_one_step_in_two_seconds() -> None:
    machine = Machine()
    machine.run(1.9, 40)
    assert machine.load.step == LADDER[0]
    machine.run(0.3, 40)
    assert machine.load.step == LADDER[1]
    machine.run(11, 40)
    assert machine.steps == list(LADDER)
    assert machine.run(30, 40) == LADDER[-1]


def test_in_between_it_stays_where_it_is() -> None:
    machine = Machine()
    machine.run(4.2, 40)
    step = machine.load.step
    assert machine.run(60, 22) == step


def test_it_comes_back_with_patience() -> None:
    machine = Machine()
    machine.run(4.2, 40)
    assert machine.load.step == LADDER[2]
    machine.run(7, 10)
    assert machine.load.step == LADDER[2]
    machine.run(2, 10)
    assert machine.load.step == LADDER[1]
    machine.run(9, 10)
    assert machine.load.step == LADDER[0]


def test_a_step_that_fails_again_is_tried_less_and_less_often() -> None:
    machine = Machine()
    for _ in range(300 * 30):
        machine.now_s += 1 / 30
        step = machine.load.encoded(0.04 if machine.load.step == LADDER[0] else 0.01, machine.now_s)
        if step != machine.steps[-1]:
            machine.steps.append(step)
    assert machine.steps[:4] == [LADDER[0], LADDER[1], LADDER[0], LADDER[1]]
    assert len(machine.steps) <= 16


def test_uneven_times_cost_effort_but_neither_size_nor_peace() -> None:
    machine, rng = Machine(), random.Random(2)
    for _ in range(60 * 30):
        machine.run(1 / 30, rng.uniform(20, 32))
    assert machine.steps == list(LADDER[:4])


def test_a_pause_forgets_what_was() -> None:
    machine = Machine()
    machine.run(1.9, 40)
    machine.now_s += 30
    assert machine.run(1, 9) == LADDER[0]
