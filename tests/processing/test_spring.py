"""A spring that arrives, and never swings beyond."""

from __future__ import annotations

from itertools import pairwise

import pytest

from eyeline.processing.spring import Spring


@pytest.mark.parametrize("step_s", [1 / 60, 1 / 30, 0.2, 1.0, 60.0])
def test_it_arrives_without_swinging_beyond(step_s: float):
    spring = Spring(0.0, 4.0)
    spring.target = 1.0
    path = [spring.step(step_s) for _ in range(round(6 / step_s) or 1)]
    assert all(before <= after <= 1.0 for before, after in pairwise([0.0, *path]))
    assert path[-1] == pytest.approx(1.0, abs=1e-3)


def test_its_way_does_not_depend_on_the_steps():
    fine, coarse = Spring(0.0, 4.0), Spring(0.0, 4.0)
    fine.target = coarse.target = 1.0
    for _ in range(30):
        fine.step(1 / 60)
    assert coarse.step(0.5) == pytest.approx(fine.at, abs=1e-9)


def test_it_begins_and_turns_gently():
    spring = Spring(0.0, 4.0)
    spring.target = 1.0
    path = [0.0] + [spring.step(1 / 30) for _ in range(10)]
    spring.target = -1.0
    path += [spring.step(1 / 30) for _ in range(60)]
    speeds = [after - before for before, after in pairwise(path)]
    assert max(abs(after - before) for before, after in pairwise([0.0, *speeds])) < 0.02 * 2


def test_it_rests_only_at_its_target():
    spring = Spring(0.0, 4.0)
    assert spring.rests(1e-3)
    spring.target = 1.0
    assert not spring.rests(1e-3)
    for _ in range(200):
        spring.step(1 / 30)
    assert spring.rests(1e-3)
    spring.settle()
    assert spring.at == 1.0
    assert spring.step(1.0) == 1.0
