"""Round and round, whatever is wrong with the file."""

from __future__ import annotations

from itertools import islice, pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from animation_lab import LEVELS, write_animation, write_see_through
from picture_lab import turn_clip, write_clip

from eyeline.processing.errors import SourceError
from eyeline.processing.frame import I420Image
from eyeline.processing.loop import LoopedFrame, looped

PIXELS = 1_000_000


def taken(path: Path, count: int) -> list[LoopedFrame]:
    frames = looped(path, max_pixels=PIXELS)
    try:
        return list(islice(frames, count))
    finally:
        frames.close()


def level(frame: LoopedFrame) -> int:
    return int(frame.image().to_bgr()[20, 20, 1])


def noise_clip(path: Path, count: int = 30) -> Path:
    random = np.random.default_rng(0)
    images = [I420Image(160, 120, random.integers(16, 235, 160 * 120 * 3 // 2, np.uint8)) for _ in range(count)]
    return write_clip(path, images, options={"crf": "30", "g": "5"})


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp", ".avif"])
def test_animated_pictures_run_round_at_their_pace(tmp_path: Path, suffix: str):
    try:
        path = write_animation(tmp_path / f"a{suffix}", lasts_ms=80)
    except (OSError, KeyError, ValueError):
        pytest.skip(f"nothing here writes {suffix}")
    frames = taken(path, 12)
    np.testing.assert_allclose([level(frame) for frame in frames], [*LEVELS, *LEVELS, *LEVELS[:2]], atol=6)
    assert [frame.due_s for frame in frames] == pytest.approx([n * 0.08 for n in range(12)], abs=0.005)
    assert not any(frame.trouble for frame in frames)


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp"])
def test_what_is_transparent_shows_grey(tmp_path: Path, suffix: str):
    path = write_see_through(tmp_path / f"a{suffix}")
    first, second = (frame.image().to_bgr() for frame in taken(path, 2))
    np.testing.assert_allclose(first[24, [8, 56]], 128, atol=4)
    np.testing.assert_allclose(second[24, 8], 255, atol=4)
    np.testing.assert_allclose(second[24, 56], 128, atol=4)


def test_times_that_stand_still_do_not_run_without_end(tmp_path: Path):
    path = write_animation(tmp_path / "a.gif", lasts_ms=0)
    times = [frame.due_s for frame in taken(path, 50)]
    assert all(later - sooner >= 1 / 121 for sooner, later in pairwise(times))
    still = tmp_path / "same.mkv"
    with av.open(str(still), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuvj420p"
        for index in range(6):
            frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), "rgb24").reformat(format="yuvj420p")
            frame.pts = index
            for packet in stream.encode(frame):
                packet.pts = packet.dts = 0
                container.mux(packet)
    times = [frame.due_s for frame in taken(still, 20)]
    assert all(later - sooner >= 1 / 121 for sooner, later in pairwise(times))


def test_a_file_that_is_deleted_goes_on(tmp_path: Path):
    path = write_clip(tmp_path / "c.mp4", [I420Image.filled(64, 48, (50 + n, 128, 128)) for n in range(5)])
    frames = looped(path, max_pixels=PIXELS)
    next(frames)
    path.unlink()
    assert [int(frame.image().y[0, 0]) for frame in islice(frames, 9)] == [51, 52, 53, 54, 50, 51, 52, 53, 54]
    frames.close()


def test_damage_in_the_middle_is_passed_over_and_told(tmp_path: Path):
    path = noise_clip(tmp_path / "c.mp4")
    data = bytearray(path.read_bytes())
    data[len(data) // 4 : len(data) // 2] = bytes(len(data) // 2 - len(data) // 4)
    path.write_bytes(data)
    frames = taken(path, 70)
    assert len(frames) == 70
    assert any("damaged" in frame.trouble or "repeated" in frame.trouble for frame in frames)


def test_a_file_that_was_cut_off_repeats_what_there_is(tmp_path: Path):
    path = noise_clip(tmp_path / "c.mkv")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    frames = taken(path, 60)
    times = [frame.due_s for frame in frames]
    assert times == sorted(times)
    assert len(frames) == 60


@pytest.mark.parametrize("content", [b"", b"no video at all " * 100])
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes):
    (tmp_path / "c.mp4").write_bytes(content)
    with pytest.raises(SourceError, match=r"c\.mp4"):
        taken(tmp_path / "c.mp4", 1)
    with pytest.raises(SourceError, match=r"none\.mp4"):
        taken(tmp_path / "none.mp4", 1)


def test_a_single_frame_is_a_still(tmp_path: Path):
    path = write_clip(tmp_path / "c.mp4", [I420Image.filled(64, 48, (50, 128, 128))])
    assert len(taken(path, 5)) == 1


def test_a_phone_held_upright(tmp_path: Path):
    path = write_clip(tmp_path / "c.mp4", [I420Image.filled(64, 48, (50, 128, 128))] * 3)
    turn_clip(path, 90)
    assert taken(path, 1)[0].image().size == (48, 64)


def test_ten_bits_and_more_light_than_a_display_has_are_no_obstacle(tmp_path: Path):
    path = tmp_path / "hdr.mp4"
    wide = "log-level=0:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx265", rate=25, options={"x265-params": wide})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p10le"
        for index in range(3):
            grey = np.full((48, 64, 3), 60 * index, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, "rgb24").reformat(format="yuv420p10le")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    images = [frame.image() for frame in taken(path, 3)]
    assert [image.size for image in images] == [(64, 48)] * 3
    lumas = [int(image.y.mean()) for image in images]
    assert lumas == sorted(lumas)
    assert lumas[2] != pytest.approx(16 + 219 * 120 / 255, abs=6)  # the levels mean other light than usual
    assert all(abs(int(image.u.mean()) - 128) < 4 for image in images)
