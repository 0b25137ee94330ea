"""All layers of one picture by real libvpx: what a bridge relies on, in every picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import av
import numpy as np
import pytest
from aiortc.codecs import depayload
from aiortc.codecs.vpx import VpxPayloadDescriptor
from encoder_lab import VP8
from moving_clip import frame, luma

from eyeline.processing.rtc.effort import Effort
from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.simulcast_encoder import CodedLayer, LayerPlan, SimulcastEncoder, open_layer
from eyeline.processing.rtc.simulcast_layers import SizePx
from eyeline.processing.rtc.still_blocks import Blocks
from eyeline.processing.rtc.vp8_encoder import CPU_USED
from eyeline.processing.rtc.vpx import LibvpxEncoder

SIZES: tuple[SizePx, ...] = ((160, 90), (320, 180), (640, 360))
PLAN = LayerPlan(SIZES, (80_000, 200_000, 500_000))


@cache
def picture_of(number: int) -> av.VideoFrame:
    return frame(number % 60, 640, 360)


def coded(layer: CodedLayer) -> bytes:
    return b"".join(depayload(VP8, payload) for payload in layer.payloads)


def says_keyframe(layer: CodedLayer) -> bool:
    """RFC 6386, section 9.1."""
    return coded(layer)[0] & 1 == 0


def size_of(layer: CodedLayer) -> SizePx:
    """Of a keyframe (RFC 6386, section 9.1)."""
    data = coded(layer)
    return int.from_bytes(data[6:8], "little") & 0x3FFF, int.from_bytes(data[8:10], "little") & 0x3FFF


def descriptor(layer: CodedLayer) -> VpxPayloadDescriptor:
    return VpxPayloadDescriptor.parse(layer.payloads[0])[0]


def run(
    encoder: SimulcastEncoder, plans: Iterable[LayerPlan], *, keyframes: Iterable[int] = (), begin: int = 0
) -> list[list[CodedLayer]]:
    made = []
    for number, plan in enumerate(plans, begin):
        made.append(encoder.encode(picture_of(number), number / 30, plan, keyframe=number in set(keyframes)))
    return made


def test_tallest_first_and_all_keyframes_at_the_beginning() -> None:
    (first,) = run(SimulcastEncoder(), [PLAN])
    assert [layer.layer for layer in first] == [2, 1, 0]
    assert [size_of(layer) for layer in first] == list(SIZES[::-1])
    assert all(layer.is_keyframe and says_keyframe(layer) for layer in first)


def test_a_keyframe_is_one_of_all_layers_in_one_picture() -> None:
    made = run(SimulcastEncoder(), [PLAN] * 30, keyframes=[12])
    for number, layers in enumerate(made):
        kinds = {says_keyframe(layer) for layer in layers}
        assert kinds == {number in (0, 12)}
    assert [layer.layer for layer in made[12]] == [2, 1, 0]


def test_another_rate_costs_no_keyframe_in_any_layer() -> None:
    lower = replace(PLAN, rates_bps=(60_000, 120_000, 250_000), effort=Effort.LOW)
    made = run(SimulcastEncoder(), [*[PLAN] * 60, *[lower] * 60])
    assert not any(says_keyframe(layer) for layers in made[1:] for layer in layers)
    bits = [sum(len(coded(layer)) for layers in made[begin : begin + 30] for layer in layers) for begin in (30, 90)]
    assert bits[1] < bits[0] * 0.8


def test_the_lowest_layer_is_of_two_temporal_layers_and_the_others_of_one() -> None:
    made = run(SimulcastEncoder(), [PLAN] * 20, keyframes=[7])
    places = {
        layer.layer: [descriptor(each).tid for layers in made for each in layers if each.layer == layer.layer]
        for layer in made[0]
    }
    assert places[0][:6] == [(0, 0), (1, 1)] * 3
    assert places[0][6:10] == [(0, 0), (0, 0), (1, 1), (0, 0)]
    assert set(places[1]) == set(places[2]) == {(0, 0)}


def test_what_a_bridge_leaves_out_is_not_missed() -> None:
    """Every second picture of the lowest layer can be dropped: the rest decodes to the same samples."""
    made = [layers[-1] for layers in run(SimulcastEncoder(), [PLAN] * 40, keyframes=[21])]
    whole, base = (decoded(layers) for layers in (made, [each for each in made if descriptor(each).tid == (0, 0)]))
    assert len(base) < len(whole) * 0.6
    expected = [picture for picture, layer in zip(whole, made, strict=True) if descriptor(layer).tid == (0, 0)]
    for picture, other in zip(base, expected, strict=True):
        assert np.array_equal(picture, other)


def decoded(layers: list[CodedLayer]) -> list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    decoder = av.CodecContext.create("libvpx", "r")
    made = []
    for layer in layers:
        made += [luma(picture).copy() for picture in decoder.decode(av.Packet(coded(layer)))]  # type: ignore[attr-defined]
    return made


def test_both_temporal_layers_have_bits_of_their_own() -> None:
    """A bridge for which the step from one to the other brings nothing stays with the lowest for ever."""
    made = [layers[-1] for layers in run(SimulcastEncoder(), [PLAN] * 60)]
    octets = [sum(len(coded(each)) for each in made[10:] if descriptor(each).tid[0] == tid) for tid in (0, 1)]
    assert octets[1] > 0.15 * sum(octets)
    assert sum(octets) * 8 * 30 / 50 == pytest.approx(80_000, rel=0.35)


def test_layers_that_nobody_looks_at_end_without_a_keyframe() -> None:
    small = replace(PLAN, sizes=SIZES[:1], rates_bps=PLAN.rates_bps[:1])
    made = run(SimulcastEncoder(), [*[PLAN] * 5, *[small] * 5])
    assert [len(layers) for layers in made] == [3] * 5 + [1] * 5
    assert not any(says_keyframe(layer) for layers in made[5:] for layer in layers)


def test_a_layer_that_ends_though_somebody_looks_keys_the_rest_in_the_same_picture() -> None:
    fewer = replace(PLAN, sizes=SIZES[:2], rates_bps=PLAN.rates_bps[:2], keys_rest=True)
    made = run(SimulcastEncoder(), [*[PLAN] * 5, *[fewer] * 5])
    assert [says_keyframe(layer) for layer in made[5]] == [True, True]
    assert not any(says_keyframe(layer) for layers in made[6:] for layer in layers)


def test_a_layer_that_comes_back_is_the_only_one_with_a_keyframe_and_that_is_small() -> None:
    encoder = SimulcastEncoder()
    low = replace(PLAN, sizes=SIZES[:1], rates_bps=PLAN.rates_bps[:1])
    made = run(encoder, [*[PLAN] * 3, *[low] * 60, *[PLAN] * 3])
    back = made[63]
    assert [(layer.layer, says_keyframe(layer)) for layer in back] == [(2, True), (1, True), (0, False)]
    assert [layer.begins for layer in back] == [True, True, False]
    first = {layer.layer: len(coded(layer)) for layer in made[0]}
    assert all(len(coded(layer)) < first[layer.layer] * 1.5 for layer in back if layer.layer)


def test_numbers_go_on_where_a_layer_comes_back() -> None:
    encoder = SimulcastEncoder()
    low = replace(PLAN, sizes=SIZES[:1], rates_bps=PLAN.rates_bps[:1])
    made = run(encoder, [*[PLAN] * 3, *[low] * 3, *[PLAN] * 2])
    of_top = [descriptor(layer) for layers in made for layer in layers if layer.layer == 2]
    assert [(each.picture_id - of_top[0].picture_id) % (1 << 15) for each in of_top] == list(range(5))


def test_after_a_pause_everything_begins_anew_with_small_keyframes() -> None:
    encoder = SimulcastEncoder()
    before = run(encoder, [PLAN] * 20)
    (after,) = run(encoder, [replace(PLAN, begins=True)], begin=400)
    assert all(says_keyframe(layer) for layer in after)
    assert sum(len(coded(layer)) for layer in after) < 1.5 * sum(len(coded(layer)) for layer in before[0])


def test_a_smaller_picture_goes_on_in_the_layers_that_it_has() -> None:
    encoder = SimulcastEncoder()
    made = run(encoder, [PLAN] * 3)
    small = LayerPlan(SIZES[:2], PLAN.rates_bps[:2], keys_rest=True)
    layers = encoder.encode(frame(3, 320, 180), 0.1, small, keyframe=False)
    assert [(layer.layer, says_keyframe(layer)) for layer in layers] == [(1, True), (0, True)]
    assert len(made[-1]) == 3


def test_a_picture_of_other_proportions_begins_anew() -> None:
    encoder = SimulcastEncoder()
    run(encoder, [PLAN] * 3)
    sizes = ((160, 120), (320, 240), (640, 480))
    layers = encoder.encode(frame(3, 640, 480), 0.1, replace(PLAN, sizes=sizes), keyframe=False)
    assert [size_of(layer) for layer in layers] == list(sizes[::-1])


def test_a_failure_ends_all_layers_so_that_none_is_keyed_alone() -> None:
    class Brittle:
        def __init__(self, real: object) -> None:
            self._real = real
            self.fails = False

        def __getattr__(self, name: str) -> object:
            if name == "encode" and self.fails:
                raise EncoderError("libvpx is tired.")
            return getattr(self._real, name)

    opened: list[Brittle] = []

    def opening(size_px: SizePx, rate_bps: int, effort: Effort, temporal: bool) -> Brittle:
        opened.append(Brittle(open_layer(size_px, rate_bps, effort, temporal)))
        return opened[-1]

    encoder = SimulcastEncoder(opening)  # type: ignore[arg-type]
    run(encoder, [PLAN] * 2)
    opened[1].fails = True
    with pytest.raises(EncoderError):
        run(encoder, [PLAN], begin=2)
    (after,) = run(encoder, [PLAN], begin=3)
    assert all(says_keyframe(layer) for layer in after)
    assert len(opened) == 6


def test_the_tallest_alone_has_the_time_that_there_is() -> None:
    seen: list[tuple[SizePx, Effort]] = []
    later: list[int] = []

    class Timed:
        def __init__(self, real: LibvpxEncoder) -> None:
            self._real = real

        def __getattr__(self, name: str) -> object:
            return getattr(self._real, name)

        def set_cpu_used(self, cpu_used: int) -> None:
            later.append(cpu_used)
            self._real.set_cpu_used(cpu_used)

    def opening(size_px: SizePx, rate_bps: int, effort: Effort, temporal: bool) -> Timed:
        seen.append((size_px, effort))
        return Timed(open_layer(size_px, rate_bps, effort, temporal))  # type: ignore[arg-type]

    encoder = SimulcastEncoder(opening)  # type: ignore[arg-type]
    run(encoder, [PLAN])
    assert seen == [(SIZES[0], Effort.LEAST), (SIZES[1], Effort.LEAST), (SIZES[2], Effort.FULL)]
    run(encoder, [replace(PLAN, sizes=SIZES[:2], rates_bps=(80_000, 200_000))], begin=1)
    assert later == [CPU_USED[Effort.FULL]]


def test_what_stands_still_is_left_alone_in_every_layer() -> None:
    told: dict[SizePx, list[float | None]] = {}

    class Told:
        """Which share of the blocks was to be encoded, picture by picture; `None` for all."""

        def __init__(self, size_px: SizePx, real: object) -> None:
            self._shares = told.setdefault(size_px, [])
            self._real = real

        def __getattr__(self, name: str) -> Any:
            if name == "encode":
                return self._encode
            return getattr(self._real, name)

        def _encode(self, *arguments: Any, moving: Blocks | None, **more: Any) -> object:
            self._shares.append(None if moving is None else float(moving.mean()))
            return self._real.encode(*arguments, moving=moving, **more)  # type: ignore[attr-defined]

    def opening(size_px: SizePx, rate_bps: int, effort: Effort, temporal: bool) -> Told:
        return Told(size_px, open_layer(size_px, rate_bps, effort, temporal))

    encoder = SimulcastEncoder(opening)  # type: ignore[arg-type]
    for number in range(50):
        encoder.encode(picture_of(0), number / 30, PLAN, keyframe=number == 45)
    for shares in told.values():
        assert shares[0] is None
        assert shares[1] == 1.0
        assert shares[44] is not None
        assert shares[44] < 0.4
        assert shares[46] == 1.0
    encoder.encode(picture_of(0), 2.0, replace(PLAN, begins=True), keyframe=False)
    assert [shares[-1] for shares in told.values()] == [None] * 3


def test_every_layer_looks_like_the_picture() -> None:
    made = run(SimulcastEncoder(), [PLAN] * 30)
    decoders = [av.CodecContext.create("libvpx", "r") for _ in SIZES]
    for number, layers in enumerate(made):
        for layer in layers:
            (picture,) = decoders[layer.layer].decode(av.Packet(coded(layer)))  # type: ignore[attr-defined]
            picture.time_base = Fraction(1, 30)
            if number == 29:
                full = picture_of(number).reformat(*SIZES[layer.layer])
                error = np.mean((luma(full).astype(float) - luma(picture)) ** 2)
                assert error < 255**2 / 10**2.7  # 27 dB
