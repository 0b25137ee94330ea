"""When keyframes are made and asked for."""

from __future__ import annotations

import itertools
from collections.abc import Collection

import pytest

from eyeline.processing.rtc.keyframes import INTERVAL_S, RETURN_INTERVAL_S, STARTUP_S, KeyframeDemand, KeyframeSchedule

FRAME_S = 1 / 30


def keyframe_times(
    schedule: KeyframeSchedule, begin_s: float, end_s: float, requests: Collection[int] = ()
) -> list[float]:
    """The times of keyframes when a frame is sent 30 times a second; requests come before the frames of a number."""
    times = []
    for number in range(round((end_s - begin_s) / FRAME_S)):
        now_s = begin_s + number * FRAME_S
        if number in requests:
            schedule.request()
        if schedule.due(now_s):
            schedule.sent(now_s)
            times.append(round(now_s - begin_s, 2))
    return times


def test_a_stream_begins_with_keyframes_of_its_own() -> None:
    assert keyframe_times(KeyframeSchedule(), 100.0, 140.0) == [0.0, 3.0, 6.0, 9.0, 12.0, 15.0]


def test_a_request_is_granted_at_once_and_then_once_in_an_interval() -> None:
    schedule = KeyframeSchedule()
    schedule.sent(0.0)
    begin_s = STARTUP_S + 5
    every_frame = set(range(60))
    times = keyframe_times(schedule, begin_s, begin_s + 2, every_frame)
    assert times[0] == 0.0
    gaps = [round(later - earlier, 2) for earlier, later in itertools.pairwise(times)]
    assert all(INTERVAL_S <= gap <= INTERVAL_S + 2 * FRAME_S for gap in gaps)


def test_after_a_pause_there_is_one_at_once_and_others_sooner_for_a_second() -> None:
    """A bridge drops pictures until it has settled whom to send what, and asks again."""
    schedule = KeyframeSchedule()
    schedule.sent(0.0)
    begin_s = STARTUP_S + 5
    schedule.sent(begin_s - 0.05)
    schedule.returned(begin_s)
    times = keyframe_times(schedule, begin_s, begin_s + 2, set(range(60)))
    assert times[0] <= 0.1
    gaps = [round(later - earlier, 2) for earlier, later in itertools.pairwise(times)]
    assert gaps[0] <= RETURN_INTERVAL_S + FRAME_S
    assert gaps[-1] >= INTERVAL_S


def test_a_request_that_comes_too_early_is_not_lost() -> None:
    schedule = KeyframeSchedule()
    schedule.sent(0.0)
    schedule.sent(100.0)
    schedule.request()
    assert not schedule.due(100.0 + INTERVAL_S - 0.01)
    assert schedule.due(100.0 + INTERVAL_S)
    schedule.sent(100.0 + INTERVAL_S)
    assert not schedule.due(100.0 + 3 * INTERVAL_S)


def test_a_keyframe_that_happened_anyway_counts() -> None:
    schedule = KeyframeSchedule()
    schedule.sent(0.0)
    schedule.sent(2.0)
    assert not schedule.due(3.5)
    assert schedule.due(5.0)


def test_a_keyframe_that_a_bridge_takes_for_the_one_before_is_made_again_after_it() -> None:
    """A layer ends just after a keyframe: that of the layers which go on would be passed over, and nobody asks."""
    schedule = KeyframeSchedule(0.2, 0.3)
    schedule.sent(0.0)
    schedule.sent(20.0)
    schedule.sent(20.03)
    assert keyframe_times(schedule, 20.06, 24.0) == pytest.approx([0.3], abs=FRAME_S)
    schedule.sent(30.0)
    assert keyframe_times(schedule, 30.03, 34.0) == []


def test_one_stream_knows_no_groups() -> None:
    schedule = KeyframeSchedule()
    schedule.sent(0.0)
    schedule.sent(20.0)
    schedule.sent(20.03)
    assert keyframe_times(schedule, 20.06, 24.0) == []


def test_the_first_frame_is_due_until_it_was_sent() -> None:
    schedule = KeyframeSchedule()
    assert schedule.due(5.0)
    assert schedule.due(6.0)


def test_a_receiver_asks_at_once_then_more_and_more_seldom() -> None:
    demand = KeyframeDemand()
    asked = [step / 100 for step in range(600) if demand.due(step / 100)]
    assert asked == pytest.approx([0.0, 0.2, 0.6, 1.4, 3.0, 4.6], abs=0.05)


def test_a_receiver_that_got_its_keyframe_begins_anew() -> None:
    demand = KeyframeDemand()
    assert demand.due(0.0)
    assert not demand.due(0.1)
    demand.met()
    assert demand.due(0.15)
