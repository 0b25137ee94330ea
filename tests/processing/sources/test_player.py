from __future__ import annotations

import time
from collections.abc import Generator

import av
import numpy as np
from source_lab import BOX, greys, number_of, take

from eyeline.processing.sources.clip import StoredFrame
from eyeline.processing.sources.fitting import FrameFitter
from eyeline.processing.sources.pace import MAX_LATE_S, FrameRateLimit, Pace
from eyeline.processing.sources.player import Player


def player(frames: Generator[StoredFrame, None, None], fps: int = 1000) -> Player:
    return Player(frames, fitter=FrameFitter(BOX), limit=FrameRateLimit(fps))


def stored(count: int, *, interval_s: float, stall_s: float = 0.0) -> Generator[StoredFrame, None, None]:
    """Numbered frames, of which the third takes long to decode."""
    for number, picture in enumerate(greys(count)):
        if number == 2:
            time.sleep(stall_s)
        yield StoredFrame(av.VideoFrame.from_ndarray(picture, "rgb24"), number * interval_s, None)


def test_what_is_late_is_passed_over() -> None:
    playing = player(stored(15, interval_s=0.1, stall_s=0.65))
    playing.open()
    numbers = [number_of(frame.image) for frame in take(playing, 6)]
    assert numbers[:2] == [0, 1]
    assert numbers == sorted(set(numbers))
    assert numbers[2] > 2


def test_a_slow_machine_still_shows_something() -> None:
    def slow() -> Generator[StoredFrame, None, None]:
        for frame in stored(16, interval_s=0.001):
            time.sleep(0.05)
            yield frame

    playing = player(slow())
    playing.open()
    assert len(take(playing, 3)) == 3


def test_the_last_frame_stays() -> None:
    playing = player(stored(2, interval_s=0.02))
    playing.open()
    frames = take(playing, 5)
    assert [number_of(frame.image) for frame in frames] == [0, 1, 1, 1, 1]
    assert np.diff([frame.captured_at_s for frame in frames]).max() < 0.5


def test_skipping_keeps_the_pace_and_makes_no_picture() -> None:
    playing = player(stored(10, interval_s=0.03))
    playing.open()
    begin_s = time.monotonic()
    for _ in range(6):
        assert playing.skip()
    assert time.monotonic() - begin_s >= 0.03 * 4
    assert number_of(take(playing, 1)[0].image) == 6


def test_closing_closes_the_medium() -> None:
    closed = []

    def medium() -> Generator[StoredFrame, None, None]:
        try:
            yield from stored(10, interval_s=0.01)
        finally:
            closed.append(True)

    playing = player(medium())
    playing.open()
    playing.close()
    assert closed == [True]


def test_the_time_line_moves_on_after_a_long_sleep() -> None:
    pace = Pace()
    origin_s = pace.due_s(0.0)
    assert pace.due_s(0.5) == origin_s + 0.5
    late_s = -10.0  # as if ten seconds had passed
    moved_s = pace.due_s(late_s)
    assert moved_s >= origin_s
    assert abs(pace.due_s(late_s + 0.1) - (moved_s + 0.1)) < 1e-6
    assert MAX_LATE_S < 10


def test_the_limit_lets_through_what_is_wanted() -> None:
    limit = FrameRateLimit(30)
    assert sum(limit.admits(n / 60) for n in range(60)) == 30
    limit = FrameRateLimit(30)
    assert all(limit.admits(n / 30 + 0.001 * (n % 2)) for n in range(60))
    assert limit.admits(0.0)  # a time line that starts over
