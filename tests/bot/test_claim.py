from __future__ import annotations

import pytest

from eyeline.bot.claim import CODE_LIFE_S, DIGITS, GUESSES, LONG_DIGITS, ClaimCode, Claimed


class Lab:
    """A code, its terminal and its time."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.now_s = 1000.0
        self.code = ClaimCode(self.shown.append, clock_s=lambda: self.now_s)
        self.code.renew()

    @property
    def wrong(self) -> str:
        return f"{(int(self.shown[-1]) + 1) % 1_000_000:06d}"

    def wear_out(self) -> None:
        for _ in range(GUESSES):
            self.code.check(self.wrong)


@pytest.mark.parametrize(("worn_out", "digits"), [(False, DIGITS), (True, LONG_DIGITS)])
def test_codes_are_digits_and_differ(worn_out: bool, digits: int) -> None:
    lab = Lab()
    if worn_out:
        lab.wear_out()
    lab.shown.clear()
    for _ in range(50):
        lab.code.renew()
    assert all(len(code) == digits and code.isascii() and code.isdigit() for code in lab.shown)
    assert len(set(lab.shown)) > 40


def test_a_code_is_good_once_and_then_there_is_another() -> None:
    lab = Lab()
    first = lab.shown[-1]
    assert lab.code.check(first) is Claimed.RIGHT
    assert lab.code.check(first) is Claimed.WRONG
    assert lab.code.check(lab.shown[-1]) is Claimed.RIGHT


@pytest.mark.parametrize("worn_out", [False, True])
def test_an_old_code_is_replaced_when_somebody_tries_it(worn_out: bool) -> None:
    lab = Lab()
    if worn_out:
        lab.wear_out()
    first, shown = lab.shown[-1], len(lab.shown)
    lab.now_s += CODE_LIFE_S + 1
    assert len(lab.shown) == shown
    assert lab.code.check(first) is Claimed.EXPIRED
    assert lab.code.check(lab.shown[-1]) is Claimed.RIGHT


def test_guessing_makes_codes_long_and_never_locks_the_owner_out() -> None:
    lab = Lab()
    first = lab.shown[-1]
    answers = [lab.code.check(lab.wrong) for _ in range(GUESSES)]
    assert answers == [Claimed.WRONG] * (GUESSES - 1) + [Claimed.WRONG_NOW_LONG]
    assert [len(code) for code in lab.shown] == [DIGITS, LONG_DIGITS]
    assert lab.code.check(first) is Claimed.WRONG
    for number in range(10_000):
        assert lab.code.check(f"{number:06d}") is Claimed.WRONG
    assert len(lab.shown) == 2, "a guesser cannot flood the terminal"
    assert lab.code.check(lab.shown[-1]) is Claimed.RIGHT
    assert len(lab.shown[-1]) == DIGITS


def test_a_guesser_has_few_guesses_at_short_codes_however_long_it_takes() -> None:
    """Also across codes that have become too old."""
    lab = Lab()
    checked = 0
    for _ in range(3000):
        lab.now_s += 400.0
        was_short = len(lab.shown[-1]) == DIGITS
        answer = lab.code.check("000000" if lab.shown[-1] != "000000" else "000001")
        checked += was_short and answer in (Claimed.WRONG, Claimed.WRONG_NOW_LONG)
    assert checked == GUESSES
