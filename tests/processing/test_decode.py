"""Every frame, in order, with its time."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import av
import pytest
from av.packet import Packet
from picture_lab import write_clip

from eyeline.processing.container import open_container, video_stream
from eyeline.processing.decode import TimedFrame, decode_clip, decode_video
from eyeline.processing.errors import SourceError
from eyeline.processing.frame import I420Image

PIXELS = 1_000_000


def grey(luma: int) -> I420Image:
    return I420Image.filled(32, 16, (luma, 128, 128))


def test_all_frames_come_in_order_with_their_times(tmp_path: Path):
    path = write_clip(tmp_path / "c.mp4", [grey(50 + n) for n in range(30)], rate=10, pts=[n * 2 for n in range(30)])
    frames = list(decode_video(path, max_pixels=PIXELS))
    assert [int(frame.image.y[0, 0]) for frame in frames] == [50 + n for n in range(30)]
    assert [frame.at_s for frame in frames] == pytest.approx([n * 0.2 for n in range(30)])


def test_sound_comes_between_the_frames(tmp_path: Path):
    path = write_clip(tmp_path / "c.mkv", [grey(50)] * 25, sound="pcm_s16le")
    with open_container(path, max_pixels=PIXELS) as container:
        video, audio = video_stream(container, path), container.streams.audio[0]
        items = list(decode_clip(container, video, path, max_pixels=PIXELS, audio=audio))
    assert sum(isinstance(item, TimedFrame) for item in items) == 25
    assert sum(item.size for item in items if isinstance(item, Packet)) == 96_000


def test_a_file_that_says_no_times_gets_even_ones(tmp_path: Path):
    write_clip(tmp_path / "c.h264", [grey(50 + n) for n in range(10)], rate=25)
    frames = list(decode_video(tmp_path / "c.h264", max_pixels=PIXELS))
    assert len(frames) == 10
    steps = [later.at_s - sooner.at_s for sooner, later in pairwise(frames)]
    assert steps == pytest.approx([0.04] * 9, abs=0.001)


def test_a_torso_gives_what_it_has(tmp_path: Path):
    path = write_clip(tmp_path / "c.mkv", [grey(50 + n) for n in range(40)], options={"qp": "0", "g": "1", "bf": "0"})
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    frames = list(decode_video(path, max_pixels=PIXELS))
    assert 5 < len(frames) < 40
    assert [int(frame.image.y[0, 0]) for frame in frames[:5]] == [50 + n for n in range(5)]


def test_damage_on_the_way_is_told(tmp_path: Path):
    path = write_clip(tmp_path / "c.mp4", [grey(50 + n) for n in range(40)], options={"qp": "0", "g": "1", "bf": "0"})
    content = bytearray(path.read_bytes())
    begin = content.index(b"mdat")
    content[begin + 2000 : begin + 2200] = b"\xff" * 200
    path.write_bytes(content)
    frames = decode_video(path, max_pixels=PIXELS)
    with pytest.raises(SourceError, match=r"c\.mp4 cannot be read"):
        list(frames)


def test_frames_that_grow_are_refused(tmp_path: Path):
    path = write_clip(tmp_path / "c.mp4", [grey(50)])
    with pytest.raises(SourceError):
        list(decode_video(path, max_pixels=100))


def test_leaving_early_closes_the_file(tmp_path: Path):
    path = write_clip(tmp_path / "c.mp4", [grey(50 + n) for n in range(10)])
    frames = decode_video(path, max_pixels=PIXELS)
    next(frames)
    frames.close()
    with pytest.raises(StopIteration):
        next(frames)


def test_the_library_does_not_leak(tmp_path: Path):
    (tmp_path / "c.mp4").write_bytes(b"\0" * 1000)
    with pytest.raises(SourceError) as caught:
        list(decode_video(tmp_path / "c.mp4", max_pixels=PIXELS))
    assert isinstance(caught.value.__cause__, av.FFmpegError)
