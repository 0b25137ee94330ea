"""What is asked for again, and when."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from eyeline.processing.rtc.nack import LIMIT, TRIES, NackList

ROUND_TRIP_S = 0.05


def fed(sequences: Iterable[int], at_s: float = 0.0) -> NackList:
    nacks = NackList()
    for sequence in sequences:
        nacks.add(sequence, at_s)
    return nacks


def asked(nacks: NackList, begin_s: float, end_s: float) -> list[tuple[float, list[int]]]:
    """Everything that is asked for when it is looked every 5 ms."""
    rounds = []
    for step in range(round((end_s - begin_s) * 200)):
        now_s = begin_s + step / 200
        if lost := nacks.due(now_s):
            rounds.append((round(now_s, 3), lost))
    return rounds


def test_nothing_is_missing_in_order() -> None:
    nacks = fed(range(100))
    assert not nacks.pending
    assert nacks.due(1.0) == []


def test_a_gap_with_three_packets_behind_it_is_asked_for_at_once() -> None:
    assert fed([1, 2, 5, 6]).due(0.0) == [3]
    assert fed([1, 2, 5, 6, 7]).due(0.0) == [3, 4]


def test_mere_reordering_is_not() -> None:
    nacks = fed([1, 3])
    assert nacks.due(0.005) == []
    nacks.add(2, 0.006)
    assert not nacks.pending
    assert asked(nacks, 0.006, 1.0) == []


def test_a_gap_without_much_behind_it_is_asked_for_soon() -> None:
    assert asked(fed([1, 3]), 0.0, 0.02) == [(0.01, [2])]  # seen at the next look after 8 ms


def test_it_is_asked_for_once_in_a_round_trip_and_given_up_in_the_end() -> None:
    nacks = fed([1, 3, 4, 5])
    rounds = asked(nacks, 0.0, 3.0)
    assert [lost for _, lost in rounds] == [[2]] * (2 * TRIES - 1)
    times = [at_s for at_s, _ in rounds]
    first, *questions = times[:1] + times[1::2]
    assert all(echo - question < 0.015 for question, echo in zip(questions, times[2::2], strict=True))
    pauses = [later - earlier for earlier, later in itertools.pairwise([first, *questions])]
    assert all(pause >= nacks.round_trip_s for pause in pauses)
    assert not nacks.pending


def test_the_round_trip_is_learnt_from_answers() -> None:
    nacks = NackList()
    now_s = 0.0
    for sequence in range(0, 400, 5):
        for offset in (0, 2, 3, 4):
            nacks.add(sequence + offset, now_s)
        assert nacks.due(now_s) == [sequence + 1]
        nacks.add(sequence + 1, now_s + ROUND_TRIP_S)
        now_s += 0.1
    assert abs(nacks.round_trip_s - ROUND_TRIP_S) < 0.001
    for sequence in (400, 402, 403, 404):
        nacks.add(sequence, now_s)
    first, second, *_ = asked(nacks, now_s, now_s + 0.2)
    assert ROUND_TRIP_S - 0.001 <= second[0] - first[0] <= ROUND_TRIP_S + 0.01


def test_an_answer_to_the_second_question_teaches_nothing() -> None:
    nacks = fed([1, 3, 4, 5])
    before_s = nacks.round_trip_s
    assert nacks.due(0.0) == [2]
    assert nacks.due(0.2) == [2]
    nacks.add(2, 0.21)
    assert nacks.round_trip_s == before_s


def test_what_is_of_no_use_is_not_asked_for() -> None:
    nacks = fed([1, 5, 9, 10, 11])
    nacks.forget_before(6)
    assert nacks.due(0.0) == [6, 7, 8]


def test_duplicates_and_old_packets_are_harmless() -> None:
    nacks = fed([10, 11, 11, 10, 3, 12])
    assert not nacks.pending


def test_the_list_is_bounded() -> None:
    nacks = fed([1, 3, 4, 5])
    assert not nacks.add(5 + LIMIT + 5, 0.0)
    assert not nacks.pending
    assert nacks.add(5 + LIMIT + 6, 0.0)


def test_a_restart_keeps_the_round_trip_only() -> None:
    nacks = fed([1, 3, 4, 5])
    nacks.due(0.0)
    nacks.add(2, 0.03)
    nacks.add(9, 0.03)
    nacks.restart()
    assert not nacks.pending
    assert nacks.round_trip_s == 0.03
    assert nacks.add(50_000, 0.1)
    assert not nacks.pending
