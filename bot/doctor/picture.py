"""What a picture costs on this machine, measured: the bare net, the whole chain, and which tier that allows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

import numpy as np

from eyeline.bot.bench.footage import drawn_frames
from eyeline.bot.bench.one_thread import one_thread
from eyeline.bot.doctor.diagnosis import Diagnosis, Patient, bad, ok, warn
from eyeline.bot.doctor.weights import weights_are_ready
from eyeline.bot.weights import MaskWeights, chosen_weights, mask_opener
from eyeline.processing.effects import BlurBackground, EffectState
from eyeline.processing.frame import CapturedFrame, I420Image
from eyeline.processing.gallery import Gallery
from eyeline.processing.memory import keep_freed_memory
from eyeline.processing.picture import Picture
from eyeline.processing.tiers import CHEAPER, TOO_BUSY, Tier

_SIZE_PX = 1280, 720
_FRAMES = 8
_MEASURED_S = 1.0
_WARM_UP_FRAMES = 6  # the finder, the close-up and the blur have all run by then
_LEAST_FRAMES = 4


@dataclass(frozen=True, slots=True)
class Speed:
    """What was measured.

    Args:
        net_ms: The close-up's net alone.
        chain_ms: The whole picture before the blurred room, by tier; from the best to the first that keeps up.
        fps: What is wanted.
    """

    net_ms: float
    chain_ms: dict[Tier, float]
    fps: int

    @property
    def tier(self) -> Tier:
        """The cheapest that was measured."""
        return list(self.chain_ms)[-1]

    @property
    def allows_fps(self) -> float:
        """How many frames a second that tier bears."""
        return TOO_BUSY * 1e3 / self.chain_ms[self.tier]


def check_picture(patient: Patient) -> Iterator[Diagnosis]:
    """Make pictures for a moment."""
    if not weights_are_ready(patient):
        yield warn("picture", "Not measured: the weights are not here.", "Run: eyeline models fetch")
        return
    frames = drawn_frames(_SIZE_PX, _FRAMES)
    speed = measured(patient, frames)
    yield ok("net", f"The network takes {speed.net_ms:.1f} ms on one core.", net_ms=round(speed.net_ms, 2))
    yield verdict(speed)


def measured(patient: Patient, frames: Sequence[I420Image], *, least_s: float = _MEASURED_S) -> Speed:
    """Measure the net and, from the best tier down, the chain until one keeps up. One core, as in a meeting.

    Args:
        patient: Whose weights, and how many frames a second.
        frames: Shown over and over.
        least_s: How long each is measured, at most a few frames more.
    """
    fps = patient.settings.video.fps
    keep_freed_memory()
    with one_thread():
        net_ms = _net_ms(chosen_weights(patient.settings), least_s)
        chain_ms = {}
        tier: Tier | None = Tier.CLOSE
        while tier is not None:
            chain_ms[tier] = _chain_ms(patient, frames, tier, least_s)
            tier = CHEAPER.get(tier) if chain_ms[tier] > TOO_BUSY * 1e3 / fps else None
    return Speed(net_ms, chain_ms, fps)


def verdict(speed: Speed) -> Diagnosis:
    """What the speed means in a meeting."""
    width_px, height_px = _SIZE_PX
    spent = ", ".join(f"{tier.value} {spent_ms:.1f} ms" for tier, spent_ms in speed.chain_ms.items())
    found = (
        f"A picture of {width_px}x{height_px} takes {spent}: tier {speed.tier.value} bears up to "
        f"{speed.allows_fps:.0f} frames a second, and {speed.fps} are wanted."
    )
    figures: dict[str, float | str] = {
        "tier": speed.tier.value,
        "allows_fps": round(speed.allows_fps, 1),
        **{f"{tier.value.replace('-', '_')}_ms": round(spent_ms, 2) for tier, spent_ms in speed.chain_ms.items()},
    }
    if speed.allows_fps < speed.fps:
        advice = "Lower video.width_px and height_px, or video.fps, or close what else works here."
        return (bad if speed.allows_fps < speed.fps / 3 else warn)("picture", found, advice, **figures)
    if speed.tier is not Tier.CLOSE:
        advice = "Close what else works here, or live with coarser edges."
        return warn("picture", found, advice, **figures)
    return ok("picture", found, **figures)


def _net_ms(weights: MaskWeights, least_s: float) -> float:
    with weights.load_closeup() as net:
        tensor = np.random.default_rng(0).random(net.input_shape, np.float32)
        return median(_timed_ms(lambda _: net.run(tensor), least_s))


def _chain_ms(patient: Patient, frames: Sequence[I420Image], tier: Tier, least_s: float) -> float:
    """Mean, since every second frame costs less in some tiers."""
    with ExitStack() as stack:
        picture = stack.enter_context(Picture(mask_opener(patient.settings), Gallery(), tier=tier))
        picture.apply(picture.prepare(EffectState(BlurBackground())))

        def make(index: int) -> None:
            picture.process(CapturedFrame(frames[index % len(frames)], index / patient.settings.video.fps))

        spent_ms = _timed_ms(make, least_s)
        pairs = len(spent_ms) // 2 * 2
        return float(np.median(np.reshape(spent_ms[:pairs], (-1, 2)).mean(axis=1)))


def _timed_ms(step: Callable[[int], object], least_s: float) -> list[float]:
    """Of each step on the wall's clock, the first ones left out."""
    for index in range(_WARM_UP_FRAMES):
        step(index)
    spent_ms: list[float] = []
    until_s = time.perf_counter() + least_s
    while time.perf_counter() < until_s or len(spent_ms) < _LEAST_FRAMES:
        begun_s = time.perf_counter()
        step(_WARM_UP_FRAMES + len(spent_ms))
        spent_ms.append((time.perf_counter() - begun_s) * 1e3)
    return spent_ms
