from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
import pytest
from aiortc import RTCRtpCodecParameters
from numpy.typing import NDArray
from opus_lab import LOUD, speech

from eyeline.processing.rtc.encoders import live_encoder
from eyeline.processing.rtc.opus import LibopusDecoder, OpusError
from eyeline.processing.rtc.opus_encoder import OpusEncoder
from eyeline.processing.rtc.opus_packet import LOOKAHEAD_SAMPLES, packet_info

RATE_HZ = 48_000


def frames(
    sound: NDArray[np.int16], *, layout: str = "mono", size: int = 960, rate_hz: int = RATE_HZ, begin: int = 0
) -> Iterator[av.AudioFrame]:
    channels = {"mono": 1, "stereo": 2}[layout]
    for at in range(0, len(sound) - size + 1, size):
        frame = av.AudioFrame.from_ndarray(np.repeat(sound[at : at + size], channels)[None], "s16", layout)
        frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), begin + at
        yield frame


@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_packets_carry_copies_where_somebody_speaks(layout: str) -> None:
    encoder = OpusEncoder()
    made = [encoder.encode(frame) for frame in frames(speech(6), layout=layout)]
    assert [len(payloads) for payloads, _ in made] == [1] * 300
    infos = [packet_info(payloads[0]) for payloads, _ in made]
    assert {info.samples for info in infos} == {960}
    assert {info.channels for info in infos} == {1 if layout == "mono" else 2}
    assert np.mean([info.has_fec for info in infos]) > 0.6
    rate_bps = sum(len(payloads[0]) for payloads, _ in made) * 8 / 6
    assert rate_bps < 75_000


def test_what_is_decoded_is_what_was_encoded() -> None:
    encoder = OpusEncoder()
    with LibopusDecoder(1) as decoder:
        sound = np.concatenate(
            [decoder.decode(payload) for frame in frames(speech(6)) for payload in encoder.encode(frame)[0]]
        )[:, 0]
    wanted = speech(6)[: len(sound) - LOOKAHEAD_SAMPLES]
    assert np.corrcoef(sound[LOOKAHEAD_SAMPLES:], wanted)[0, 1] > 0.8
    assert np.abs(sound.astype(int)).max() > LOUD // 2


def test_timestamps_are_those_of_the_sound_and_may_jump() -> None:
    encoder = OpusEncoder()
    stamps = [encoder.encode(frame)[1] for frame in frames(speech(3)[:9600], begin=5_000_000_000)]
    assert stamps == [5_000_000_000 + 960 * number for number in range(10)]
    later = [encoder.encode(frame)[1] for frame in frames(speech(3)[:4800], begin=5_000_123_457)]
    assert later == [5_000_123_457 + 960 * number for number in range(5)]


def test_sound_of_other_lengths_and_rates() -> None:
    for size, rate_hz in ((480, 48_000), (1234, 48_000), (441, 44_100), (160, 16_000), (960, 16_000)):
        encoder = OpusEncoder()
        made = [encoder.encode(frame) for frame in frames(speech(3), size=size, rate_hz=rate_hz)]
        packets = [payload for payloads, _ in made for payload in payloads]
        seconds = len(speech(3)) / rate_hz
        assert {packet_info(packet).samples for packet in packets} == {960}
        assert abs(len(packets) * 0.02 - seconds) < 0.06


def test_the_layout_may_change_on_the_way() -> None:
    encoder = OpusEncoder()
    for layout, channels in (("mono", 1), ("stereo", 2), ("mono", 1)):
        payloads = [
            payload for frame in frames(speech(3)[:4800], layout=layout) for payload in encoder.encode(frame)[0]
        ]
        assert {packet_info(payload).channels for payload in payloads} == {channels}


def test_what_is_encoded_already_is_passed_on() -> None:
    packet = av.Packet(b"\x78abc")
    packet.pts, packet.time_base = 20, Fraction(1, 1000)
    assert OpusEncoder().pack(packet) == ([b"\x78abc"], 960)


def test_what_is_no_sound_is_refused() -> None:
    with pytest.raises(OpusError, match="VideoFrame"):
        OpusEncoder().encode(av.VideoFrame(16, 16, "yuv420p"))
    with pytest.raises(OpusError, match="time"):
        OpusEncoder().pack(av.Packet(b"x"))


def test_it_is_what_a_live_sender_uses() -> None:
    codec = RTCRtpCodecParameters(mimeType="audio/opus", clockRate=RATE_HZ, channels=2, payloadType=96)
    assert isinstance(live_encoder(codec), OpusEncoder)


@pytest.mark.parametrize("form", ["flt", "fltp", "s32"])
def test_blocks_of_other_formats_are_converted(form: str) -> None:
    encoder, resampler = OpusEncoder(), av.AudioResampler(form, "mono", RATE_HZ)
    converted = [each for frame in frames(speech(3)) for each in resampler.resample(frame)]
    with LibopusDecoder(1) as decoder:
        payloads = [payload for frame in converted for payload in encoder.encode(frame)[0]]
        sound = np.concatenate([decoder.decode(payload) for payload in payloads])[:, 0]
    wanted = speech(3)[: len(sound) - LOOKAHEAD_SAMPLES]
    assert np.corrcoef(sound[LOOKAHEAD_SAMPLES:], wanted)[0, 1] > 0.8


def test_a_block_by_another_clock_keeps_its_time() -> None:
    encoder, stamps = OpusEncoder(), []
    for number, frame in enumerate(frames(speech(3)[:9600])):
        frame.pts, frame.time_base = 1000 + number * 20, Fraction(1, 1000)
        stamps.append(encoder.encode(frame)[1])
    assert stamps == [48_000 + 960 * number for number in range(10)]


def test_a_whole_block_waits_for_what_is_left_over_from_before() -> None:
    encoder, sound = OpusEncoder(), speech(3)
    parts = [*frames(sound[:480], size=480), *frames(sound[480 : 480 + 9600], begin=480)]
    made = [encoder.encode(frame) for frame in parts]
    assert [len(payloads) for payloads, _ in made] == [0] + [1] * 10
    assert [stamp for payloads, stamp in made if payloads] == [960 * number for number in range(10)]


def test_a_block_without_a_time_is_left_out() -> None:
    frame = next(frames(speech(3)))
    frame.pts = None
    assert OpusEncoder().encode(frame) == ([], 0)
