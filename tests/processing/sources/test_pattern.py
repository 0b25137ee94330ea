from __future__ import annotations

import time

import numpy as np
import pytest
from source_lab import take

from eyeline.processing.sources.fitting import Box
from eyeline.processing.sources.pattern import PatternReader, draw_pattern


def test_the_same_moment_looks_the_same() -> None:
    first, second = (draw_pattern(320, 180, clock_s=1_700_000_000.25, number=7) for _ in range(2))
    assert np.array_equal(first.data, second.data)


def test_shows_clock_and_counter_and_moves() -> None:
    now = draw_pattern(320, 180, clock_s=1_700_000_000.25, number=7)
    later = draw_pattern(320, 180, clock_s=1_700_000_000.75, number=7)
    counted = draw_pattern(320, 180, clock_s=1_700_000_000.25, number=8)
    clock, counter = slice(30, 65), slice(70, 85)
    assert not np.array_equal(now.y[clock], later.y[clock])
    assert np.array_equal(now.y[clock], counted.y[clock])
    assert not np.array_equal(now.y[counter], counted.y[counter])


def test_has_seven_bars() -> None:
    bars = draw_pattern(700, 180, clock_s=0.0, number=0).to_bgr()[175, 50::100].astype(int)
    assert len({tuple(bar // 16) for bar in bars}) == 7


def test_any_size() -> None:
    for width_px, height_px in ((2, 2), (64, 36), (1280, 720), (1920, 1080), (90, 160)):
        assert draw_pattern(width_px, height_px, clock_s=1.0, number=10**9).size == (width_px, height_px)


def test_comes_at_the_wanted_rate() -> None:
    reader = PatternReader(Box(321, 181, 50))
    reader.open()
    frames = take(reader, 11)
    assert frames[0].image.size == (320, 180)
    assert frames[-1].captured_at_s - frames[0].captured_at_s >= 7 / 50, "only what came late is made good"
    reader.close()


def test_counts_what_is_shown_and_what_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0)
    reader = PatternReader(Box(320, 180, 100))
    reader.open()
    assert sum(reader.skip() for _ in range(5)) == 5
    for number, frame in enumerate(take(reader, 2), 6):
        wanted = draw_pattern(320, 180, clock_s=1_700_000_000.0, number=number)
        assert np.array_equal(frame.image.data, wanted.data)
