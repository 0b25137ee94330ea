"""What aiortc and our own receiver make of our payloads (RFC 6184)."""

from __future__ import annotations

import itertools

import pytest
from aiortc.codecs.h264 import h264_depayload

from eyeline.processing.rtc.h264_payload import PAYLOAD_BYTES, h264_payloads
from eyeline.processing.rtc.payload_formats import payload_reader

SPS, PPS, SEI, IDR, SLICE = 0x67, 0x68, 0x06, 0x65, 0x41
STAP_A, FU_A = 24, 28


def unit(head: int, length: int) -> bytes:
    return bytes((head, *(number % 250 + 1 for number in range(length - 1))))


def stream(units: list[bytes], start_code: bytes = b"\0\0\0\1") -> bytes:
    return b"".join(start_code + each for each in units)


def types(payloads: list[bytes]) -> list[int]:
    return [payload[0] & 0x1F for payload in payloads]


@pytest.mark.parametrize("lengths", [(2,), (700, 9), (1300,), (1301,), (2597, 2598), (1299, 3), (30_000,)])
@pytest.mark.parametrize("start_code", [b"\0\0\1", b"\0\0\0\1"])
def test_a_picture_is_cut_and_can_be_put_together(lengths: tuple[int, ...], start_code: bytes) -> None:
    units = [unit(SPS, 24), unit(PPS, 5), unit(SEI, 200), *(unit(IDR, length) for length in lengths)]
    payloads = h264_payloads(stream(units, start_code))
    assert max(map(len, payloads)) <= PAYLOAD_BYTES
    assert b"".join(map(h264_depayload, payloads)) == stream(units)
    assert b"".join(payload_reader("H264")(payload)[0] for payload in payloads) == stream(units)


def test_small_units_share_a_payload_as_far_as_there_is_room() -> None:
    small = [unit(SPS, 24), unit(PPS, 5), unit(SEI, 700), unit(SEI, 560), unit(IDR, 500), unit(IDR, 4)]
    assert types(h264_payloads(stream(small))) == [STAP_A, STAP_A]
    assert types(h264_payloads(stream(small[:1]))) == [SPS & 0x1F]
    full = [unit(SEI, 600), unit(SEI, 1300 - 1 - 2 - 600 - 2)]
    assert [len(payload) for payload in h264_payloads(stream(full))] == [1300]


def test_a_shared_payload_is_as_important_as_its_most_important_unit() -> None:
    (payload,) = h264_payloads(stream([unit(0x06, 9), unit(0xA1, 9), unit(0x41, 9)]))
    assert payload[0] == 0x80 | 0x40 | STAP_A


def test_fragments_have_one_length_and_tell_begin_and_end() -> None:
    """Datagrams of one length can leave together."""
    payloads = h264_payloads(stream([unit(SLICE, 9001)]))
    assert types(payloads) == [FU_A] * 7
    assert len({len(payload) for payload in payloads[:-1]}) == 1
    assert len(payloads[0]) - 7 <= len(payloads[-1]) <= len(payloads[0])
    assert [payload[1] for payload in payloads] == [0x81, 1, 1, 1, 1, 1, 0x41]
    assert {payload[0] for payload in payloads} == {0x40 | FU_A}


def test_it_takes_as_few_payloads_as_there_can_be() -> None:
    room = PAYLOAD_BYTES - 2
    for count, over in itertools.product((2, 3, 20), (0, 1)):
        payloads = h264_payloads(stream([unit(SLICE, 1 + count * room + over)]))
        assert len(payloads) == count + over


@pytest.mark.parametrize("nothing", [b"", b"\0\0", b"\0\0\1", b"\0\0\0\1\0\0\0\1", b"abc"])
def test_of_nothing_comes_nothing(nothing: bytes) -> None:
    assert h264_payloads(nothing) == []
