"""What pictures of several people cost on one device, beside the chain on the CPU. Imports torch."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from eyeline.bot.weights import MaskWeights
from eyeline.processing.blur import blurred_room
from eyeline.processing.compose import blend
from eyeline.processing.device.chain import DeviceChain
from eyeline.processing.frame import I420Image
from eyeline.processing.kernels.warm_up import warm_up
from eyeline.processing.mask import PersonMask
from eyeline.processing.pyramid import Pyramid
from eyeline.processing.refine import matte_of

_BLOCK = 10  # frames of everybody that one contestant makes before the other has its turn
_BLUR = 50


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """Of one run, before the blurred room; times are the wall's, copies to and from the device among them.

    Args:
        device: What torch calls it.
        people: Whose pictures are made together.
        ms_per_batch: For one picture of everybody.
        ms_per_person: Of it, for each.
        pictures_per_s: Of all together.
        cpu_chain_ms_per_person: Of the chain on the CPU in its best tier, one after the other on one thread.
        ratio_to_cpu_chain: Within rounds.
        largest_gap_mean: Between both ones' pictures, in levels of 255: the mean over samples, of the worst person.
        size_px: Of the frames.
    """

    device: str
    people: int
    ms_per_batch: float
    ms_per_person: float
    pictures_per_s: float
    cpu_chain_ms_per_person: float
    ratio_to_cpu_chain: float
    largest_gap_mean: float
    size_px: tuple[int, int]

    def as_json(self) -> dict[str, object]:
        """As it is written."""
        return asdict(self)


def measure_device(
    weights: MaskWeights, frames: Sequence[I420Image], *, people: int, device: str, rounds: int
) -> DeviceReport:
    """Let a device and the CPU make pictures in turn. The first round warms up and does not count.

    Args:
        weights: Of the nets.
        frames: Of one size; each person sees them from another one on.
        people: How many.
        device: What torch calls it.
        rounds: That count.

    Raises:
        ModelError: The nets cannot be run, or there is no such device.
    """
    warm_up()
    chain = DeviceChain(weights.finder, weights.closeup, device=device)
    masks = [weights.person() for _ in range(people)]
    last: dict[str, list[I420Image]] = {}

    def on_device(index: int) -> None:
        last["device"] = chain.process(chain.upload(_seen(frames, people, index)), _BLUR).download()

    def on_cpu(index: int) -> None:
        seen = _seen(frames, people, index)
        last["cpu"] = [_blurred(mask, image) for mask, image in zip(masks, seen, strict=True)]

    device_ms, cpu_ms = _timed(on_device, on_cpu, rounds)
    gaps = [np.abs(one.data - other.data.astype(int)).mean() for one, other in zip(*last.values(), strict=True)]
    per_batch_ms = float(np.median(device_ms))
    return DeviceReport(
        device,
        people,
        per_batch_ms,
        per_batch_ms / people,
        people * 1e3 / per_batch_ms,
        float(np.median(cpu_ms)) / people,
        float(np.median(np.divide(device_ms, cpu_ms))),
        float(max(gaps)),
        frames[0].size,
    )


def _seen(frames: Sequence[I420Image], people: int, index: int) -> list[I420Image]:
    return [frames[(index + person * len(frames) // people) % len(frames)] for person in range(people)]


def _blurred(mask: PersonMask, image: I420Image) -> I420Image:
    pyramid = Pyramid(image)
    found = mask.update(pyramid)
    return blend(blurred_room(image, pyramid, found, _BLUR), matte_of(image, pyramid, found))


def _timed(first: Callable[[int], None], second: Callable[[int], None], rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds for a frame of everybody, of each round."""
    spent: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        for step, spent_ms in zip((first, second), spent, strict=True):
            begun_s = time.perf_counter()
            for index in range(number * _BLOCK, (number + 1) * _BLOCK):
                step(index)
            if number:
                spent_ms.append((time.perf_counter() - begun_s) * 1e3 / _BLOCK)
    return spent
