"""How often, and with what pauses, we try to join again."""

from __future__ import annotations

from eyeline.integrations.zoom.patience import Patience
from eyeline.integrations.zoom.retries import Retries
from eyeline.integrations.zoom.situations import ABSENT, AUTHENTICATION, FAILURES, Situation

NO_NETWORK, NOT_STARTED, FULL = AUTHENTICATION["AUTHRET_UNKNOWN"], FAILURES[7], FAILURES[9]


def pauses(situation: Situation, patience: Patience) -> list[float]:
    """All of them, where each try itself takes 20 s."""
    now_s, found = 0.0, []
    retries = Retries(patience, clock_s=lambda: now_s)
    while (pause_s := retries.pause_s(situation)) is not None:
        found.append(pause_s)
        now_s += pause_s + 20
    return found


def test_what_may_pass_by_itself_is_tried_a_few_times() -> None:
    assert NO_NETWORK is not None
    assert pauses(NO_NETWORK, Patience()) == [1, 2, 4]


def test_what_is_final_is_not_tried_again() -> None:
    assert pauses(FULL, Patience()) == []


def test_an_absent_user_is_waited_for_ten_minutes_with_few_mails_to_the_host() -> None:
    found = pauses(ABSENT, Patience())
    assert found == [15, 30, 60, 120, 240]
    assert sum(found) + 20 * len(found) <= 600


def test_a_host_is_waited_for_as_long_as_people_are() -> None:
    found = pauses(NOT_STARTED, Patience(people_limit_s=1800))
    assert found[-1] == 240
    assert 1300 < sum(found) + 20 * len(found) <= 1820


def test_a_wait_that_is_shorter_than_the_first_pause() -> None:
    assert pauses(NOT_STARTED, Patience(people_limit_s=10)) == []
