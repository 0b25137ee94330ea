"""When pictures are shown, by how they came."""

from __future__ import annotations

import random

import numpy as np
import pytest

from eyeline.processing.rtc.video_playout import MOST_S, UNEVEN_S, VideoPlayout

FRAME_S = 1 / 30


def shown(playout: VideoPlayout, took_s: list[float]) -> list[tuple[float, float]]:
    """When each picture of a stream is complete and when it is due; pictures never overtake one another."""
    times, last_s = [], 0.0
    for number, each_s in enumerate(took_s):
        complete_s = max(last_s, 100 + number * FRAME_S + each_s)
        last_s = complete_s
        times.append((complete_s, playout.due_s(number * FRAME_S, complete_s)))
    return times


def lossy(count: int, seed: int = 1) -> list[float]:
    """A third of the pictures wait for a packet that is sent again."""
    picker = random.Random(seed)
    return [0.025 + picker.random() * 0.004 + (0.06 if picker.random() < 0.35 else 0.0) for _ in range(count)]


def test_nothing_waits_on_a_good_path() -> None:
    picker = random.Random(2)
    for complete_s, due_s in shown(VideoPlayout(), [0.02 + picker.random() * 0.02 for _ in range(300)]):
        assert due_s == complete_s


def test_pictures_come_evenly_where_packets_are_lost() -> None:
    playout = VideoPlayout()
    times = shown(playout, lossy(600))[60:]
    steps_s = np.diff([due_s for _, due_s in times])
    assert np.diff([complete_s for complete_s, _ in times]).min() < 0.002, "they come in bunches"
    assert np.mean(steps_s < FRAME_S / 2) < 0.03
    assert UNEVEN_S < playout.delay_s <= 0.07


def test_the_delay_is_given_back() -> None:
    playout = VideoPlayout()
    times = shown(playout, lossy(200) + [0.025] * 400)
    assert playout.delay_s == 0.0
    assert times[-1][0] == times[-1][1]
    steps_s = np.diff([due_s for _, due_s in times[200:]])
    assert steps_s.min() > FRAME_S / 2, "nothing is hurried on the way back"


def test_one_stall_is_no_reason_to_wait() -> None:
    playout = VideoPlayout()
    times = shown(playout, [0.02] * 100 + [0.5] + [0.02] * 100)
    assert all(due_s <= complete_s + MOST_S for complete_s, due_s in times)
    assert times[-1][0] == times[-1][1], "and none waits once it is over"


def test_nobody_waits_longer_than_the_most() -> None:
    playout = VideoPlayout()
    for complete_s, due_s in shown(playout, [0.02 if number % 3 else 0.6 for number in range(200)]):
        assert complete_s <= due_s <= complete_s + MOST_S + 1e-9


def test_another_stream_begins_without_delay() -> None:
    playout = VideoPlayout()
    shown(playout, lossy(200))
    playout.restart()
    assert playout.delay_s == 0.0
    assert playout.due_s(7000.0, 300.0) == pytest.approx(300.0)
