"""The numbers in VP8's payload descriptor (RFC 7741, section 4.2)."""

from __future__ import annotations

import itertools

import av
import pytest
from aiortc.codecs.vpx import Vp8Encoder, VpxPayloadDescriptor
from aiortc.mediastreams import VIDEO_TIME_BASE

from eyeline.processing.rtc.temporal_layers import ALL_BASE, TemporalPattern
from eyeline.processing.rtc.vp8_payload import PAYLOAD_BYTES, PlainVp8Payloader, Vp8Payloader


def parsed(payloads: list[bytes]) -> list[tuple[VpxPayloadDescriptor, bytes]]:
    return [VpxPayloadDescriptor.parse(payload) for payload in payloads]


@pytest.mark.parametrize("length", [1, 1193, 1194, 1195, 40_000])
def test_a_picture_is_cut_and_can_be_put_together(length: int) -> None:
    picture = bytes(number % 251 for number in range(length))
    payloads = Vp8Payloader().payloads(picture, ALL_BASE)
    assert all(len(payload) <= PAYLOAD_BYTES for payload in payloads)
    pieces = parsed(payloads)
    assert b"".join(data for _, data in pieces) == picture
    assert [descriptor.partition_start for descriptor, _ in pieces] == [1] + [0] * (len(pieces) - 1)


def test_all_payloads_of_a_picture_have_the_same_numbers() -> None:
    """A bridge takes a difference for an error of its own, and drops the packet."""
    pieces = parsed(Vp8Payloader().payloads(bytes(9000), TemporalPattern().next(keyframe=True)))
    assert len({(each.picture_id, each.tl0picidx, each.tid) for each, _ in pieces}) == 1


def test_numbers_go_up_by_one_for_a_picture_and_for_a_base_picture() -> None:
    payloader, pattern = Vp8Payloader(), TemporalPattern()
    first = [parsed(payloader.payloads(b"x", pattern.next(keyframe=number == 0)))[0][0] for number in range(40_000)]
    for before, after in itertools.pairwise(first):
        assert after.picture_id == (before.picture_id + 1) % (1 << 15)
        is_base = after.tid[0] == 0
        assert after.tl0picidx == (before.tl0picidx + is_base) % (1 << 8)
    assert {each.tid for each in first} == {(0, 0), (1, 1)}
    assert first[0].tid[0] == 0


def test_a_keyframe_begins_the_pattern_anew() -> None:
    pattern = TemporalPattern()
    places = [pattern.next(keyframe=number in (0, 3)).layer for number in range(7)]
    assert places == [0, 1, 0, 0, 1, 0, 1]


def test_without_layers_payloads_are_those_of_aiortc_to_the_bit() -> None:
    plain, aiortc = PlainVp8Payloader(), Vp8Encoder()
    plain._picture_id = aiortc.picture_id = (1 << 15) - 3
    for length in (1, 1295, 1296, 1297, 2592, 2593, 40_000, 5):
        packet = av.Packet(bytes(number % 251 for number in range(length)))
        packet.pts, packet.time_base = 0, VIDEO_TIME_BASE
        assert plain.payloads(bytes(packet)) == aiortc.pack(packet)[0]
