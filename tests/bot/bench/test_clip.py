"""The clip, raw and coded."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext

from eyeline.bot.bench.clip import FLASH_EVERY, FLASH_FRAMES, Clip, load_clip
from eyeline.bot.bench.counter import is_lit, read_number
from eyeline.bot.bench.errors import BenchUsageError
from eyeline.bot.bench.packets import CodedClip, is_keyframe, next_keyframe
from eyeline.bot.bench.receiver import luma_of


def test_every_picture_has_its_number_and_flashes_come_once_a_second(clip: Clip) -> None:
    pictures = clip.open()
    assert pictures.shape == (clip.frames, clip.height_px * 3 // 2, clip.width_px)
    for number, picture in enumerate(pictures):
        luma = picture[: clip.height_px]
        assert read_number(luma, clip.width_px) == number
        assert is_lit(luma, clip.width_px) == (number % FLASH_EVERY < FLASH_FRAMES)


def test_it_moves_all_the_time_and_begins_anew_without_a_jump(clip: Clip) -> None:
    luma = clip.open()[:, 64 : clip.height_px].astype(np.int16)
    steps = np.abs(np.diff(luma, axis=0)).mean(axis=(1, 2))
    jump = np.abs(luma[-1] - luma[0]).mean()
    assert steps.min() > 0.5
    assert jump < 2 * steps.max()


def test_it_crosses_to_another_process(clip: Clip, coded: CodedClip) -> None:
    assert Clip.of(clip.arguments()) == clip
    assert CodedClip.of(coded.arguments()) == coded


def test_coded_it_decodes_to_the_same_numbers_with_a_keyframe_each_second(clip: Clip, coded: CodedClip) -> None:
    decoder = VideoCodecContext.create("h264", "r")
    for number, unit in enumerate(coded.units()):
        [frame] = decoder.decode(av.Packet(unit))
        assert read_number(luma_of(frame), clip.width_px) == number
        assert frame.key_frame == is_keyframe(number)


def test_a_keyframe_can_be_jumped_to(coded: CodedClip) -> None:
    frames = len(coded.sizes)
    assert [next_keyframe(number, frames) for number in (0, 1, 30, 31, frames - 1)] == [0, 30, 30, 60, 0]


def test_a_file_can_be_the_clip(tmp_path: Path, coded: CodedClip) -> None:
    film = tmp_path / "film.h264"
    film.write_bytes(coded.path.read_bytes())
    made = load_clip(tmp_path / "clip.i420", film, width_px=160, height_px=96, frames=10)
    assert made.open().shape == (10, 144, 160)
    assert [is_lit(picture[:96], 160) for picture in made.open()[:4]] == [True, True, True, False]


def test_a_file_that_is_no_film_is_refused(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.mp4"
    with pytest.raises(BenchUsageError, match="cannot be measured with"):
        load_clip(tmp_path / "clip.i420", nothing)
    nothing.write_bytes(b"no film")
    with pytest.raises(BenchUsageError, match="cannot be measured with"):
        load_clip(tmp_path / "clip.i420", nothing)
