"""Where keyframes begin, in what real encoders make."""

from __future__ import annotations

import pytest
from aiortc.codecs import depayload
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from hypothesis import given
from hypothesis import strategies as st
from rtp_lab import H264, VP8, packets

from eyeline.processing.rtc.payload_formats import KeyframeStart, keyframe_start, payload_reader


@pytest.mark.parametrize("codec", [VP8, H264], ids=["VP8", "H264"])
def test_keyframes_of_real_encoders_begin_where_they_were_asked_for(codec: RTCRtpCodecParameters) -> None:
    frames = packets(codec, 20, keyframes=(10,))
    begins = [[keyframe_start(codec.name, packet.payload) is KeyframeStart.YES for packet in frame] for frame in frames]
    assert [number for number, frame in enumerate(begins) if any(frame)] == [0, 10]
    assert all(frame[0] and not any(frame[1:]) for frame in (begins[0], begins[10]))


def test_the_middle_of_a_vp8_keyframe_begins_nothing() -> None:
    first, second, *_ = packets(VP8, 1)[0]
    assert keyframe_start("VP8", first.payload) is KeyframeStart.YES
    assert keyframe_start("VP8", second.payload) is KeyframeStart.NO


def test_a_vp8_descriptor_of_another_partition_begins_nothing() -> None:
    keyframe = bytes([0x10, 0x00, 0x9D])
    assert keyframe_start("VP8", keyframe) is KeyframeStart.YES
    assert keyframe_start("VP8", bytes([0x11, 0x00, 0x9D])) is KeyframeStart.NO
    assert keyframe_start("VP8", bytes([0x10, 0x01, 0x9D])) is KeyframeStart.NO


SPS, PPS, IDR, SLICE = (bytes([0x60 | kind]) + bytes(20) for kind in (7, 8, 5, 1))


def aggregated(*units: bytes) -> bytes:
    return bytes([0x60 | 24]) + b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)


@pytest.mark.parametrize(
    ("payload", "begins"),
    [
        (SPS, KeyframeStart.YES),
        (PPS, KeyframeStart.NO),
        (SLICE, KeyframeStart.NO),
        (IDR, KeyframeStart.IF_FIRST),
        (aggregated(SPS, PPS), KeyframeStart.YES),
        (aggregated(PPS, SPS, IDR), KeyframeStart.YES),
        (aggregated(SLICE, SLICE), KeyframeStart.NO),
        (aggregated(IDR), KeyframeStart.IF_FIRST),
        (bytes([0x7C, 0x85, 1, 2]), KeyframeStart.IF_FIRST),
        (bytes([0x7C, 0x05, 1, 2]), KeyframeStart.NO),
        (bytes([0x7C, 0x45, 1, 2]), KeyframeStart.NO),
        (bytes([0x7C, 0x81, 1, 2]), KeyframeStart.NO),
    ],
    ids=[
        "parameters", "picture parameters", "slice", "idr", "aggregate", "aggregate in another order", "slices",
        "aggregated idr", "first fragment of idr", "middle", "last", "first fragment of slice",
    ],
)  # fmt: skip
def test_h264(payload: bytes, begins: KeyframeStart) -> None:
    assert keyframe_start("H264", payload) is begins


@pytest.mark.parametrize("codec", ["VP8", "H264", "VP9"])
@pytest.mark.parametrize("payload", [b"", b"\x80", b"\x7c", b"\x78", b"\x78\xff", b"\x78\xff\xff\x07", b"\x90\x80"])
def test_damaged_payloads_raise_nothing(codec: str, payload: bytes) -> None:
    keyframe_start(codec, payload)


def test_long_nal_units_are_fragmented_by_the_encoder_under_test() -> None:
    """Otherwise the fragments above would be tested in theory only."""
    fragments = [packet for packet in packets(H264, 1)[0] if packet.payload[0] & 0x1F == 28]
    assert fragments
    assert keyframe_start("H264", fragments[0].payload) is KeyframeStart.IF_FIRST


@pytest.mark.parametrize("codec", [VP8, H264], ids=["VP8", "H264"])
def test_payloads_of_real_encoders_are_read_as_aiortc_reads_them(codec: RTCRtpCodecParameters) -> None:
    read = payload_reader(codec.name)
    for frame in packets(codec, 10):
        for packet in frame:
            assert read(packet.payload)[0] == depayload(codec, packet.payload)


@given(st.binary(max_size=12), st.sampled_from([VP8, H264]))
def test_any_payload_is_read_as_aiortc_reads_it(payload: bytes, codec: RTCRtpCodecParameters) -> None:
    try:
        theirs = depayload(codec, payload)
    except ValueError:
        theirs = b""
    assert payload_reader(codec.name)(payload)[0] == theirs
