"""What bit rate a video sender aims at: by the size of its picture and by what receivers say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_LOSS_BEARABLE: Final = 0.10
_LOSS_NONE: Final = 0.02
_LOSS_INTERVAL_S: Final = 1.0
_RAMP_PER_S: Final = 1.15
_RAMP_LEAST_BPS_PER_S: Final = 30_000
_DRAIN: Final = 0.6
_AFTER_OVERUSE: Final = 0.85  # of the estimate, which still counts what came before


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Between what a picture of some size is worth sending.

    Args:
        least_bps: Below, it is not worth looking at.
        start_bps: Before anybody said anything.
        most_bps: Above, nobody sees the difference.
    """

    least_bps: int
    start_bps: int
    most_bps: int


# pixels at most, and the limits of pictures that have no more
_LIMITS: Final = (
    (320 * 180, RateLimits(60_000, 200_000, 350_000)),
    (480 * 270, RateLimits(80_000, 350_000, 600_000)),
    (640 * 360, RateLimits(100_000, 500_000, 1_000_000)),
    (960 * 540, RateLimits(150_000, 800_000, 1_700_000)),
    (1280 * 720, RateLimits(200_000, 1_200_000, 2_500_000)),
)
_LARGEST: Final = RateLimits(400_000, 2_000_000, 4_500_000)


def rate_limits(width_px: int, height_px: int) -> RateLimits:
    """The limits for pictures of a size at 30 frames a second."""
    pixels = width_px * height_px
    return next((limits for most, limits in _LIMITS if pixels <= most), _LARGEST)


class SendRate:
    """Follows receivers' estimates (REMB) down at once and up along a ramp; heavy loss counts as well.

    A bridge suspends a layer that does not fit through to a receiver, so the start is careful and no estimate, however
    high, is followed in one leap. `now_s` is of one clock throughout, and never runs back.
    """

    def __init__(self) -> None:
        self._limits = rate_limits(1280, 720)
        self._rate_bps: float = self._limits.start_bps
        self._rate_at_s: float | None = None
        self._remb_bps: int | None = None
        self._lowered_at_s: float | None = None
        self._holds = False

    def on_size(self, width_px: int, height_px: int) -> None:
        """Pictures have another size from now on. Before anything was heard, it decides where to start."""
        limits = rate_limits(width_px, height_px)
        if limits == self._limits:
            return
        self._limits = limits
        if self._remb_bps is None and self._lowered_at_s is None:
            self._rate_bps = limits.start_bps
        self._rate_bps = self._within(self._rate_bps)

    def restart(self) -> None:
        """Forget what was heard: it was about pictures that are sent no more."""
        self._remb_bps = self._lowered_at_s = None
        self._rate_bps = self._limits.start_bps

    def on_remb(self, bitrate_bps: int, now_s: float, *, overused: bool = False) -> None:
        """A receiver estimates how much gets through to it (draft-alvestrand-rmcat-remb).

        Args:
            bitrate_bps: So much.
            now_s: When.
            overused: Whether it is a sign that packets queue up (`overuse.py`).
        """
        self._advance(now_s)
        self._remb_bps = bitrate_bps
        fitting_bps = bitrate_bps * _AFTER_OVERUSE if overused else bitrate_bps
        self._rate_bps = self._within(min(self._rate_bps, fitting_bps))

    def drained_bps(self, now_s: float) -> int:
        """What to aim at while what has queued up on the way has to get through as well."""
        return round(self._within(self.target_bps(now_s) * _DRAIN))

    def on_loss(self, fraction: float, now_s: float) -> None:
        """A receiver reports which part of the packets was lost (RFC 3550, section 6.4.1).

        Args:
            fraction: From 0 to 1.
            now_s: When.
        """
        self._advance(now_s)
        self._holds = fraction > _LOSS_NONE
        if fraction <= _LOSS_BEARABLE:
            return
        if self._lowered_at_s is not None and now_s - self._lowered_at_s < _LOSS_INTERVAL_S:
            return
        self._lowered_at_s = now_s
        self._rate_bps = self._within(self._rate_bps * (1 - fraction / 2))

    def target_bps(self, now_s: float) -> int:
        """What to aim at now."""
        self._advance(now_s)
        return round(self._rate_bps)

    def _advance(self, now_s: float) -> None:
        """Climb for the time that went by, up to what gets through as far as is known."""
        elapsed_s = 0.0 if self._rate_at_s is None else max(0.0, now_s - self._rate_at_s)
        self._rate_at_s = now_s
        ceiling_bps = self._limits.start_bps if self._remb_bps is None else self._remb_bps
        if self._holds or ceiling_bps <= self._rate_bps:
            return
        climbed_bps = max(self._rate_bps * _RAMP_PER_S**elapsed_s, self._rate_bps + _RAMP_LEAST_BPS_PER_S * elapsed_s)
        self._rate_bps = self._within(min(climbed_bps, ceiling_bps))

    def _within(self, rate_bps: float) -> float:
        return min(self._limits.most_bps, max(self._limits.least_bps, rate_bps))
