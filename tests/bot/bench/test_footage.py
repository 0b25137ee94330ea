"""The drawn person: as good as a real one for the nets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from picture_lab import found_matte, load_mask, write_clip

from eyeline.bot.bench.footage import clip_frames, drawn_frames
from eyeline.processing.errors import SourceError
from eyeline.processing.frame import I420Image


@pytest.mark.parametrize("size", [(1280, 720), (640, 360)])
def test_the_nets_take_the_drawing_for_a_person(size: tuple[int, int]):
    person = load_mask()
    for image in drawn_frames(size, 3):
        share = (found_matte(person, image) > 0.5).mean()
        assert 0.12 < share < 0.25


def test_the_drawing_is_the_same_each_time_and_moves():
    first, again = drawn_frames((320, 180), 6), drawn_frames((320, 180), 6)
    for one, other in zip(first, again, strict=True):
        assert np.array_equal(one.data, other.data)
    assert np.abs(first[0].y.astype(int) - first[5].y).max() > 60


def test_a_clip_is_cut_to_length_and_filled_to_size(tmp_path: Path):
    path = write_clip(tmp_path / "c.mp4", [I420Image.filled(64, 48, (90 + n, 128, 128)) for n in range(5)])
    frames = clip_frames(path, (128, 72), 3)
    assert [int(frame.y[5, 5]) for frame in frames] == [90, 91, 92]
    assert {frame.size for frame in frames} == {(128, 72)}
    with pytest.raises(SourceError):
        clip_frames(tmp_path / "none.mp4", (128, 72), 3)
