"""The layers of simulcast: how large they are, and which of them a rate has room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

SizePx = tuple[int, int]

LAYERS: Final = 3
_PIXELS_OF_THREE: Final = 960 * 540
_PIXELS_OF_TWO: Final = 480 * 270
_RESUME: Final = 1.25


@dataclass(frozen=True, slots=True)
class LayerRates:
    """What a layer is worth.

    Args:
        least_bps: Below, a lower layer looks better.
        most_bps: As browsers send to Jitsi; a bridge suspends a layer that does not fit through to a receiver.
    """

    least_bps: int
    most_bps: int


_RATES: Final = (
    (320 * 180, LayerRates(60_000, 200_000)),
    (480 * 270, LayerRates(120_000, 350_000)),
    (640 * 360, LayerRates(200_000, 500_000)),
    (960 * 540, LayerRates(300_000, 900_000)),
    (1280 * 720, LayerRates(350_000, 1_500_000)),
)
_LARGEST: Final = LayerRates(900_000, 3_000_000)


def layer_sizes(width_px: int, height_px: int) -> tuple[SizePx, ...]:
    """The sizes of the layers of a picture, lowest first; each has twice the sides of the one below.

    A small picture has fewer, as browsers do it: the top layer is always the picture itself.
    """
    pixels = width_px * height_px
    count = 3 if pixels >= _PIXELS_OF_THREE else 2 if pixels >= _PIXELS_OF_TWO else 1
    halvings = range(count - 1, -1, -1)
    return tuple((_even(width_px >> times), _even(height_px >> times)) for times in halvings)


def layer_rates(size_px: SizePx) -> LayerRates:
    """What a layer of a size is worth at 30 pictures a second."""
    pixels = size_px[0] * size_px[1]
    return next((rates for most, rates in _RATES if pixels <= most), _LARGEST)


def allot(budget_bps: int, sizes: Sequence[SizePx], running: int) -> tuple[int, ...]:
    """Share a rate out: the lowest layer first, the rest to those above, none to those that it is too little for.

    Args:
        budget_bps: For all layers.
        sizes: Of the layers that are wanted, lowest first.
        running: How many of them are sent now; one more needs some room to spare.

    Returns:
        A rate for each layer that is sent, at least for the lowest.
    """
    made: list[int] = []
    rest_bps = budget_bps
    for index, size_px in enumerate(sizes):
        rates = layer_rates(size_px)
        least_bps = rates.least_bps * (1 if index < running else _RESUME)
        if index and rest_bps < least_bps:
            break
        made.append(min(rates.most_bps, max(rates.least_bps, rest_bps)))
        rest_bps -= made[-1]
    return tuple(made)


def most_bps(sizes: Sequence[SizePx]) -> int:
    """What all of these layers together have use for."""
    return sum(layer_rates(size_px).most_bps for size_px in sizes)


def _even(length_px: int) -> int:
    return max(2, length_px // 2 * 2)
