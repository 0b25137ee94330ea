from __future__ import annotations

import itertools

from eyeline.bot.claim import CODE_LIFE_S, FIRST_REST_S, GUESSES_PER_CODE, MAX_CODES_GUESSED, ClaimCode, Claimed


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


def test_codes_are_six_digits_and_differ() -> None:
    lab = Lab()
    for _ in range(50):
        lab.code.renew()
    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in lab.shown)
    assert len(set(lab.shown)) > 40


def test_a_code_is_good_once_and_then_there_is_another() -> None:
    lab = Lab()
    first = lab.shown[-1]
    assert lab.code.check(first) is Claimed.RIGHT
    assert lab.code.check(first) is Claimed.WRONG
    assert lab.code.check(lab.shown[-1]) is Claimed.RIGHT


def test_an_old_code_is_replaced_when_somebody_tries_it() -> None:
    lab = Lab()
    first = lab.shown[-1]
    lab.now_s += CODE_LIFE_S + 1
    assert len(lab.shown) == 1
    assert lab.code.check(first) is Claimed.EXPIRED
    assert lab.code.check(lab.shown[-1]) is Claimed.RIGHT


def test_guessing_rests_longer_and_longer_and_then_ends() -> None:
    lab = Lab()
    for number in range(MAX_CODES_GUESSED):
        code = lab.shown[-1]
        assert [lab.code.check(lab.wrong) for _ in range(GUESSES_PER_CODE)] == [Claimed.WRONG] * GUESSES_PER_CODE
        rest_s = FIRST_REST_S * 2**number
        lab.now_s += rest_s - 1
        is_last = number == MAX_CODES_GUESSED - 1
        assert lab.code.check(lab.shown[-1]) is (Claimed.CLOSED if is_last else Claimed.RESTING)
        lab.now_s += 2
        assert (lab.shown[-1] == code) is is_last
    lab.now_s += 1e9
    assert lab.code.check(lab.shown[-1]) is Claimed.CLOSED


def test_a_guesser_has_few_guesses_in_all() -> None:
    lab = Lab()
    checked = 0
    for _ in itertools.repeat(None, 5000):
        lab.now_s += 30.0
        checked += lab.code.check("000000" if lab.shown[-1] != "000000" else "000001") is Claimed.WRONG
    assert checked == GUESSES_PER_CODE * MAX_CODES_GUESSED
