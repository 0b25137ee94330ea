"""Animated WebP, frame by frame."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from animation_lab import LEVELS, write_animation
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from eyeline.processing.errors import SourceError
from eyeline.processing.webp_animation import canvas_px, is_animated_webp, webp_frames

PIXELS = 1_000_000


def frames_of(data: bytes):
    return list(webp_frames(io.BytesIO(data), max_pixels=PIXELS))


def test_only_what_moves_is_animated(tmp_path: Path):
    moving = write_animation(tmp_path / "a.webp").read_bytes()
    Image.new("RGB", (8, 8)).save(tmp_path / "b.webp")
    Image.new("RGBA", (8, 8)).save(tmp_path / "c.webp")
    assert is_animated_webp(moving[:30])
    assert canvas_px(moving[:30]) == (64, 48)
    for still in (
        (tmp_path / "b.webp").read_bytes(),
        (tmp_path / "c.webp").read_bytes(),
        b"",
        b"RIFF",
        b"RIFF1234WEBPVP8X",
    ):
        assert not is_animated_webp(still[:30])


def test_every_frame_with_its_time(tmp_path: Path):
    frames = frames_of(write_animation(tmp_path / "a.webp", lasts_ms=70).read_bytes())
    assert [int(frame.bgra[10, 10, 0]) for frame in frames] == list(LEVELS)
    assert [frame.lasts_s for frame in frames] == [0.07] * 5


@pytest.mark.parametrize("lossless", [True, False])
def test_parts_over_parts_come_out_as_another_decoder_makes_them(tmp_path: Path, lossless: bool):
    random = np.random.default_rng(3)
    frames = []
    for index in range(6):
        frame = Image.new("RGBA", (80, 60), (0, 0, 0, 0))
        patch = Image.fromarray(random.integers(0, 256, (20, 30, 4), np.uint8), "RGBA").resize((40, 30))
        frame.paste(patch, (index * 6, index * 4))
        frames.append(frame)
    path = tmp_path / "a.webp"
    options = {"lossless": True} if lossless else {"quality": 95}
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=50, **options)
    got = frames_of(path.read_bytes())
    with Image.open(path) as image:
        wanted = [np.asarray(frame.convert("RGBA")) for frame in ImageSequence.Iterator(image)]
    assert len(got) == len(wanted) == 6
    for mine, theirs in zip(got, wanted, strict=True):
        np.testing.assert_allclose(mine.bgra[..., 3], theirs[..., 3], atol=2)
        seen = theirs[..., 3] > 128
        difference = np.abs(mine.bgra[seen][:, :3].astype(int) - theirs[seen][:, 2::-1].astype(int))
        assert difference.max() <= (3 if lossless else 60)
        assert difference.mean() < (1 if lossless else 8)


def test_what_is_cut_off_gives_its_beginning_and_says_so(tmp_path: Path):
    data = write_animation(tmp_path / "a.webp").read_bytes()
    frames = webp_frames(io.BytesIO(data[: len(data) * 6 // 10]), max_pixels=PIXELS)
    assert next(frames).bgra[10, 10, 0] == LEVELS[0]
    with pytest.raises(SourceError, match="cut off"):
        list(frames)


def test_a_canvas_too_large_is_refused_before_anything_is_made(tmp_path: Path):
    data = bytearray(write_animation(tmp_path / "a.webp").read_bytes())
    data[24:30] = b"\xff\x3f\x00\xff\x3f\x00"
    with pytest.raises(SourceError, match="16384x16384"):
        frames_of(bytes(data))


def test_a_frame_that_is_larger_than_it_says_is_refused(tmp_path: Path):
    data = bytearray(write_animation(tmp_path / "a.webp").read_bytes())
    lossless = data.index(b"VP8L") + 9
    data[lossless : lossless + 4] = (0x3FFF | 0x3FFF << 14).to_bytes(4, "little")
    with pytest.raises(SourceError, match="not as large"):
        frames_of(bytes(data))


_WHOLE = io.BytesIO()
Image.new("RGB", (16, 16)).save(
    _WHOLE, "WEBP", save_all=True, append_images=[Image.new("RGB", (16, 16), (9, 9, 200))], duration=40
)


@given(st.integers(0, len(_WHOLE.getvalue()) - 1), st.integers(0, 255))
def test_any_damage_ends_well(at: int, value: int):
    data = bytearray(_WHOLE.getvalue())
    data[at] = value
    try:
        for frame in frames_of(bytes(data)):
            assert frame.lasts_s > 0
    except SourceError:
        pass
