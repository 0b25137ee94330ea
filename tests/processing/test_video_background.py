"""A video behind the person: live it never waits, rendered it never varies."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import psutil
import pytest
from picture_lab import video_threads, wait_until, write_clip

from eyeline.processing.errors import SourceError
from eyeline.processing.frame import I420Image
from eyeline.processing.loop import Frames, LoopedFrame, looped
from eyeline.processing.video_background import LiveVideo, SteppedVideo

PIXELS = 1_000_000
SIZE = 32, 16


def grey(luma: int) -> I420Image:
    return I420Image.filled(*SIZE, (luma, 128, 128))


def clip(folder: Path, count: int = 5, rate: int = 10) -> Path:
    return write_clip(folder / "c.mp4", [grey(50 + n) for n in range(count)], rate=rate)


def luma(image: I420Image) -> int:
    return int(image.y[0, 0])


def test_the_loop_runs_on(tmp_path: Path):
    frames = looped(clip(tmp_path), max_pixels=PIXELS)
    taken = [next(frames) for _ in range(12)]
    frames.close()
    assert [luma(frame.image()) for frame in taken] == [50, 51, 52, 53, 54] * 2 + [50, 51]
    assert [frame.due_s for frame in taken] == pytest.approx([n / 10 for n in range(12)])


def test_stepped_frames_follow_the_times_they_are_asked_for(tmp_path: Path):
    background = SteppedVideo(looped(clip(tmp_path), max_pixels=PIXELS))
    got = [luma(background.frame(SIZE, 7 + at_s)) for at_s in (0, 0.05, 0.1, 0.31, 0.31, 0.55, 1.2)]
    background.close()
    assert got == [50, 50, 51, 53, 53, 50, 52]
    assert luma(background.frame(SIZE, 99)) == 52  # closed, it stands still


def test_live_frames_change_by_themselves_and_fit(tmp_path: Path):
    begun = time.monotonic()
    background = LiveVideo(looped(clip(tmp_path), max_pixels=PIXELS))
    seen = set()

    def looked() -> bool:
        image = background.frame((64, 64), 0.0)
        assert image.size == (64, 64)
        seen.add(luma(image))
        return len(seen) == 5

    wait_until(looked)
    assert time.monotonic() - begun >= 0.39  # five frames at ten a second
    background.close()
    still = background.frame((64, 64), 0.0)
    assert background.frame((48, 64), 0.0).size == (48, 64)
    assert luma(background.frame((64, 64), 0.0)) == luma(still)


def test_a_slow_decoder_holds_nobody_up():
    gate = threading.Event()

    def frames() -> Frames:
        yield LoopedFrame(lambda: grey(50), 0.0)
        gate.wait(120)
        yield LoopedFrame(lambda: grey(60), 0.01)
        yield LoopedFrame(lambda: grey(60), 1e6)

    background = LiveVideo(frames())
    begun = time.monotonic()
    assert all(luma(background.frame(SIZE, 0.0)) == 50 for _ in range(100))
    assert time.monotonic() - begun < 90
    gate.set()
    wait_until(lambda: luma(background.frame(SIZE, 0.0)) == 60)
    background.close()


def test_an_error_on_the_way_keeps_the_last_frame():
    def frames() -> Frames:
        yield LoopedFrame(lambda: grey(50), 0.0)
        yield LoopedFrame(lambda: grey(60), 0.0)
        raise SourceError("broken.")

    live = LiveVideo(frames())
    wait_until(lambda: luma(live.frame(SIZE, 0.0)) == 60)
    live.close()
    assert luma(live.frame(SIZE, 0.0)) == 60
    stepped = SteppedVideo(frames())
    assert luma(stepped.frame(SIZE, 0.0)) == 60
    assert luma(stepped.frame(SIZE, 9.0)) == 60


def test_an_error_at_once_is_raised_at_once():
    def frames() -> Frames:
        raise SourceError("broken.")
        yield  # a generator all the same

    for kind in (LiveVideo, SteppedVideo):
        with pytest.raises(SourceError):
            kind(frames())


def test_closing_ends_the_thread(tmp_path: Path):
    wait_until(lambda: video_threads() == 0)  # of the tests before
    background = LiveVideo(looped(clip(tmp_path), max_pixels=PIXELS))
    assert video_threads() == 1
    background.close()
    wait_until(lambda: video_threads() == 0)


def test_the_reason_of_standing_still_can_be_read():
    def frames() -> Frames:
        yield LoopedFrame(lambda: grey(50), 0.0)
        yield LoopedFrame(lambda: grey(60), 0.0, "a scratch")
        raise SourceError("broken.")

    live = LiveVideo(frames())
    assert live.trouble in ("", "a scratch", "The video stands still: broken.")
    wait_until(lambda: "broken" in live.trouble)
    stepped = SteppedVideo(frames())
    stepped.frame(SIZE, 0.0)
    assert "broken" in stepped.trouble


def test_a_bug_in_a_decoder_ends_nothing_but_the_motion():
    def frames() -> Frames:
        yield LoopedFrame(lambda: grey(50), 0.0)
        raise ValueError("a bug")

    live = LiveVideo(frames())
    wait_until(lambda: "a bug" in live.trouble)
    assert luma(live.frame(SIZE, 0.0)) == 50


def test_a_size_that_was_asked_for_is_made_once():
    def frames() -> Frames:
        yield LoopedFrame(lambda: grey(50), 0.0)
        yield LoopedFrame(lambda: grey(60), 1e6)

    live = LiveVideo(frames())
    first = live.frame((64, 64), 0.0)
    assert live.frame((64, 64), 0.0) is first
    live.close()


def test_what_comes_too_late_is_not_even_converted():
    converted = []

    def slow(number: int) -> I420Image:
        converted.append(number)
        time.sleep(0.15)
        return grey(50)

    def frames() -> Frames:
        for number in range(40):
            yield LoopedFrame(lambda number=number: slow(number), number * 0.02)

    live = LiveVideo(frames())
    wait_until(lambda: video_threads() == 0)
    live.close()
    assert 2 < len(converted) < 30


def test_a_loop_keeps_its_memory(tmp_path: Path):
    images = [I420Image.filled(640, 360, (50 + n, 128, 128)) for n in range(20)]
    frames = looped(write_clip(tmp_path / "c.mp4", images), max_pixels=PIXELS)
    process = psutil.Process()

    def run(count: int) -> int:
        for _ in range(count):
            next(frames).image()
        return process.memory_info().rss

    run(400)
    before = run(1)
    assert run(1200) - before < 8 << 20
    frames.close()
