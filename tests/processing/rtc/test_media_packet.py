"""Packets as they are received, against aiortc's reading of the same bytes."""

from __future__ import annotations

import pytest
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensionsMap, RtpPacket, wrap_rtx
from hypothesis import given
from hypothesis import strategies as st

from eyeline.processing.rtc.media_packet import read_packet, received_packet, unwrapped

ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
MID = "urn:ietf:params:rtp-hdrext:sdes:mid"


def extensions(mid: int = 1, abs_send_time: int = 3) -> HeaderExtensionsMap:
    made = HeaderExtensionsMap()
    each = [RTCRtpHeaderExtensionParameters(mid, MID), RTCRtpHeaderExtensionParameters(abs_send_time, ABS_SEND_TIME)]
    made.configure(RTCRtpParameters(headerExtensions=each))
    return made


packets = st.builds(
    RtpPacket,
    payload_type=st.integers(0, 127),
    marker=st.integers(0, 1),
    sequence_number=st.integers(0, 0xFFFF),
    timestamp=st.integers(0, 0xFFFFFFFF),
    ssrc=st.integers(0, 0xFFFFFFFF),
    payload=st.binary(max_size=50),
)


@given(
    packets,
    st.lists(st.integers(0, 0xFFFFFFFF), max_size=15),
    st.none() | st.integers(0, 0xFFFFFF),
    st.sampled_from(["", "0", "a name"]),
    st.sampled_from([0, 1, 255]),
    st.sampled_from([3, 14, 200]),
)
def test_a_packet_is_read_as_aiortc_reads_it(
    packet: RtpPacket, csrc: list[int], sent: int | None, mid: str, padding: int, number: int
) -> None:
    packet.csrc, packet.padding_size = csrc, padding
    packet.extensions.abs_send_time, packet.extensions.mid = sent, mid or None
    known = extensions(abs_send_time=number)
    data = packet.serialize(known)
    assert read_packet(data, number) == received_packet(RtpPacket.parse(data, known))


@given(st.binary(max_size=80) | st.binary(max_size=60).map(lambda data: b"\x90\x60" + data), st.integers(1, 14))
def test_whatever_comes_is_read_or_refused(data: bytes, number: int) -> None:
    try:
        theirs = RtpPacket.parse(data, extensions(mid=15, abs_send_time=number))
    except ValueError:
        theirs = None
    except Exception:  # its reading of extensions of a wrong length fails otherwise
        theirs = None
    try:
        mine = read_packet(data, number)
    except ValueError:
        assert theirs is None
        return
    assert len(mine.payload) + mine.padding_size <= len(data) - 12
    if theirs is not None:
        assert (mine.payload, mine.ssrc, mine.padding_size) == (theirs.payload, theirs.ssrc, theirs.padding_size)


@pytest.mark.parametrize(
    ("elements", "sent"),
    [
        (b"\xbe\xde\0\1\x32\1\2\3", 0x010203),
        (b"\xbe\xde\0\2\0\x10A\0\x32\1\2\3", 0x010203),
        (b"\xbe\xde\0\2\xf0A\0\0\x32\1\2\3", None),
        (b"\xbe\xde\0\1\x31\1\2\0", None),
        (b"\xbe\xde\0\1\x10A\x32\1", None),
        (b"\x10\x05\0\2\1\0\3\3\1\2\3\0", 0x010203),
        (b"\x10\0\0\1\3\3\1\2", None),
        (b"\xab\xcd\0\1\x32\1\2\3", None),
    ],
    ids=[
        "alone",
        "behind another",
        "behind the end",
        "too short",
        "cut off",
        "two bytes",
        "two bytes cut off",
        "other",
    ],
)
def test_the_time_of_sending_is_found_where_it_is(elements: bytes, sent: int | None) -> None:
    packet = read_packet(b"\x90\x60" + bytes(10) + elements + b"payload", 3)
    assert (packet.abs_send_time, packet.payload) == (sent, b"payload")


def test_a_retransmission_is_what_it_repeats() -> None:
    original = RtpPacket(97, 1, 65535, 7, 1, b"payload")
    wrapped = received_packet(wrap_rtx(original, 98, 5, 2))
    assert unwrapped(wrapped, 97, 1) == received_packet(original)
    wrapped.payload = b"x"
    assert unwrapped(wrapped, 97, 1) is None
