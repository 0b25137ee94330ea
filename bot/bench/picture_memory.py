"""Whether the picture's memory stays flat: frames at their own pace, with another background now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import psutil
from numpy.typing import NDArray

from eyeline.bot.bench.errors import BenchUsageError
from eyeline.bot.bench.one_thread import one_thread
from eyeline.bot.weights import MaskWeights
from eyeline.processing.effects import BackgroundSpec, EffectState, FileBackground, parse_background
from eyeline.processing.frame import CapturedFrame, I420Image
from eyeline.processing.gallery import Gallery
from eyeline.processing.memory import keep_freed_memory
from eyeline.processing.picture import Picture

LEAST_SECONDS = 4.0
RATE_HZ = 30
_CHANGE_EVERY = 90  # frames
_SAMPLE_EVERY = 15  # frames
_WARM_UP_SHARE = 0.5  # the C library makes arenas for threads that come and go: 10 MB in the first minutes
_LONGEST_WARM_UP_S = 300.0


@dataclass(frozen=True, slots=True)
class MemoryGrowth:
    """What was seen after the warm-up.

    Args:
        mb_per_hour: The slope of the line that fits resident memory best.
        first_mb: Resident memory, the median of the first tenth.
        last_mb: The same of the last tenth.
        seconds: That count.
        frames: Made in them.
        changes: Of the background in them.
    """

    mb_per_hour: float
    first_mb: float
    last_mb: float
    seconds: float
    frames: int
    changes: int

    @classmethod
    def of(cls, at_s: NDArray[np.float64], rss_mb: NDArray[np.float64], frames: int, changes: int) -> MemoryGrowth:
        """The growth that samples of resident memory show.

        Args:
            at_s: When each was taken; at least two.
            rss_mb: The samples.
            frames: Made meanwhile.
            changes: Of the background meanwhile.
        """
        tenth = max(1, at_s.size // 10)
        slope_mb_per_s = np.polyfit(at_s - at_s[0], rss_mb, 1)[0]
        first_mb, last_mb = float(np.median(rss_mb[:tenth])), float(np.median(rss_mb[-tenth:]))
        return cls(float(slope_mb_per_s * 3600), first_mb, last_mb, float(at_s[-1] - at_s[0]), frames, changes)


def check_seconds(seconds: float | None) -> None:
    """Refuse what is too short to tell anything.

    Raises:
        BenchUsageError: It is.
    """
    if seconds is not None and not seconds >= LEAST_SECONDS:
        raise BenchUsageError(f"Memory cannot be judged in {seconds:g} s.", hint=f"Take {LEAST_SECONDS:g} s or more.")


def measure_memory(weights: MaskWeights, frames: Sequence[I420Image], *, seconds: float) -> MemoryGrowth:
    """Wear one background after the other, of each kind. The first half, 5 min at most, does not count.

    Args:
        weights: Of the nets.
        frames: Of one size; shown over and over.
        seconds: In all.

    Raises:
        BenchUsageError: That is too short to tell anything.
        ModelError: The nets cannot be run.
    """
    check_seconds(seconds)
    keep_freed_memory()
    with ExitStack() as stack:
        stack.enter_context(one_thread())
        backgrounds = stack.enter_context(_backgrounds(frames[0].size))
        picture = stack.enter_context(Picture(weights.person, Gallery()))
        return watched(picture, frames, backgrounds, seconds=seconds)


def watched(
    picture: Picture,
    frames: Sequence[I420Image],
    backgrounds: Sequence[BackgroundSpec],
    *,
    seconds: float,
    rss_mb: Callable[[], float] | None = None,
) -> MemoryGrowth:
    """Have a picture work at the pace of a camera and watch this process's memory.

    Args:
        picture: Not in use elsewhere.
        frames: Of one size.
        backgrounds: To wear in turn.
        seconds: In all.
        rss_mb: Tells resident memory, instead of this process's own.
    """
    tell_mb = rss_mb or _rss_mb
    warm_up_s = min(seconds * _WARM_UP_SHARE, _LONGEST_WARM_UP_S)
    samples: list[tuple[float, float]] = []
    begun_s = time.perf_counter()
    index = first = changes = 0
    while (passed_s := time.perf_counter() - begun_s) < seconds:
        if index % _CHANGE_EVERY == 0:
            effects = EffectState(backgrounds[index // _CHANGE_EVERY % len(backgrounds)])
            picture.apply(picture.prepare(effects))
            changes += bool(samples)
        picture.process(CapturedFrame(frames[index % len(frames)], index / RATE_HZ))
        if passed_s < warm_up_s:
            first = index
        elif index % _SAMPLE_EVERY == 0:
            samples.append((passed_s, tell_mb()))
        index += 1
        time.sleep(max(0.0, begun_s + index / RATE_HZ - time.perf_counter()))
    at_s, seen_mb = np.array(samples, np.float64).T
    return MemoryGrowth.of(at_s, seen_mb, index - first, changes)


def _rss_mb() -> float:
    return psutil.Process().memory_info().rss / 1e6


@contextmanager
def _backgrounds(size_px: tuple[int, int]) -> Iterator[list[BackgroundSpec]]:
    """One of each kind that needs nothing from outside."""
    with TemporaryDirectory(prefix="eyeline-bench-") as folder:
        picture, moving = Path(folder, "picture.png"), Path(folder, "moving.mkv")
        noise = np.random.default_rng(0).integers(0, 256, (size_px[1], size_px[0], 3), np.uint8)
        picture.write_bytes(cv2.imencode(".png", cv2.GaussianBlur(noise, (0, 0), 9))[1].tobytes())
        _write_video(moving)
        texts = "blur:60", "color:#204060", "gradient:#102030,#605040", "dusk"
        yield [FileBackground(picture), FileBackground(moving), *map(parse_background, texts)]


def _write_video(path: Path) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (640, 360))
    for level in range(0, 250, 10):
        writer.write(np.full((360, 640, 3), level, np.uint8))
    writer.release()
