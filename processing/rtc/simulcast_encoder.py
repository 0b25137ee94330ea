"""All layers of one picture, encoded one after the other: what a bridge with simulcast expects of them.

A bridge sends each receiver one of the layers, and changes from one to another only where there is a keyframe. It asks
for one on the lowest SSRC whichever layer it is about, and takes keyframes that come close together for one: it passes
on the first that is not too large. So keyframes are made for all layers in one picture, and the tallest leaves first. A
keyframe in a lower layer alone would draw everybody down to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from av import VideoFrame

from eyeline.processing.rtc.effort import Effort
from eyeline.processing.rtc.frame_times import FrameTimes
from eyeline.processing.rtc.layered_still_blocks import LayeredStillBlocks
from eyeline.processing.rtc.plane_pointers import PlanePointers
from eyeline.processing.rtc.pyramid import Pyramid, PyramidLevel
from eyeline.processing.rtc.simulcast_layers import LAYERS, SizePx
from eyeline.processing.rtc.still_blocks import Blocks
from eyeline.processing.rtc.temporal_layers import ALL_BASE, TemporalPattern, TemporalPlace
from eyeline.processing.rtc.vp8_encoder import CPU_USED
from eyeline.processing.rtc.vp8_payload import Vp8Payloader
from eyeline.processing.rtc.vpx import LibvpxEncoder

_TICKS_HZ: Final = 90_000


@dataclass(frozen=True, slots=True)
class LayerPlan:
    """What to encode a picture as.

    Args:
        sizes: Of the layers that are sent, lowest first; empty when nothing is.
        rates_bps: Of each.
        effort: Of the tallest; those below it take the least, since they are looked at as small pictures. That costs
            them about 1 dB, and saves a tenth of the time of all.
        keys_rest: Whether layers that go on need a keyframe where others end. They do when somebody looks at what
            ends, since a bridge notices only after seconds that it stopped.
        begins: Whether all layers begin anew, as after a pause: an encoder that had no pictures for a while has bits
            saved up, and its next keyframe is as large as all that.
    """

    sizes: tuple[SizePx, ...]
    rates_bps: tuple[int, ...]
    effort: Effort = Effort.FULL
    keys_rest: bool = False
    begins: bool = False


@dataclass(frozen=True, slots=True)
class CodedLayer:
    """One layer of one picture.

    Args:
        layer: 0 for the lowest.
        payloads: Of its RTP packets.
        is_keyframe: Whether it needs no other picture.
        begins: Whether the layer begins here.
    """

    layer: int
    payloads: list[bytes]
    is_keyframe: bool
    begins: bool


class LayerCodec(Protocol):
    """What `LibvpxEncoder` does."""

    def encode(
        self,
        planes: PlanePointers,
        begin_ticks: int,
        duration_ticks: int,
        *,
        keyframe: bool,
        flags: int = 0,
        moving: Blocks | None = None,
    ) -> tuple[bytes, bool] | None:
        """Encode one picture, or what moves in it."""
        ...

    def set_bitrate(self, bitrate_bps: int) -> None:
        """Take another rate."""
        ...

    def set_cpu_used(self, cpu_used: int) -> None:
        """Take more or less time."""
        ...

    def close(self) -> None:
        """Free it."""
        ...


OpenLayer = Callable[[SizePx, int, Effort, bool], LayerCodec]


def open_layer(size_px: SizePx, bitrate_bps: int, effort: Effort, temporal: bool) -> LayerCodec:
    """libvpx, without which there is no simulcast: another encoder makes a keyframe for every change of rate.

    Raises:
        EncoderError: There is none.
    """
    return LibvpxEncoder(*size_px, bitrate_bps, CPU_USED[effort], temporal=temporal, skips_still=False)


class _Layer:
    """One layer that is being sent."""

    def __init__(self, codec: LayerCodec, size_px: SizePx, rate_bps: int, effort: Effort, *, temporal: bool) -> None:
        self.size_px = size_px
        self._codec = codec
        self._rate_bps = rate_bps
        self._effort = effort
        self._pattern = TemporalPattern() if temporal else None
        self.begun = False

    def encode(
        self, level: PyramidLevel, begin: int, duration: int, *, keyframe: bool, moving: Blocks | None
    ) -> tuple[bytes, bool, TemporalPlace] | None:
        keyframe = keyframe or not self.begun
        self.begun = True
        place = self._pattern.next(keyframe=keyframe) if self._pattern else ALL_BASE
        flags = 0 if keyframe else place.flags
        coded = self._codec.encode(level.pointers, begin, duration, keyframe=keyframe, flags=flags, moving=moving)
        return None if coded is None else (*coded, place)

    def aim(self, rate_bps: int, effort: Effort) -> None:
        if rate_bps != self._rate_bps:
            self._codec.set_bitrate(rate_bps)
            self._rate_bps = rate_bps
        if effort != self._effort:
            self._codec.set_cpu_used(CPU_USED[effort])
            self._effort = effort

    def close(self) -> None:
        self._codec.close()


class SimulcastEncoder:
    """Encodes pictures in all layers of a plan; for one thread at a time."""

    def __init__(self, open_codec: OpenLayer = open_layer) -> None:
        self._open_codec = open_codec
        self._running: list[_Layer] = []
        self._payloaders = [Vp8Payloader() for _ in range(LAYERS)]
        self._pyramid = Pyramid()
        self._still: LayeredStillBlocks | None = None
        self._times = FrameTimes(_TICKS_HZ)

    def encode(self, frame: VideoFrame, at_s: float, plan: LayerPlan, *, keyframe: bool) -> list[CodedLayer]:
        """Encode a picture.

        Args:
            frame: In `yuv420p`; only read.
            at_s: Its time.
            plan: Which layers.
            keyframe: Whether all of them have to be keyframes.

        Returns:
            The layers in the order in which they have to leave, without those that rate control left out.

        Raises:
            EncoderError: libvpx refuses; everything begins anew with the next picture.
        """
        try:
            keyframe = self._follow(plan) or keyframe
            return self._encode(frame, at_s, plan, keyframe=keyframe)
        except Exception:
            self.close()
            raise

    def pack(self, picture: bytes) -> list[bytes]:
        """Payloads of a picture that is encoded already, in the lowest layer."""
        return self._payloaders[0].payloads(picture, ALL_BASE)

    def close(self) -> None:
        """Free the codecs; the next picture begins anew."""
        self._end(self._running)
        self._still = None

    def _encode(self, frame: VideoFrame, at_s: float, plan: LayerPlan, *, keyframe: bool) -> list[CodedLayer]:
        begin, duration = self._times.next(at_s)
        made = []
        levels = self._pyramid.levels(frame, plan.sizes)
        still = self._still_of(plan.sizes)
        moving = still.moving(levels[-1].pointers) if still else [None] * len(levels)
        for index in range(len(plan.sizes) - 1, -1, -1):
            layer = self._running[index]
            begins = not layer.begun
            coded = layer.encode(levels[index], begin, duration, keyframe=keyframe, moving=moving[index])
            if coded is not None:
                picture, is_keyframe, place = coded
                payloads = self._payloaders[index].payloads(picture, place)
                made.append(CodedLayer(index, payloads, is_keyframe, begins))
        if still and any(layer.is_keyframe for layer in made):
            still.begin_anew()
        return made

    def _still_of(self, sizes: tuple[SizePx, ...]) -> LayeredStillBlocks | None:
        """What compares pictures of these sizes; another one where they have changed."""
        if self._still is None or self._still.sizes != sizes:
            self._still = LayeredStillBlocks(sizes) if sizes else None
        return self._still

    def _follow(self, plan: LayerPlan) -> bool:
        """Have as many layers run as are planned; whether those that go on need a keyframe."""
        sizes = [layer.size_px for layer in self._running]
        shared = min(len(sizes), len(plan.sizes))
        if plan.begins or sizes[:shared] != list(plan.sizes[:shared]):
            self.close()
        ended = self._running[len(plan.sizes) :]
        self._end(ended)
        for index, (layer, rate_bps) in enumerate(zip(self._running, plan.rates_bps, strict=False)):
            layer.aim(rate_bps, _effort(index, plan))
        for index in range(len(self._running), len(plan.sizes)):
            self._running.append(self._begin(index, plan))
        return bool(ended) and plan.keys_rest

    def _begin(self, index: int, plan: LayerPlan) -> _Layer:
        size_px, rate_bps, temporal = plan.sizes[index], plan.rates_bps[index], index == 0
        effort = _effort(index, plan)
        codec = self._open_codec(size_px, rate_bps, effort, temporal)
        return _Layer(codec, size_px, rate_bps, effort, temporal=temporal)

    def _end(self, layers: Sequence[_Layer]) -> None:
        for layer in list(layers):
            self._running.remove(layer)
            layer.close()


def _effort(index: int, plan: LayerPlan) -> Effort:
    return plan.effort if index == len(plan.sizes) - 1 else Effort.LEAST
