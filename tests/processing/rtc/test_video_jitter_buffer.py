"""The jitter buffer, with packets of real encoders: what it hands out must be what was encoded, or nothing."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from aiortc.codecs import depayload
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket
from hypothesis import given, settings
from hypothesis import strategies as st
from rtp_lab import H264, VP8, held, packets

from eyeline.processing.rtc.payload_formats import KeyframeStart
from eyeline.processing.rtc.video_jitter_buffer import (
    CAPACITY,
    DEADLINE_S,
    Continuity,
    EncodedPicture,
    VideoJitterBuffer,
    VideoPacket,
)

FRAME_S = 1 / 30
BOTH = pytest.mark.parametrize("codec", [VP8, H264], ids=["VP8", "H264"])


class Wire:
    """Numbered pictures on their way into a buffer; sequence numbers need not wrap here."""

    def __init__(self, codec: RTCRtpCodecParameters, frames: int, *, keyframes: tuple[int, ...] = ()) -> None:
        self.codec = codec
        self.frames = packets(codec, frames, keyframes=keyframes)
        self.buffer = VideoJitterBuffer()
        self.shown: list[int] = []

    def timestamps(self) -> list[int]:
        return [frame[0].timestamp for frame in self.frames]

    def data(self, number: int) -> bytes:
        return b"".join(depayload(self.codec, packet.payload) for packet in self.frames[number])

    def put(self, packet: RtpPacket, now_s: float) -> list[EncodedPicture]:
        return self.check(self.buffer.add(held(packet, self.codec), now_s))

    def put_all(self, sequence: Iterable[RtpPacket], now_s: float) -> None:
        for packet in sequence:
            self.put(packet, now_s)

    def wait(self, now_s: float) -> None:
        self.check(self.buffer.expire(now_s))

    def check(self, pictures: list[EncodedPicture]) -> list[EncodedPicture]:
        """Every picture is whole, newer than the one before, and follows it or is a keyframe."""
        for picture in pictures:
            number = self.timestamps().index(picture.timestamp)
            assert picture.data == self.data(number)
            assert number > max(self.shown, default=-1)
            assert picture.is_keyframe or number == self.shown[-1] + 1
            self.shown.append(number)
        return pictures


@BOTH
def test_a_picture_is_complete_with_its_marker(codec: RTCRtpCodecParameters) -> None:
    wire = Wire(codec, 5)
    for number, frame in enumerate(wire.frames):
        for packet in frame[:-1]:
            assert wire.put(packet, number * FRAME_S) == []
        pictures = wire.put(frame[-1], number * FRAME_S)
        assert [picture.is_keyframe for picture in pictures] == [number == 0]
    assert wire.shown == [0, 1, 2, 3, 4]
    assert not wire.buffer.has_hole


@BOTH
def test_packets_may_come_in_any_order_and_twice(codec: RTCRtpCodecParameters) -> None:
    wire = Wire(codec, 8)
    wire.put_all(wire.frames[0], 0.0)
    sequence = [packet for frame in wire.frames[1:] for packet in frame] * 2
    random.Random(4).shuffle(sequence)
    wire.put_all(sequence, 0.01)
    assert wire.shown == list(range(8))


@BOTH
def test_nothing_is_handed_out_before_the_first_keyframe(codec: RTCRtpCodecParameters) -> None:
    wire = Wire(codec, 20, keyframes=(10,))
    for number in range(3, 20):
        wire.put_all(wire.frames[number], number * FRAME_S)
        assert wire.buffer.needs_keyframe == (number < 10)
    assert wire.shown == list(range(10, 20))


@BOTH
def test_a_hole_is_waited_for_and_what_waited_comes_at_once(codec: RTCRtpCodecParameters) -> None:
    wire = Wire(codec, 6)
    wire.put_all(wire.frames[0], 0.0)
    missing, *rest = wire.frames[1]
    wire.put_all(rest, 0.03)
    for number in range(2, 6):
        wire.put_all(wire.frames[number], number * FRAME_S)
    assert wire.shown == [0]
    assert wire.buffer.has_hole
    assert len(wire.put(missing, 0.15)) == 5
    assert not wire.buffer.has_hole
    assert wire.shown == list(range(6))


@BOTH
def test_a_hole_that_lasts_ends_the_picture_until_a_keyframe(codec: RTCRtpCodecParameters) -> None:
    wire = Wire(codec, 20, keyframes=(10,))
    wire.put_all(wire.frames[0], 0.0)
    for number in range(2, 8):
        wire.put_all(wire.frames[number], number * FRAME_S)
        wire.wait(number * FRAME_S)
        assert wire.buffer.state is Continuity.WHOLE
    wire.wait(2 * FRAME_S + DEADLINE_S)
    assert wire.buffer.state is Continuity.SKIPPING
    assert wire.buffer.needs_keyframe
    assert wire.buffer.skips == 1
    wire.put_all(wire.frames[1], 0.3)  # too late now
    for number in range(8, 20):
        wire.put_all(wire.frames[number], 0.3 + number * FRAME_S)
    assert wire.shown == [0, *range(10, 20)]


@BOTH
def test_a_keyframe_that_waited_behind_a_hole_is_resumed_from(codec: RTCRtpCodecParameters) -> None:
    wire = Wire(codec, 20, keyframes=(10,))
    for number in (0, *range(2, 15)):
        wire.put_all(wire.frames[number], number * 0.005)
    assert wire.shown == [0]
    wire.wait(0.01 + DEADLINE_S)
    assert wire.shown == [0, *range(10, 15)]
    assert not wire.buffer.needs_keyframe


@BOTH
def test_the_deadline_counts_from_what_lies_behind_the_next_hole(codec: RTCRtpCodecParameters) -> None:
    wire = Wire(codec, 12)
    wire.put_all(wire.frames[0], 0.0)
    wire.put_all(wire.frames[2], 0.05)
    wire.put_all(wire.frames[4], 0.2)
    wire.put_all(wire.frames[1], 0.24)
    assert wire.shown == [0, 1, 2]
    wire.wait(0.05 + DEADLINE_S + 0.01)
    assert wire.buffer.state is Continuity.WHOLE
    wire.wait(0.2 + DEADLINE_S + 0.01)
    assert wire.buffer.state is Continuity.SKIPPING


def test_a_keyframe_with_a_hole_is_not_taken_for_whole() -> None:
    wire = Wire(VP8, 12, keyframes=(10,))
    whole = wire.frames[10]
    assert len(whole) > 3
    wire.put_all(whole[:2] + whole[3:], 0.0)
    assert not wire.buffer.needs_keyframe  # there is hope
    wire.put_all(wire.frames[11], 0.03)
    assert wire.shown == []
    wire.put(whole[2], 0.1)
    assert wire.shown == [10, 11]


def test_hope_for_a_keyframe_ends_too() -> None:
    wire = Wire(VP8, 12, keyframes=(10,))
    wire.put_all(wire.frames[10][1:], 0.0)
    assert wire.buffer.needs_keyframe
    wire.put(wire.frames[10][0], 0.01)
    assert wire.shown == [10]
    other = Wire(VP8, 12, keyframes=(10,))
    other.put_all(other.frames[10][:-1], 0.0)
    other.put_all(other.frames[11], DEADLINE_S + 0.05)
    assert other.buffer.needs_keyframe


@BOTH
def test_padding_between_pictures_is_no_picture(codec: RTCRtpCodecParameters) -> None:
    wire, shift = Wire(codec, 6), 0
    for number, frame in enumerate(wire.frames):
        for packet in frame:
            wire.check(wire.buffer.add(held(packet, codec, sequence=packet.sequence_number + shift), number * FRAME_S))
        last = frame[-1]
        for _ in range(number % 3):
            shift += 1
            padding = VideoPacket(last.sequence_number + shift, last.timestamp, False, b"", KeyframeStart.NO, codec)
            assert wire.buffer.add(padding, number * FRAME_S) == []
    assert wire.shown == list(range(6))
    assert not wire.buffer.has_hole


def test_a_sender_that_sets_no_marker_is_a_picture_late() -> None:
    wire = Wire(VP8, 4)
    for frame in wire.frames:
        frame[-1].marker = 0
        wire.put_all(frame, 0.0)
    assert wire.shown == [0, 1, 2]


def test_the_decoder_may_ask_to_skip() -> None:
    wire = Wire(VP8, 20, keyframes=(10,))
    for number in range(5):
        wire.put_all(wire.frames[number], number * FRAME_S)
    wire.buffer.skip()
    assert wire.buffer.needs_keyframe
    for number in range(5, 20):
        wire.put_all(wire.frames[number], number * FRAME_S)
    assert wire.shown == [0, 1, 2, 3, 4, *range(10, 20)]


def test_an_endless_hole_holds_no_endless_memory() -> None:
    wire = Wire(VP8, 2)
    wire.put_all(wire.frames[0], 0.0)
    first = wire.frames[1][-1].sequence_number
    for number in range(10_000):
        packet = VideoPacket(first + 2 + number, 9000 + number, False, b"x", KeyframeStart.NO, VP8)
        wire.buffer.add(packet, 0.1 + number / 1e6)
    assert len(wire.buffer._held) < 3000


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 1 << 30), loss=st.floats(0, 0.3), jitter_s=st.floats(0, 0.1))
@pytest.mark.parametrize("codec", [VP8, H264], ids=["VP8", "H264"])
def test_whatever_happens_only_whole_pictures_in_order_come_out(
    codec: RTCRtpCodecParameters, seed: int, loss: float, jitter_s: float
) -> None:
    chance = random.Random(seed)
    wire = Wire(codec, 20, keyframes=(5, 10, 15))
    arrivals = [
        (number * FRAME_S + chance.random() * jitter_s, packet)
        for number, frame in enumerate(wire.frames)
        for packet in frame
        for _ in range(1 + (chance.random() < 0.1))
        if chance.random() >= loss
    ]
    for now_s, packet in sorted(arrivals, key=lambda arrival: arrival[0]):
        wire.put(packet, now_s)  # `Wire.check` judges
        wire.wait(now_s)
    if loss == 0:
        assert wire.shown[-1] == 19


def test_a_picture_that_never_ends_is_given_up() -> None:
    wire = Wire(VP8, 2)
    wire.put_all(wire.frames[0], 1.0)
    assert wire.shown == [0]
    last = wire.frames[1][0]
    for number in range(CAPACITY + 10):
        endless = VideoPacket(last.sequence_number + number, last.timestamp, False, b"x", KeyframeStart.NO, VP8)
        assert not wire.buffer.add(endless, 1.0)
    assert len(wire.buffer._held) <= CAPACITY
    assert wire.buffer.needs_keyframe
