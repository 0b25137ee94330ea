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
