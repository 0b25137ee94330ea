"""Which layers are sent and at what rates: what somebody looks at, what gets through, what there is time for."""

from __future__ import annotations

from typing import Final

from aiortc.rtp import RtcpReceiverInfo

from eyeline.processing.rtc.encode_load import EncodeLoad, LoadStep
from eyeline.processing.rtc.overuse import Overuse
from eyeline.processing.rtc.path_budget import PathBudget
from eyeline.processing.rtc.simulcast_encoder import LayerPlan
from eyeline.processing.rtc.simulcast_layers import SizePx, allot, layer_sizes, most_bps
from eyeline.processing.rtc.video_step import OnStep, StepLimit, VideoStep

_NONE: Final = VideoStep((), StepLimit.WANTED)


class LayerTuning:
    """Gathers what receivers and the clock say, and plans each picture.

    Attributes:
        on_step: Told when other layers are sent than before.
    """

    def __init__(self) -> None:
        self.on_step: OnStep = lambda _: None
        self._budget = PathBudget()
        self._overuse = Overuse()
        self._load = EncodeLoad()
        self._held: LoadStep | None = None
        self._wanted_px: int | None = None
        self._paused = False
        self._full: tuple[SizePx, ...] = ()
        self._step: VideoStep | None = None

    @property
    def load_step(self) -> LoadStep:
        """What there is time for."""
        return self._held or self._load.step

    def wanted(self, max_height_px: int | None) -> None:
        """Somebody has use for pictures so tall; 0 for none, `None` for any."""
        self._wanted_px = max_height_px
        if max_height_px == 0:
            self._paused = True
            self._tell(_NONE)

    def hold_load(self, step: LoadStep) -> None:
        """Encode with this, however long it takes."""
        self._held = step

    def encoded(self, encode_s: float, now_s: float) -> None:
        """A picture took so long, with all its layers."""
        self._load.encoded(encode_s, now_s)

    def estimated(self, bitrate_bps: int, now_s: float) -> None:
        """A receiver estimates what gets through (REMB)."""
        overused = self._overuse.on_estimate(bitrate_bps, now_s, allowed_bps=self._budget.granted_bps)
        self._budget.on_estimate(bitrate_bps, now_s, overused=overused)

    def reported(self, report: RtcpReceiverInfo, round_trip_s: float | None, now_s: float) -> None:
        """A receiver reports about one layer, and how long the last round trip took."""
        self._budget.on_report(report, now_s)
        if round_trip_s is not None:
            self._budget.on_round_trip(round_trip_s, now_s)

    def sent(self, size_bytes: int, now_s: float) -> None:
        """So much left, of all layers together."""
        self._overuse.sent(size_bytes, now_s)

    def congested(self, now_s: float) -> bool:
        """Whether packets queue up on the way."""
        return self._overuse.lasts(now_s)

    def rate_bps(self, now_s: float) -> int:
        """What all layers together aim at."""
        return self._budget.bps(now_s, 0)

    def plan(self, width_px: int, height_px: int, now_s: float) -> LayerPlan:
        """What to encode the next picture as.

        Args:
            width_px: Of the picture.
            height_px: Of the picture.
            now_s: When.
        """
        if self._wanted_px == 0:
            return LayerPlan((), ())
        begins, self._paused = self._paused, False
        full = layer_sizes(width_px, height_px)
        looked_at = _no_taller(full, self._wanted_px)
        in_time = _no_taller(looked_at, self.load_step.max_height_px)
        running = 0 if begins or self._step is None else len(self._step.heights_px)
        rates_bps = allot(self._budget.bps(now_s, most_bps(in_time)), in_time, running)
        sizes = in_time[: len(rates_bps)]
        heights_px = tuple(size_px[1] for size_px in sizes)
        self._tell(VideoStep(heights_px, _limit(full, looked_at, in_time, sizes)))
        ended = self._full[len(sizes) : running]
        self._full = full
        keys_rest = any(self._wanted_px is None or size_px[1] <= self._wanted_px for size_px in ended)
        return LayerPlan(sizes, rates_bps, self.load_step.effort, keys_rest=keys_rest, begins=begins)

    def _tell(self, step: VideoStep) -> None:
        if step != self._step:
            self._step = step
            self.on_step(step)


def _no_taller(sizes: tuple[SizePx, ...], height_px: int | None) -> tuple[SizePx, ...]:
    """The layers that are no taller than this, at least the lowest."""
    if height_px is None:
        return sizes
    return sizes[: max(1, sum(size_px[1] <= height_px for size_px in sizes))]


def _limit(
    full: tuple[SizePx, ...],
    looked_at: tuple[SizePx, ...],
    in_time: tuple[SizePx, ...],
    sent: tuple[SizePx, ...],
) -> StepLimit:
    if len(sent) < len(in_time):
        return StepLimit.BANDWIDTH
    if len(in_time) < len(looked_at):
        return StepLimit.CPU
    return StepLimit.WANTED if len(looked_at) < len(full) else StepLimit.NOTHING
