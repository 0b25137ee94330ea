"""Teaches the flow net of eyes. Imports torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from eyeline.models.nets import eye_patch as patch
from eyeline.models.nets.eye_flow import EyeFlowNet, compose
from eyeline.models.training.gaze.batches import Batch, Noise, batches
from eyeline.models.training.gaze.eye_set import EyeSet

_CHANGED, _CHANGED_WEIGHT = 0.03, 4.0
_EDGES, _SQUARES, _CHROMA, _CALM, _KEPT, _MIXED, _LIT = 0.5, 4.0, 0.5, 0.003, 0.012, 0.5, 0.05
_COVERED_WEIGHT = 2.0
_MOST_GRADIENT = 1.0
_FOLLOW = 0.998  # the weights that are kept are a mean over the last steps

Report = Callable[[int, float], None]
"""Told the step and the loss."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how.

    Args:
        seed: Of the first weights and of everything that is chosen by chance.
        steps: Batches.
        batch: Pairs in each.
        rate: Largest step of Adam; it begins and ends near 0.
        noise: Of the landmarks.
    """

    seed: int = 0
    steps: int = 20_000
    batch: int = 16
    rate: float = 3e-3
    noise: Noise = field(default_factory=Noise)


def train(eyes: EyeSet, plan: Plan, report: Report) -> EyeFlowNet:
    """The same seed gives the same weights, on the same machine with the same libraries."""
    with _repeatable(plan.seed):
        return _trained(eyes, plan, report)


@contextmanager
def _repeatable(seed: int) -> Iterator[None]:
    """One thread: torch's threads wait for each other by spinning, and batches are too small for them to be of use."""
    threads, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(True)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
            torch.use_deterministic_algorithms(deterministic)


def _trained(eyes: EyeSet, plan: Plan, report: Report) -> EyeFlowNet:
    net = EyeFlowNet().to(memory_format=torch.channels_last)
    weights = list(net.parameters())
    kept = [weight.detach().clone() for weight in weights]
    optimizer = torch.optim.Adam(weights, plan.rate, betas=(0.9, 0.98))
    pairs = batches(eyes, plan.batch, np.random.default_rng((plan.seed, 2)), plan.noise)
    for step in range(plan.steps):
        for group in optimizer.param_groups:
            group["lr"] = plan.rate * _share(step, plan.steps)
        batch = next(pairs)
        said = net(batch.seen.contiguous(memory_format=torch.channels_last))
        loss = loss_of(said, batch, decided=step / plan.steps)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(weights, _MOST_GRADIENT)
        optimizer.step()
        follow = min(_FOLLOW, step / (step + 10))
        with torch.no_grad():
            for mean, weight in zip(kept, weights, strict=True):
                mean.lerp_(weight, 1 - follow)
        report(step + 1, float(loss.detach()))
    with torch.no_grad():
        for mean, weight in zip(kept, weights, strict=True):
            weight.copy_(mean)
    return net.eval()


def _share(step: int, steps: int) -> float:
    """Of the largest rate: up within a twentieth, then down along a cosine."""
    risen = min(1.0, (step + 1) / max(1, steps / 20))
    return risen * (0.02 + 0.98 * (1 + math.cos(math.pi * step / steps)) / 2)


def loss_of(said: Tensor, batch: Batch, *, decided: float = 1.0) -> Tensor:
    """How far the picture is from the truth, most of all where the eye changes.

    Args:
        said: By the net.
        batch: What it was shown.
        decided: How much it costs to mix layers instead of choosing one, 0 to 1: two pictures in one are a blur.
    """
    luma, chroma, shares = compose(said, batch.shift_px, batch.luma, batch.chroma)
    error = luma - batch.wanted_luma
    changed = ((batch.wanted_luma - batch.before_luma).abs() > _CHANGED).to(luma.dtype)
    weight = 1 + _CHANGED_WEIGHT * functional.max_pool2d(changed, 3, stride=1, padding=1)
    weight = weight * (1 + _COVERED_WEIGHT * batch.covered.to(luma.dtype))[:, None, None, None]
    loss = (weight * (error.abs() + _SQUARES * error.square())).mean()
    half_weight = functional.avg_pool2d(weight, 2)
    loss = loss + _CHROMA * 2 * (half_weight * (chroma - batch.wanted_chroma).abs()).mean()
    for axis in (2, 3):
        loss = loss + _EDGES * (weight.narrow(axis, 1, weight.shape[axis] - 1) * error.diff(dim=axis).abs()).mean()
    flows = said[:, patch.FLOW : patch.LIGHT]
    roughness = flows.diff(n=2, dim=2).abs().mean() + flows.diff(n=2, dim=3).abs().mean()
    light = said[:, patch.LIGHT].abs()  # of what is nearly black the truth tells nothing: its light stays
    mixed = decided * (1 - shares.square().sum(dim=1))
    return loss + _CALM * roughness + _KEPT * (1 - shares[:, :1]).mean() + _MIXED * mixed.mean() + _LIT * light.mean()


def psnr_db(net: EyeFlowNet, eyes: EyeSet, noise: Noise, *, seed: int, pairs: int = 512) -> tuple[float, float]:
    """Mean PSNR of luma over pairs that the net may not know: untouched, and turned."""
    before, after = [], []
    stream = batches(eyes, 32, np.random.default_rng((seed, 3)), noise, vary=False)
    with torch.inference_mode():
        for _ in range(max(1, pairs // 32)):
            batch = next(stream)
            luma, _, _ = compose(net(batch.seen), batch.shift_px, batch.luma, batch.chroma)
            before.append(_db(batch.luma, batch.wanted_luma))
            after.append(_db(luma, batch.wanted_luma))
    return float(torch.cat(before).mean()), float(torch.cat(after).mean())


def _db(one: Tensor, other: Tensor) -> Tensor:
    error = (one - other).square().mean(dim=(1, 2, 3)).clamp(min=1e-8)
    return -10 * torch.log10(error)
