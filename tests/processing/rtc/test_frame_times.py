from __future__ import annotations

import itertools
import random

import pytest

from eyeline.processing.rtc.frame_times import FrameTime, FrameTimes

TICKS_HZ = 90_000


def line(times_s: list[float]) -> list[FrameTime]:
    times = FrameTimes(TICKS_HZ)
    return [times.next(at_s) for at_s in times_s]


def steps_ms(times: list[FrameTime]) -> list[float]:
    return [time.duration * 1000 / TICKS_HZ for time in times]


def test_each_frame_begins_where_the_one_before_ends() -> None:
    rng = random.Random(3)
    made = line([number / 30 + rng.uniform(-0.03, 0.03) for number in range(300)])
    assert made[0].begin == 0
    for one, other in itertools.pairwise(made):
        assert one.begin + one.duration == other.begin
        assert one.duration > 0


@pytest.mark.parametrize("fps", [10, 15, 24, 30, 60])
def test_steady_frames_keep_their_distance(fps: int) -> None:
    made = steps_ms(line([1000 + number / fps for number in range(200)]))
    assert made[120:] == pytest.approx([1000 / fps] * 80, rel=0.01)


def test_jitter_is_evened_out_and_the_sum_is_true() -> None:
    rng = random.Random(1)
    times_s = [number / 30 + rng.uniform(0, 0.03) for number in range(600)]
    made = steps_ms(line(times_s))
    assert min(made[10:]) > 25
    assert max(made[10:]) < 42
    assert sum(made) == pytest.approx(20_000, abs=100)


def test_missing_frames_change_steps_a_little_at_a_time() -> None:
    rng = random.Random(5)
    made = steps_ms(line([number / 30 for number in range(600) if rng.random() > 0.15]))
    assert sum(made) == pytest.approx(20_000, abs=200)
    changes = sorted(abs(later / earlier - 1) for earlier, later in itertools.pairwise(made))
    assert changes[int(len(changes) * 0.95)] < 0.1


def test_it_takes_over_another_rate() -> None:
    thirty = [number / 30 for number in range(60)]
    fifteen = [2 + number / 15 for number in range(60)]
    made = steps_ms(line(thirty + fifteen))
    assert made[70:] == pytest.approx([1000 / 15] * 50, rel=0.1)


@pytest.mark.parametrize("leap_s", [30.0, -5.0, 0.0, 86_400.0, -47_721.0])
def test_a_leap_saves_up_nothing(leap_s: float) -> None:
    before = [number / 30 for number in range(60)]
    after = [2 + leap_s + number / 30 for number in range(60)]
    assert max(steps_ms(line(before + after))) < 50


def test_one_timestamp_twice_is_two_frames() -> None:
    made = line([0.0, 0.0, 0.0])
    assert [time.duration for time in made] == [3000, 3000, 3000]
