"""The picture's memory stays bounded, and the measure would see a leak."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
from animation_lab import write_animation
from picture_lab import StillRuntime, captured, half_person

from eyeline.bot.bench.errors import BenchUsageError
from eyeline.bot.bench.picture_memory import MemoryGrowth, check_seconds, watched
from eyeline.processing.effects import EffectState, Exposure, parse_background
from eyeline.processing.frame import I420Image
from eyeline.processing.framing_spec import Framing
from eyeline.processing.gallery import Gallery
from eyeline.processing.mask import PersonMask
from eyeline.processing.memory import keep_freed_memory
from eyeline.processing.picture import Picture

SIZE = 320, 180
FRAMES = 3000
CHANGE_EVERY = 20
ALLOWED_MB = 8  # one frame in a hundred, kept


@pytest.fixture
def picture(tmp_path: Path) -> Iterator[Picture]:
    runtime = Forgetful(half_person())
    with Picture(lambda: PersonMask(runtime), Gallery(tmp_path)) as picture:
        yield picture


class Forgetful(StillRuntime):
    """Keeps nothing of what it was given."""

    def run(self, tensor):
        self.seen.clear()
        return super().run(tensor)


def worn(folder: Path) -> list[EffectState]:
    cv2.imwrite(str(folder / "still.png"), np.random.default_rng(0).integers(0, 256, (720, 1280, 3)).astype(np.uint8))
    write_animation(folder / "moving.webp")
    texts = "blur", "still", "color:#204060", "moving", "gradient:#102030,#605040", "dusk", "none"
    plain = [EffectState(parse_background(text), light_wrap=50) for text in texts]
    cared = EffectState(
        parse_background("still"), mirror=True, framing=Framing(follow=True), exposure=Exposure.LIFT, light_wrap=0
    )
    return [*plain, cared]


def rss_mb() -> float:
    gc.collect()
    return psutil.Process().memory_info().rss / 1e6


def grown_mb(
    picture: Picture, effects: list[EffectState], frames: int = FRAMES, leak: list[object] | None = None
) -> float:
    """What thousands of frames with hundreds of changes add, once all was seen."""
    keep_freed_memory()
    random = np.random.default_rng(1)
    images = [I420Image(*SIZE, random.integers(0, 256, SIZE[0] * SIZE[1] * 3 // 2, np.uint8)) for _ in range(3)]
    first = 0.0
    for number in range(frames):
        if number % CHANGE_EVERY == 0:
            picture.apply(picture.prepare(effects[number // CHANGE_EVERY % len(effects)]))
        made = picture.process(captured(images[number % 3], number / 30))
        if leak is not None and number % 10 == 0:
            leak.append(made)
        if number == frames // 3:
            first = rss_mb()
    return rss_mb() - first


def grown_alone_mb(folder: Path, frames: int, *, leaks: bool) -> float:
    """In a process of its own: what earlier tests left to the allocator would be counted here, too."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as alone:
        return alone.submit(_grown_mb, folder, frames, leaks=leaks).result()


def _grown_mb(folder: Path, frames: int, *, leaks: bool) -> float:
    kept: list[object] | None = [] if leaks else None
    with Picture(lambda: PersonMask(Forgetful(half_person())), Gallery(folder)) as picture:
        return grown_mb(picture, worn(folder), frames, kept)


def test_thousands_of_frames_and_changes_of_background_add_nothing(tmp_path: Path):
    assert grown_alone_mb(tmp_path, FRAMES, leaks=False) < ALLOWED_MB


def test_a_leak_would_be_seen(tmp_path: Path):
    assert grown_alone_mb(tmp_path, FRAMES * 2 // 3, leaks=True) > ALLOWED_MB


def test_the_slope_is_told_by_the_hour():
    at_s = np.arange(0, 100, 0.5)
    noise = np.random.default_rng(0).normal(0, 0.01, at_s.size)
    growth = MemoryGrowth.of(at_s, 300 + at_s / 36 + noise, frames=3000, changes=33)
    assert growth.mb_per_hour == pytest.approx(100, rel=0.02)
    assert growth.first_mb == pytest.approx(300, abs=0.2)
    assert growth.last_mb == pytest.approx(302.6, abs=0.2)
    assert MemoryGrowth.of(at_s, np.full(at_s.size, 300.0), 1, 1).mb_per_hour == pytest.approx(0, abs=1e-6)


def test_a_picture_is_watched_after_its_warm_up(picture: Picture):
    told = iter(range(100, 10_000))
    images = [I420Image.filled(*SIZE, (90, 128, 128))]
    effects = [parse_background("color:#204060"), parse_background("blur")]
    growth = watched(picture, images, effects, seconds=4.0, rss_mb=lambda: float(next(told)))
    assert growth.first_mb >= 100
    assert growth.mb_per_hour > 0
    assert growth.frames > 0
    assert 0 < growth.seconds < 3.1


@pytest.mark.parametrize("seconds", [0.0, 3.9, -1.0, float("nan")])
def test_too_short_a_time_tells_nothing(seconds: float):
    with pytest.raises(BenchUsageError):
        check_seconds(seconds)
