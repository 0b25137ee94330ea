"""Tiers: down in time, up with patience, no swinging to and fro."""

from __future__ import annotations

from itertools import pairwise

import pytest

from eyeline.processing.tiers import BETTER, CHEAPER, Tier, TierControl

PERIOD_S = 1 / 30
COST = {Tier.CLOSE: 1.0, Tier.CLOSE_HALF: 0.75, Tier.FINDER: 0.7, Tier.FINDER_HALF: 0.5}


class Machine:
    """Makes pictures of a source of 30 frames a second, the newest frame each time."""

    def __init__(self, control: TierControl, period_s: float = PERIOD_S) -> None:
        self.control = control
        self.period_s = period_s
        self.now_s = 0.0
        self.captured_at_s = -period_s
        self.changes: list[tuple[float, Tier]] = []
        self.why: list[str] = []

    def work(self, for_s: float, close_ms: float) -> None:
        """For so long, with a close look taking so much."""
        end_s = self.now_s + for_s
        while self.now_s < end_s:
            newest_s = self.now_s // self.period_s * self.period_s
            if newest_s <= self.captured_at_s + 1e-9:
                newest_s = self.captured_at_s + self.period_s
            self.captured_at_s = newest_s
            tier = self.control.tier
            frame_s = close_ms / 1e3 * COST[tier]
            self.now_s = max(self.now_s, newest_s) + frame_s
            self.control.spent(frame_s, newest_s)
            if self.control.tier is not tier:
                self.changes.append((self.now_s, self.control.tier))
                self.why.append(self.control.why)


@pytest.fixture
def machine() -> Machine:
    return Machine(TierControl())


def test_the_ladder_has_no_gap():
    assert list(pairwise(Tier)) == list(CHEAPER.items())
    assert {cheaper: better for better, cheaper in CHEAPER.items()} == BETTER


def test_a_machine_with_time_to_spare_stays_with_the_best(machine: Machine):
    machine.work(60, close_ms=15)
    assert machine.control.tier is Tier.CLOSE
    assert not machine.changes


@pytest.mark.parametrize(
    ("close_ms", "tier"), [(36, Tier.CLOSE_HALF), (40, Tier.FINDER), (50, Tier.FINDER_HALF), (200, Tier.FINDER_HALF)]
)
def test_a_slow_machine_goes_down_until_it_keeps_up_and_stays(machine: Machine, close_ms: float, tier: Tier):
    machine.work(30, close_ms)
    assert machine.control.tier is tier
    before = len(machine.changes)
    machine.work(120, close_ms)
    assert len(machine.changes) == before
    assert machine.changes[0][0] < 3.5
    assert f"{close_ms:.0f} ms" in machine.why[0]


@pytest.mark.parametrize("close_ms", [34, 45, 60, 66, 70, 99, 100])
def test_frames_that_were_left_out_do_not_look_like_a_slower_source(machine: Machine, close_ms: float):
    machine.work(5, close_ms)
    assert machine.control.tier is not Tier.CLOSE


def test_a_moment_of_trouble_changes_nothing(machine: Machine):
    for _ in range(10):
        machine.work(4, close_ms=12)
        machine.work(1.3, close_ms=60)
    assert not machine.changes


def test_it_climbs_again_step_by_step_when_the_trouble_is_over(machine: Machine):
    machine.work(12, close_ms=60)
    assert machine.control.tier is Tier.FINDER_HALF
    came_s = machine.now_s
    machine.work(60, close_ms=12)
    climbed = [(at_s - came_s, tier) for at_s, tier in machine.changes if at_s > came_s]
    assert [tier for _, tier in climbed] == [Tier.FINDER, Tier.CLOSE_HALF, Tier.CLOSE]
    assert climbed[0][0] > 5
    assert climbed[-1][0] < 30
    assert "only" in machine.why[-1]


def test_a_climb_that_was_a_mistake_is_tried_less_and_less(machine: Machine):
    """At this cost the cheaper tier seems to have time to spare, and the better one cannot be kept."""
    costs = COST | {Tier.CLOSE: 2.0}
    machine.control = TierControl()
    begun = []
    for _ in range(40_000):
        tier = machine.control.tier
        frame_s = 0.020 * costs[tier]
        machine.captured_at_s += max(PERIOD_S, frame_s)
        machine.control.spent(frame_s, machine.captured_at_s)
        if machine.control.tier is Tier.CLOSE and tier is not Tier.CLOSE:
            begun.append(machine.captured_at_s)
    pauses = [after - before for before, after in pairwise(begun)]
    assert len(pauses) >= 4
    assert all(after > 1.4 * before for before, after in pairwise(pauses[:4]))
    assert max(pauses) < 120


def test_pauses_and_clocks_that_jump_are_no_evidence(machine: Machine):
    for step in range(2000):
        machine.control.spent(0.5, step * 2.0)
        machine.control.spent(0.5, step * 2.0)
        machine.control.spent(0.5, step * 2.0 - 5)
    assert machine.control.tier is Tier.CLOSE


def test_a_slow_source_is_no_slow_machine():
    slow = Machine(TierControl(), period_s=1.0)
    slow.work(120, close_ms=60)
    assert not slow.changes


@pytest.mark.parametrize("tier", list(Tier))
def test_a_pinned_tier_stays(tier: Tier):
    for close_ms in (1, 300):
        pinned = Machine(TierControl(tier))
        pinned.work(40, close_ms)
        assert pinned.control.tier is tier
        assert not pinned.changes
    assert pinned.control.why
