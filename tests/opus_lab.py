"""Real Opus packets of known sound, and a network with a clock of its own that loses and delays them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import av
import numpy as np
from aiortc.rtp import RtpPacket
from av.audio.codeccontext import AudioCodecContext
from numpy.typing import NDArray

from eyeline.processing.rtc.audio_jitter_buffer import AudioJitterBuffer, Chunk, ChunkKind, JitterStats
from eyeline.processing.rtc.opus import LibopusDecoder
from eyeline.processing.rtc.opus_packet import LOOKAHEAD_SAMPLES

RATE_HZ = 48_000
LOUD = 8_000
VOICE_HZ = 150
# both counters wrap around on the way
FIRST_TIMESTAMP = 2**32 - 50_000
FIRST_NUMBER = 65_500


@cache
def speech(seconds: float) -> NDArray[np.int16]:
    """A voice: harmonics of a moving pitch, loudest near three moving formants, three syllables a second."""
    at_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    phase = 2 * np.pi * VOICE_HZ * at_s + 10 * np.sin(2 * np.pi * 1.7 * at_s)
    mouth = 1 + 0.25 * np.sin(2 * np.pi * 2.3 * at_s)
    sound = np.zeros(len(at_s))
    for number in range(1, 16):
        strength = sum(np.exp(-(((VOICE_HZ * number - hz * mouth) / 180) ** 2)) for hz in (250, 700, 1200))
        sound += (strength + 0.02) * np.sin(number * phase + number**2)
    sound *= 0.1 + 0.9 * np.abs(np.sin(np.pi * 3.1 * at_s))
    return (LOUD * sound / np.abs(sound).max()).astype(np.int16)


@cache
def speech_packets(seconds: float) -> tuple[bytes, ...]:
    """The voice as a browser sends it."""
    return tuple(encoded(speech(seconds)))


def encoded(
    sound: NDArray[np.int16],
    *,
    layout: str = "mono",
    packet_ms: int = 20,
    bit_rate_bps: int = 40_000,
    fec: bool = True,
    options: dict[str, str] | None = None,
) -> list[bytes]:
    """Opus packets of mono sound, or of the same sound in both channels."""
    codec = AudioCodecContext.create("libopus", "w")
    codec.sample_rate, codec.layout, codec.format = RATE_HZ, layout, "s16"
    codec.bit_rate, codec.time_base = bit_rate_bps, Fraction(1, RATE_HZ)
    codec.options = {
        "application": "voip",
        "frame_duration": str(packet_ms),
        "compression_level": "2",
        **(options or {}),
    }
    if fec:
        codec.options = {**codec.options, "fec": "1", "packet_loss": "10"}
    codec.open()
    channels = 2 if layout == "stereo" else 1
    packets = []
    for begin in range(0, len(sound) - codec.frame_size + 1, codec.frame_size):
        part = np.repeat(sound[begin : begin + codec.frame_size], channels)
        frame = av.AudioFrame.from_ndarray(part[None], "s16", layout)
        frame.sample_rate, frame.pts = RATE_HZ, begin
        packets += [bytes(packet) for packet in codec.encode(frame)]
    return packets


def rtp(payload: bytes, number: int, *, packet_ms: int = 20, ssrc: int = 1, shift: int = 0) -> RtpPacket:
    """The packet with this number since the beginning; `shift` moves its timestamp."""
    return RtpPacket(
        payload_type=96,
        sequence_number=(FIRST_NUMBER + number) % 2**16,
        timestamp=(FIRST_TIMESTAMP + number * packet_ms * 48 + shift) % 2**32,
        ssrc=ssrc,
        payload=payload,
    )


@dataclass(frozen=True, slots=True)
class Arrival:
    at_s: float
    packet: RtpPacket


def arrivals(
    packets: Sequence[bytes],
    *,
    packet_ms: int = 20,
    lost: Iterable[int] = (),
    delay_s: NDArray[np.float64] | float = 0.0,
    begin_s: float = 100.0,
    rate: float = 1.0,
) -> list[Arrival]:
    """Packets on their way through a network; `rate` is the sender's clock against ours."""
    gone = set(lost)
    delays_s = np.broadcast_to(np.asarray(delay_s, float), len(packets))
    return [
        Arrival(
            begin_s + number * packet_ms / 1000 / rate + delays_s[number], rtp(payload, number, packet_ms=packet_ms)
        )
        for number, payload in enumerate(packets)
        if number not in gone
    ]


@dataclass(frozen=True, slots=True)
class Played:
    """What a buffer played.

    Args:
        begins_s: When each chunk began.
        chunks: What it was.
        delays_ms: What the statistics said of the delay after it.
        stats: At the end.
    """

    begins_s: NDArray[np.float64]
    chunks: list[Chunk]
    delays_ms: NDArray[np.float64]
    stats: JitterStats

    @property
    def sound(self) -> NDArray[np.int16]:
        """First channel."""
        return np.concatenate([chunk.samples[:, 0] for chunk in self.chunks])

    def count(self, kind: ChunkKind) -> int:
        return sum(chunk.kind is kind for chunk in self.chunks)

    @property
    def media_samples(self) -> NDArray[np.int64]:
        """Where each chunk begins in what was sent."""
        return np.array([(chunk.rtp_timestamp - FIRST_TIMESTAMP) % 2**32 for chunk in self.chunks])

    def delay_of_ms(self, begin_s: float = 100.0) -> NDArray[np.float64]:
        """By how much each chunk is later than when its packet was sent."""
        return 1000 * (self.begins_s - begin_s - self.media_samples / RATE_HZ)

    def loudness(self, original: NDArray[np.int16]) -> NDArray[np.float64]:
        """How loud each chunk is, as a share of the original at the same place; 1 where that is quiet."""
        shares = []
        for chunk, begin in zip(self.chunks, self.media_samples - LOOKAHEAD_SAMPLES, strict=True):
            there = original[max(0, begin) : max(0, begin) + len(chunk.samples)].astype(float)
            wanted = np.sqrt((there**2).mean()) if len(there) else 0.0
            made = np.sqrt((chunk.samples.astype(float) ** 2).mean())
            shares.append(made / wanted if wanted > LOUD / 40 else 1.0)
        return np.array(shares)


def played(coming: Sequence[Arrival], *, channels: int = 1, end_s: float | None = None, ahead_s: float = 0.0) -> Played:
    """Run a buffer, whose owner is always in time, over these packets; or ahead of it by so much where that goes."""
    with LibopusDecoder(channels) as decoder:
        buffer = AudioJitterBuffer(decoder)
        queue = sorted(coming, key=lambda arrival: arrival.at_s)
        stop_s = queue[-1].at_s if end_s is None else end_s
        begins_s: list[float] = []
        chunks: list[Chunk] = []
        delays_ms: list[float] = []
        while True:
            due_s = buffer.due_s
            if queue and (due_s is None or queue[0].at_s <= due_s):
                arrival = queue.pop(0)
                buffer.add(arrival.packet, arrival.at_s)
                now_s = arrival.at_s
                due_s = buffer.due_s
                if due_s is None or due_s - now_s >= ahead_s or not buffer.has_next:
                    continue
            elif due_s is None or due_s > stop_s:
                break
            else:
                now_s = due_s
            chunk = buffer.pull(now_s)
            if chunk is not None:
                begins_s.append(now_s)
                chunks.append(chunk)
                delays_ms.append(buffer.stats.delay_ms)
        return Played(np.array(begins_s), chunks, np.array(delays_ms), buffer.stats)
