from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from source_lab import BOX, columns, greys, number_of, take, until_async, write_sound, write_video

from eyeline.processing.errors import SourceError, SourceMissingError
from eyeline.processing.frame import CapturedFrame
from eyeline.processing.sources.clip import looped_frames
from eyeline.processing.sources.fitting import Box
from eyeline.processing.sources.retry import RetryPolicy
from eyeline.processing.sources.spec import FileSpec
from eyeline.processing.sources.state import SourcePhase, SourceState
from eyeline.processing.sources.video import VideoSource
from eyeline.processing.sources.video_file import VideoFileReader

COUNT = 12


@contextmanager
def opened(path: Path, box: Box = BOX) -> Iterator[VideoFileReader]:
    reader = VideoFileReader(path, box)
    try:
        reader.open()
        yield reader
    finally:
        reader.close()


def loop(path: Path, count: int) -> tuple[list[int], list[float]]:
    """Which of `greys` come in the first frames of a loop, and at which times; unpaced."""
    frames = looped_frames(path, "The file")
    numbers, times = [], []
    for stored in itertools.islice(frames, count):
        luma = stored.frame.to_ndarray(format="gray")
        numbers.append(round((float(np.median(luma)) - 40) / 12))
        times.append(stored.at_s)
    frames.close()
    return numbers, times


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("a.mp4", "libx264", {"bf": "2"}),
        ("a.mkv", "libvpx", {"deadline": "realtime"}),
        ("a.avi", "mjpeg", {}),
        ("a.ts", "mpeg2video", {"bf": "2"}),
        ("a.gif", "gif", {}),
    ],
)
def test_round_and_round_without_a_gap(tmp_path: Path, name: str, codec: str, options: dict[str, str]) -> None:
    pixels = {"mjpeg": "yuvj420p", "gif": "gray"}.get(codec, "yuv420p")
    path = write_video(tmp_path / name, greys(COUNT), codec=codec, pixels=pixels, options=options)
    numbers, times = loop(path, 3 * COUNT)
    assert numbers == [*range(COUNT)] * 3
    steps = np.diff(times)
    assert np.all(steps > 0)
    assert np.abs(steps - 1 / 25).max() < 0.011  # GIF counts in hundredths of a second


def test_plays_at_its_own_pace(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", greys(COUNT))
    begin_s = time.monotonic()
    with opened(path) as reader:
        frames = take(reader, COUNT + 3)
    assert [number_of(frame.image) for frame in frames] == [*range(COUNT), 0, 1, 2]
    times = np.array([frame.captured_at_s for frame in frames])
    assert times[0] >= begin_s
    assert np.allclose(np.diff(times), 1 / 25, atol=0.002)
    assert time.monotonic() >= times[-1]  # never early


def test_variable_frame_rate(tmp_path: Path) -> None:
    moments = [0, 10, 200, 230, 260, 700]
    path = write_video(tmp_path / "a.mkv", greys(6), times_ms=moments)
    numbers, times = loop(path, 6)
    assert numbers == [*range(6)]
    assert np.allclose(times, np.array(moments) / 1000, atol=0.002)


def test_what_stays_on_for_long_is_delivered_again(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", greys(2), times_ms=[0, 1000])
    with opened(path) as reader:
        frames = take(reader, 4)
    assert [number_of(frame.image) for frame in frames[:3]] == [0, 0, 0]
    assert np.diff([frame.captured_at_s for frame in frames]).max() < 0.5


def test_without_timestamps(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.m2v", greys(COUNT), codec="mpeg2video")
    numbers, times = loop(path, 2 * COUNT)
    assert numbers == [*range(COUNT)] * 2
    assert np.all(np.diff(times) > 0)


def test_no_faster_than_wanted(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", greys(COUNT), fps=50)
    with opened(path, Box(1280, 720, 25)) as reader:
        frames = take(reader, 5)
    assert [number_of(frame.image) for frame in frames] == [0, 2, 4, 6, 8]


@pytest.mark.parametrize("codec", ["ffv1", "mjpeg"])
def test_odd_size(tmp_path: Path, codec: str) -> None:
    pixels = "yuvj422p" if codec == "mjpeg" else "yuv420p"
    path = write_video(tmp_path / "a.mkv", [columns(641, 359)] * 2, codec=codec, pixels=pixels)
    with opened(path) as reader:
        assert take(reader, 1)[0].image.size == (640, 360)
    with opened(path, Box(320, 320, 30)) as reader:
        assert take(reader, 1)[0].image.size == (320, 180)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.bmp"])
def test_a_picture_goes_on_and_on(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    cv2.imwrite(str(path), columns(321, 181)[..., ::-1])
    with opened(path, Box(160, 160, 30)) as reader:
        first, second = take(reader, 2)
    assert first.image.size == (160, 90)
    assert np.array_equal(first.image.data, second.image.data)
    assert second.captured_at_s - first.captured_at_s < 0.5 + 20


def test_a_video_of_one_frame_goes_on_and_on(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", greys(1))
    with opened(path) as reader:
        path.unlink()  # it is not opened again and again
        assert [number_of(frame.image) for frame in take(reader, 3)] == [0, 0, 0]


def damaged(path: Path, damage: slice) -> Path:
    """The same MJPEG file without the content of some of its frames."""
    with av.open(str(path)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    stored = bytearray(path.read_bytes())
    for at, size in packets[damage]:
        assert at is not None
        start = stored.index(b"\xff\xd8", at)
        stored[start : start + size] = bytes(size)
    path.write_bytes(stored)
    return path


def test_damage_in_the_middle_is_passed_over(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", greys(COUNT), codec="mjpeg", pixels="yuvj420p")
    numbers, _ = loop(damaged(path, slice(2, 5)), COUNT - 3)
    assert numbers == [0, 1, *range(5, COUNT)]


def test_ten_damaged_frames_in_a_row_are_too_many(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", greys(COUNT), codec="mjpeg", pixels="yuvj420p")
    with pytest.raises(SourceError, match="10 frames in a row"):
        loop(damaged(path, slice(1, COUNT - 1)), COUNT)


def test_a_file_that_was_cut_off(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.ts", greys(COUNT), codec="mpeg2video", options={"g": "1"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    numbers, times = loop(path, 2 * COUNT)
    assert numbers[:4] == [0, 1, 2, 3]
    assert numbers.count(0) > 1
    assert np.all(np.diff(times) > 0)


def a_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda _: None, SourceMissingError, "There is no file"),
        (a_folder, SourceError, "There is no file"),
        (Path.touch, SourceError, "a.mp4"),
        (lambda path: path.write_bytes(bytes(5000)), SourceError, "a.mp4"),
        (lambda path: path.write_bytes(np.random.default_rng(1).bytes(50_000)), SourceError, "a.mp4"),
        (lambda path: path.write_text("#EXTM3U\n#EXTINF:1,\n/etc/passwd\n"), SourceError, "a.mp4"),
        (lambda path: os.mkfifo(path), SourceError, "a.mp4"),
    ],
)
def test_what_cannot_be_played(
    tmp_path: Path, make: Callable[[Path], object], error: type[SourceError], text: str
) -> None:
    path = tmp_path / "a.mp4"
    make(path)
    with pytest.raises(error, match=text), opened(path):
        pass


def test_a_file_of_sound_only(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.wav", np.zeros((1, 4800), np.int16))
    with pytest.raises(SourceError, match="no picture"), opened(path):
        pass


async def test_a_file_that_vanishes_and_returns(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", greys(3))
    frames: list[CapturedFrame] = []
    states: list[SourceState] = []
    policy = RetryPolicy(first_delay_s=0.05, max_delay_s=0.1)
    source = VideoSource(
        FileSpec(path),
        width_px=640,
        height_px=360,
        fps=30,
        on_frame=frames.append,
        on_state=states.append,
        policy=policy,
    )
    async with source:
        await source.opened()
        hidden = path.rename(tmp_path / "b.mp4")
        await until_async(lambda: states[-1].phase is SourcePhase.LOST)
        assert "There is no file" in states[-1].detail
        hidden.rename(path)
        await until_async(lambda: states[-1].phase is SourcePhase.RUNNING)
    assert all(isinstance(frame, CapturedFrame) for frame in frames)
    times = [frame.captured_at_s for frame in frames]
    assert times == sorted(times)
