"""The time to the first picture is that of a program of its own."""

from __future__ import annotations

import pytest
from picture_lab import load_net

from eyeline.bot.bench.errors import BenchError
from eyeline.bot.bench.first_frame import measure_first_frame


def test_a_picture_comes_and_the_launch_is_counted_beside():
    load_net("selfie_segmentation").close()
    first = measure_first_frame()
    assert 0 < first.seconds < first.from_launch_s
    assert first.cpu_s > 0


def test_that_none_comes_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EYELINE_VIDEO__FPS", "0")
    with pytest.raises(BenchError, match=r"video\.fps"):
        measure_first_frame()
