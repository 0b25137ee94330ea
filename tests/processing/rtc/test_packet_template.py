"""The bytes of packets against those that aiortc's own serialiser writes."""

from __future__ import annotations

from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap, RtpPacket, wrap_rtx
from hypothesis import given
from hypothesis import strategies as st

from eyeline.processing.rtc.ntp import abs_send_time
from eyeline.processing.rtc.packet_template import PacketTemplate, wrapped_again

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"

# numbers beyond 14, and mids beyond 16 bytes, need headers of two bytes (RFC 8285, section 4.3)
NUMBERS = st.dictionaries(st.sampled_from((MID, LEVEL, SEND_TIME)), st.integers(1, 255), max_size=3).filter(
    lambda numbers: len(set(numbers.values())) == len(numbers)
)
MIDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(lambda mid: len(mid.encode()) < 200)
LEVELS = st.none() | st.integers(-127, 0)
PAYLOADS = st.lists(st.binary(max_size=40), min_size=1, max_size=5)
BITS_16, BITS_32, TYPES = st.integers(0, (1 << 16) - 1), st.integers(0, (1 << 32) - 1), st.integers(96, 127)
MOMENTS = st.floats(0, 1e7)


def extensions(numbers: dict[str, int]) -> HeaderExtensionsMap:
    made = HeaderExtensionsMap()
    listed = [RTCRtpHeaderExtensionParameters(id=number, uri=uri) for uri, number in numbers.items()]
    made.configure(RTCRtpParameters(headerExtensions=listed))
    return made


def by_aiortc(
    payload: bytes,
    number: int,
    timestamp: int,
    now_s: float,
    *,
    ssrc: int,
    payload_type: int,
    marker: bool,
    mid: str,
    level_dbov: int | None,
) -> RtpPacket:
    packet = RtpPacket(payload_type, int(marker), number % (1 << 16), timestamp % (1 << 32), ssrc, payload)
    level = None if level_dbov is None else (False, -level_dbov)
    packet.extensions = HeaderExtensions(mid=mid, audio_level=level, abs_send_time=abs_send_time(now_s))
    return packet


@given(
    numbers=NUMBERS,
    mid=MIDS,
    level_dbov=LEVELS,
    payloads=PAYLOADS,
    first=BITS_16,
    timestamp=BITS_32,
    step=st.sampled_from((0, 960)),
    now_s=MOMENTS,
    ends=st.booleans(),
    ssrc=BITS_32,
    payload_type=TYPES,
)
def test_packets_are_those_of_aiortc_to_the_bit(
    numbers: dict[str, int],
    mid: str,
    level_dbov: int | None,
    payloads: list[bytes],
    first: int,
    timestamp: int,
    step: int,
    now_s: float,
    ends: bool,
    ssrc: int,
    payload_type: int,
) -> None:
    known = extensions(numbers)
    template = PacketTemplate(ssrc, payload_type, mid, known)
    timestamps = range(timestamp, timestamp + 10_000, step) if step else [timestamp] * len(payloads)
    for moment_s in (now_s, now_s + 1.0):  # the second time what is the same is not written again
        packets = template.packets(payloads, first, timestamps, moment_s, ends=ends, audio_level_dbov=level_dbov)
        expected = [
            by_aiortc(
                payload,
                first + place,
                timestamp + place * step,
                moment_s,
                ssrc=ssrc,
                payload_type=payload_type,
                marker=ends and place == len(payloads) - 1,
                mid=mid,
                level_dbov=level_dbov,
            ).serialize(known)
            for place, payload in enumerate(payloads)
        ]
        assert packets == expected


@given(
    numbers=NUMBERS,
    mid=MIDS,
    level_dbov=LEVELS,
    payload=st.binary(max_size=40),
    numbered=st.tuples(BITS_16, BITS_16),
    timestamp=BITS_32,
    now_s=MOMENTS,
    marker=st.booleans(),
    ssrcs=st.tuples(BITS_32, BITS_32),
    payload_types=st.tuples(TYPES, TYPES),
)
def test_a_repetition_is_that_of_aiortc_to_the_bit(
    numbers: dict[str, int],
    mid: str,
    level_dbov: int | None,
    payload: bytes,
    numbered: tuple[int, int],
    timestamp: int,
    now_s: float,
    marker: bool,
    ssrcs: tuple[int, int],
    payload_types: tuple[int, int],
) -> None:
    known = extensions(numbers)
    template = PacketTemplate(ssrcs[0], payload_types[0], mid, known)
    [packet] = template.packets([payload], numbered[0], [timestamp], now_s, ends=marker, audio_level_dbov=level_dbov)
    layout = template.layout(level_dbov)
    again = wrapped_again(
        packet,
        layout,
        payload_type=payload_types[1],
        sequence_number=numbered[1],
        ssrc=ssrcs[1],
        now_s=now_s + 0.1,
    )
    original = by_aiortc(
        payload,
        numbered[0],
        timestamp,
        now_s + 0.1,
        ssrc=ssrcs[0],
        payload_type=payload_types[0],
        marker=marker,
        mid=mid,
        level_dbov=level_dbov,
    )
    assert again == wrap_rtx(original, payload_types[1], numbered[1], ssrcs[1]).serialize(known)
    assert packet[layout.payload_at :] == payload


def test_sound_of_every_level_says_so() -> None:
    known = extensions({LEVEL: 1, SEND_TIME: 3})
    template = PacketTemplate(1, 111, "a", known)
    for level_dbov in (None, *range(-127, 1), *range(-127, 1), None):
        [packet] = template.packets([b"x"], 0, [0], 1.0, ends=True, audio_level_dbov=level_dbov)
        told = RtpPacket.parse(packet, known).extensions.audio_level
        assert told == (None if level_dbov is None else (False, -level_dbov))
