from __future__ import annotations

from eyeline.bot.chat.limits import BURST, MAX_PEOPLE, STRANGERS_BURST, Admission, ChatLimits


class Clock:
    """Time that only passes when told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_burst_then_one_at_a_time() -> None:
    clock = Clock()
    limits = ChatLimits(2.0, clock_s=clock)
    assert [limits.admit("ann", stranger=False) for _ in range(BURST)] == [Admission.YES] * BURST
    assert [limits.admit("ann", stranger=False) for _ in range(3)] == [Admission.NOTICE, Admission.NO, Admission.NO]
    assert limits.admit("bob", stranger=False) is Admission.YES
    clock.now_s += 2.0
    assert limits.admit("ann", stranger=False) is Admission.YES
    assert limits.admit("ann", stranger=False) is Admission.NOTICE


def test_no_cooldown_is_no_limit() -> None:
    limits = ChatLimits(0.0, clock_s=Clock())
    assert {limits.admit("ann", stranger=False) for _ in range(100)} == {Admission.YES}


def test_strangers_share_one_allowance_and_are_told_nothing() -> None:
    limits = ChatLimits(1.0, clock_s=Clock())
    assert [limits.admit_stranger() for _ in range(100)].count(True) == STRANGERS_BURST
    answers = {limits.admit("stranger", stranger=True) for _ in range(100)}
    assert answers == {Admission.YES, Admission.NO}
    assert limits.admit("ann", stranger=False) is Admission.YES


def test_a_crowd_is_forgotten() -> None:
    limits = ChatLimits(1.0, clock_s=Clock())
    for number in range(10_000):
        limits.admit(number, stranger=True)
    assert len(limits) == MAX_PEOPLE
