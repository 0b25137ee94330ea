"""Temporal layers of VP8: every second picture that nothing refers to, so that whoever has no room for it does without.

A bridge that allots room step by step takes a stream for hopeless when its next step brings nothing, and all pictures
of one temporal layer look like that. The pattern is libwebrtc's for two layers, with sync points throughout.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# vpx/vp8cx.h
_NO_REF_GOLDEN: Final = 1 << 17
_NO_REF_ALTERNATE: Final = 1 << 21
_NO_UPDATE_LAST: Final = 1 << 18
_NO_UPDATE_GOLDEN: Final = 1 << 22
_NO_UPDATE_ALTERNATE: Final = 1 << 23
_NO_UPDATE_ENTROPY: Final = 1 << 20
_LAST_ALONE: Final = _NO_REF_GOLDEN | _NO_REF_ALTERNATE | _NO_UPDATE_GOLDEN | _NO_UPDATE_ALTERNATE

LAYERS: Final = 2
PERIOD: Final = 2
BASE_SHARE: Final = 0.6


@dataclass(frozen=True, slots=True)
class TemporalPlace:
    """What one picture is among the others.

    Args:
        layer: 0 for those that others refer to.
        sync: Whether it refers to pictures of layer 0 only, so that a receiver may begin with the layer here.
        flags: What libvpx is told when it encodes it.
    """

    layer: int
    sync: bool
    flags: int


_BASE: Final = TemporalPlace(0, sync=False, flags=_LAST_ALONE)
_TOP: Final = TemporalPlace(1, sync=True, flags=_LAST_ALONE | _NO_UPDATE_LAST | _NO_UPDATE_ENTROPY)
ALL_BASE: Final = TemporalPlace(0, sync=False, flags=0)


class TemporalPattern:
    """Gives the pictures of one stream their places; a keyframe is always in layer 0 and begins the pattern anew."""

    def __init__(self) -> None:
        self._number = 0

    def next(self, *, keyframe: bool) -> TemporalPlace:
        """The place of the picture that is encoded now."""
        if keyframe:
            self._number = 0
        place = _BASE if self._number % PERIOD == 0 else _TOP
        self._number += 1
        return place
