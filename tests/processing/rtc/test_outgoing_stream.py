"""The packets of one stream, parsed as a receiver does."""

from __future__ import annotations

import time

import pytest
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensionsMap, RtpPacket, unwrap_rtx

from eyeline.processing.rtc.ntp import abs_send_time, ntp_s, ntp_time
from eyeline.processing.rtc.outgoing_stream import OutgoingStream, StreamFormat
from eyeline.processing.rtc.retransmission import SentPacket


def extensions() -> HeaderExtensionsMap:
    made = HeaderExtensionsMap()
    uris = (
        "urn:ietf:params:rtp-hdrext:sdes:mid",
        "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    )
    made.configure(
        RTCRtpParameters(
            headerExtensions=[RTCRtpHeaderExtensionParameters(id=1 + i, uri=u) for i, u in enumerate(uris)]
        )
    )
    return made


def stream(*, rate_hz: int = 90_000, rtx: int | None = 98) -> OutgoingStream:
    return OutgoingStream(StreamFormat(1234, 97, rate_hz, 5678, rtx, "video-0", extensions()))


def parsed(data: bytes) -> RtpPacket:
    return RtpPacket.parse(data, extensions())


def test_packets_of_a_frame_share_a_timestamp_and_the_last_has_the_marker() -> None:
    outgoing = stream()
    frames = [outgoing.frame([b"a", b"b", b"c"], 3000), outgoing.frame([b"d"], 6000)]
    received = [parsed(packet) for frame in frames for packet in frame.leave(9, 1.0)]
    first = received[0]
    assert [packet.payload for packet in received] == [b"a", b"b", b"c", b"d"]
    assert [packet.marker for packet in received] == [0, 0, 1, 1]
    assert [(packet.sequence_number - first.sequence_number) % (1 << 16) for packet in received] == [0, 1, 2, 3]
    assert [(packet.timestamp - first.timestamp) % (1 << 32) for packet in received] == [0, 0, 0, 3000]
    assert {(packet.ssrc, packet.payload_type, packet.extensions.mid) for packet in received} == {(1234, 97, "video-0")}


def test_a_frame_leaves_little_by_little_and_each_packet_says_when() -> None:
    outgoing = stream()
    frame = outgoing.frame([b"a", b"b", b"c"], 0)
    left = [[parsed(packet) for packet in frame.leave(most, at_s)] for most, at_s in ((2, 5.0), (2, 5.01), (2, 5.02))]
    assert [[packet.payload for packet in together] for together in left] == [[b"a", b"b"], [b"c"], []]
    assert [[packet.marker for packet in together] for together in left] == [[0, 0], [1], []]
    times = [packet.extensions.abs_send_time for together in left for packet in together]
    assert times == [abs_send_time(5.0), abs_send_time(5.0), abs_send_time(5.01)]


def test_a_pts_of_days_is_a_timestamp_modulo_32_bits() -> None:
    outgoing = stream()
    pts = 90_000 * 86_400 * 30
    first, second = (parsed(outgoing.frame([b"x"], each).leave(1, 1.0)[0]) for each in (pts, pts + 3000))
    assert (second.timestamp - first.timestamp) % (1 << 32) == 3000


def test_sound_that_fills_several_packets_has_a_time_for_each() -> None:
    outgoing = stream(rate_hz=48_000)
    frame = outgoing.frame([b"a", b"b", b"c"], 960, pts_step=960, audio_level_dbov=-30)
    packets = [parsed(packet) for most in (1, 2) for packet in frame.leave(most, 1.0)]
    assert [(packet.timestamp - packets[0].timestamp) % (1 << 32) for packet in packets] == [0, 960, 1920]
    assert {packet.extensions.audio_level for packet in packets} == {(False, 30)}


def sent_once(outgoing: OutgoingStream, at_s: float) -> tuple[bytes, SentPacket]:
    """A packet that left, and what is remembered of it."""
    data = outgoing.frame([b"payload"], 3000).leave(1, at_s)[0]
    number = RtpPacket.parse(data).sequence_number
    remembered = outgoing.retransmission.take(number, at_s, round_trip_s=0.05, rate_bps=1e6)
    assert remembered is not None
    return data, remembered


def test_a_repeated_packet_can_be_unwrapped_and_says_when_it_was_sent() -> None:
    outgoing = stream()
    data, remembered = sent_once(outgoing, 5.0)
    original = parsed(data)
    repeated = [parsed(outgoing.again(remembered, at_s)) for at_s in (5.1, 5.2)]
    assert [each.ssrc for each in repeated] == [5678, 5678]
    assert (repeated[1].sequence_number - repeated[0].sequence_number) % (1 << 16) == 1
    assert [each.extensions.abs_send_time for each in repeated] == [abs_send_time(5.1), abs_send_time(5.2)]
    unwrapped = unwrap_rtx(repeated[0], 97, 1234)
    assert (unwrapped.sequence_number, unwrapped.payload) == (original.sequence_number, b"payload")
    assert unwrapped.marker == original.marker == 1
    assert unwrapped.timestamp == original.timestamp
    assert parsed(remembered.data).extensions.abs_send_time == abs_send_time(5.0)


def test_without_a_format_for_repetitions_a_packet_is_the_same_to_the_bit() -> None:
    outgoing = stream(rtx=None)
    data, remembered = sent_once(outgoing, 5.0)
    assert outgoing.again(remembered, 5.1) == data


def test_sequence_numbers_wrap_around() -> None:
    outgoing = stream()
    outgoing._sequence_number = 65_534
    packets = [parsed(packet) for packet in outgoing.frame([b"x"] * 4, 0).leave(4, 1.0)]
    assert [packet.sequence_number for packet in packets] == [65_534, 65_535, 0, 1]
    for packet in packets:
        remembered = outgoing.retransmission.take(packet.sequence_number, 1.0, round_trip_s=0.05, rate_bps=1e6)
        assert remembered is not None
        assert parsed(remembered.data).sequence_number == packet.sequence_number
    assert parsed(outgoing.frame([b"x"], 0).leave(1, 1.0)[0]).sequence_number == 2


def test_a_report_pairs_now_with_the_frame_that_would_come_from_the_track_now() -> None:
    outgoing, now_s = stream(), time.monotonic()
    assert outgoing.sender_info(now_s) is None
    for number in range(90):
        late_s = 0.0 if number % 4 == 0 else 0.015  # frames come late now and then
        outgoing.reference(number * 3000, now_s + number / 30 + late_s)
    # long after, for encoding and pacing take their time
    packet = parsed(outgoing.frame([b"x"], 89 * 3000).leave(1, now_s + 3.0 + 0.012)[0])
    info = outgoing.sender_info(now_s + 3.1)
    assert info is not None
    assert ntp_s(info.ntp_timestamp - ntp_time(now_s)) == pytest.approx(3.1, abs=1e-4)
    ahead = (info.rtp_timestamp - packet.timestamp) % (1 << 32)
    assert ahead / 90_000 == pytest.approx(3.1 - 89 / 30, abs=1e-4)
    assert (info.packet_count, info.octet_count) == (1, 1)


def test_a_track_that_begins_anew_begins_a_new_reference() -> None:
    outgoing = stream()
    outgoing.reference(900_000, 10.0)
    outgoing.reference(0, 10.5)
    packet = parsed(outgoing.frame([b"x"], 0).leave(1, 10.5)[0])
    info = outgoing.sender_info(10.6)
    assert info is not None
    assert (info.rtp_timestamp - packet.timestamp) % (1 << 32) == 9000


def test_a_report_is_about_capture_where_the_track_knows_it() -> None:
    outgoing = stream()
    for number in range(90):
        outgoing.captured(500.0)
        outgoing.reference(number * 3000, 600 + number / 30)  # 100 s late
    packet = parsed(outgoing.frame([b"x"], 89 * 3000).leave(1, 603.0)[0])
    info = outgoing.sender_info(700.0)
    assert info is not None
    ahead = (info.rtp_timestamp - packet.timestamp) % (1 << 32)
    assert ahead / 90_000 == pytest.approx(700 - 500 - 89 / 30, abs=1e-4)
