"""How good mattes are, for each way of making them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from eyeline.bot.bench.matte_metrics import Matte, MatteErrors, errors_of
from eyeline.bot.bench.matte_set import MattePair
from eyeline.bot.bench.references import JitsiRecipe, RawMask, StreamixRecipe
from eyeline.bot.weights import MaskWeights
from eyeline.models.runtimes.matting import load_mask_model
from eyeline.processing.container import FileKind
from eyeline.processing.frame import I420Image
from eyeline.processing.mask import PersonMask
from eyeline.processing.pyramid import Pyramid
from eyeline.processing.refine import matte_of
from eyeline.processing.tiers import CHEAPER, Tier


class MatteMethod(Protocol):
    """A way of making mattes, for one stream."""

    def matte(self, image: I420Image) -> Matte:
        """Of the next frame: `float32` in [0, 1], shape `(height, width)`."""


Opener = Callable[[], MatteMethod]


class EyelineMatte:
    """The matte that the picture uses.

    Args:
        person: The nets.
        tier: How much work a mask is worth.
    """

    def __init__(self, person: PersonMask, tier: Tier = Tier.CLOSE) -> None:
        self._person = person
        self._tier = tier

    def matte(self, image: I420Image) -> Matte:
        """See `MatteMethod.matte`."""
        pyramid = Pyramid(image)
        plane = matte_of(image, pyramid, self._person.update(pyramid, self._tier)).plane
        return plane.astype(np.float32) / np.float32(255)


def methods(weights: MaskWeights, *, all_tiers: bool = False) -> dict[str, Opener]:
    """What is compared, by name.

    Args:
        weights: Of the nets; with a mask model among them, what it can do is compared, too.
        all_tiers: Whether also what slow machines do is measured.
    """

    def eyeline(tier: Tier) -> Opener:
        return lambda: EyelineMatte(own.person(), tier)

    own = replace(weights, nets=replace(weights.nets, mask_model=None))
    mask_model, device = weights.nets.mask_model, weights.nets.runtime.device
    cheaper = list(CHEAPER.values()) if all_tiers else []
    return {
        "eyeline": eyeline(Tier.CLOSE),
        **{tier.value: eyeline(tier) for tier in cheaper},
        "jitsi": lambda: JitsiRecipe(weights.load_finder()),
        "raw": lambda: RawMask(weights.load_finder()),
        **({} if mask_model is None else _streamix(weights, mask_model, device)),
    }


def _streamix(weights: MaskWeights, mask_model: Path, device: str) -> dict[str, Opener]:
    """What somebody's weights of Streamix's network can do: as shipped, with what was left out, and in our chain."""
    return {
        "streamix": lambda: StreamixRecipe(load_mask_model(mask_model, device, feathered=False)),
        "streamix-feathered": lambda: StreamixRecipe(load_mask_model(mask_model, device), threshold=None),
        "eyeline-streamix": lambda: EyelineMatte(weights.person()),
    }


@dataclass(frozen=True, slots=True)
class Judged:
    """One picture or clip, and how each method did.

    Args:
        pair: Which one.
        errors: By method: of a picture's last showing, or the mean over a clip's frames.
        frame: A frame from the middle.
        truth: Its true matte.
        mattes: Of that frame, by method.
    """

    pair: MattePair
    errors: dict[str, MatteErrors]
    frame: I420Image
    truth: Matte
    mattes: dict[str, Matte]


def judge(pair: MattePair, openers: dict[str, Opener]) -> Judged:
    """Run every method over a picture or clip, each from a fresh start.

    Raises:
        MatteSetError: The pair does not fit together.
        SourceError: It cannot be read.
        ModelError: A method failed.
    """
    frames = list(pair.frames())
    chosen = len(frames) // 2
    errors, mattes = {}, {}
    for name, opened in openers.items():
        method = opened()
        found = [method.matte(image) for image, _ in frames]
        errors[name] = _errors(pair, found, [true for _, true in frames])
        mattes[name] = found[chosen]
    image, truth = frames[chosen]
    return Judged(pair, errors, image, truth, mattes)


def _errors(pair: MattePair, found: Sequence[Matte], true: Sequence[Matte]) -> MatteErrors:
    if pair.kind is FileKind.PICTURE:
        return errors_of(found[-1], true[-1])
    of_frames = []
    for index, (one, other) in enumerate(zip(found, true, strict=True)):
        previous = (found[index - 1], true[index - 1]) if index else None
        of_frames.append(errors_of(one, other, previous))
    return MatteErrors.mean(of_frames)


def means(judged: Iterable[Judged]) -> dict[str, MatteErrors]:
    """The mean of each method; a clip counts as much as a picture."""
    listed = list(judged)
    return {name: MatteErrors.mean(one.errors[name] for one in listed) for name in listed[0].errors}
