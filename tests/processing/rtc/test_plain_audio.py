"""Sound of telephones."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from aiortc.codecs import get_encoder
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket

from eyeline.processing.rtc.plain_audio import PlainAudioReceiver
from eyeline.processing.rtc.sender_clock import SenderClock, StreamClock

PCMU = RTCRtpCodecParameters("audio/PCMU", 8000, channels=1, payloadType=0)


def packets(count: int) -> list[RtpPacket]:
    encoder, made = get_encoder(PCMU), []
    for number in range(count):
        wave = (8000 * np.sin(np.arange(160) * 0.3)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 8000, number * 160, Fraction(1, 8000)
        payloads, timestamp = encoder.encode(frame)
        numbered = RtpPacket(sequence_number=(65534 + number) % (1 << 16), timestamp=timestamp, payload=payloads[0])
        made.append(numbered)
    return made


def test_it_is_played_as_it_comes_with_its_time_and_what_is_late_is_left_out() -> None:
    frames: list[av.AudioFrame] = []
    clock = StreamClock(SenderClock(), 8000)
    receiver = PlainAudioReceiver(PCMU, clock, frames.append)
    sent = packets(10)
    late = sent.pop(4)
    for number, packet in enumerate([*sent[:6], late, *sent[6:]]):
        clock.arrived(packet.timestamp, 30.0 + packet.timestamp / 8000)
        receiver.add(packet, 30.0 + number * 0.02)
    receiver.close()
    assert len(frames) == 9
    assert [frame.time for frame in frames] == pytest.approx(
        [30.0 + number * 0.02 for number in range(10) if number != 4], abs=0.001
    )
    assert all(abs(frame.to_ndarray()).max() > 7000 for frame in frames)
