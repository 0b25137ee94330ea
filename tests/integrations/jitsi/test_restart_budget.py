from __future__ import annotations

from eyeline.integrations.jitsi.restart_budget import RestartBudget


def test_allows_one_in_five_seconds_and_five_in_a_minute() -> None:
    budget = RestartBudget()
    assert [at_s for at_s in range(100, 200, 2) if budget.try_take(at_s)] == [
        100,
        106,
        112,
        118,
        124,
        160,
        166,
        172,
        178,
        184,
    ]


def test_counts_from_when_a_request_has_reached_the_focus() -> None:
    budget = RestartBudget()
    assert budget.try_take(100)
    budget.answered(103)
    assert budget.wait_s(106) == 2
    assert not budget.try_take(107.9)
    assert budget.try_take(108)


def test_a_refused_request_does_not_count() -> None:
    budget = RestartBudget()
    assert budget.try_take(100)
    budget.answered(100)
    assert budget.try_take(105)
    budget.refused()
    assert budget.try_take(106)
    for at_s in (111, 116, 121):
        assert budget.try_take(at_s)
    assert budget.wait_s(130) == 30
