"""RTP packets of real encoders, without a network."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from aiortc.codecs import depayload, get_encoder
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket
from counted_pictures import picture

from eyeline.processing.rtc.payload_formats import keyframe_start
from eyeline.processing.rtc.video_jitter_buffer import VideoPacket

VP8 = RTCRtpCodecParameters("video/VP8", 90_000, payloadType=97)
H264 = RTCRtpCodecParameters(
    "video/H264", 90_000, payloadType=99, parameters={"packetization-mode": "1", "profile-level-id": "42e01f"}
)
VP8_RTX = RTCRtpCodecParameters("video/rtx", 90_000, payloadType=98, parameters={"apt": 97})
FRAME_TICKS = 3000


@cache
def encoded(codec_name: str, frames: int, keyframes: tuple[int, ...]) -> tuple[tuple[bytes, ...], ...]:
    """Payloads of numbered pictures 0, 1, ..; those in `keyframes` are asked to be whole, the first one always is."""
    encoder = get_encoder({"VP8": VP8, "H264": H264}[codec_name])
    encoder.target_bitrate = 1_500_000  # type: ignore[attr-defined]
    made = []
    for number in range(frames):
        frame = picture(number, detail=60)
        frame.pts, frame.time_base = number, Fraction(1, 30)
        payloads, _ = encoder.encode(frame, number in keyframes)
        made.append(tuple(payloads))
    return tuple(made)


def packets(
    codec: RTCRtpCodecParameters,
    frames: int,
    *,
    keyframes: tuple[int, ...] = (),
    sequence: int = 100,
    timestamp: int = 5000,
    ssrc: int = 0xABCD,
) -> list[list[RtpPacket]]:
    """The packets of numbered pictures, a list for each."""
    made = []
    for number, payloads in enumerate(encoded(codec.name, frames, keyframes)):
        frame = []
        for index, payload in enumerate(payloads):
            packet = RtpPacket(
                payload_type=codec.payloadType or 0,
                marker=int(index == len(payloads) - 1),
                sequence_number=sequence % (1 << 16),
                timestamp=(timestamp + number * FRAME_TICKS) % (1 << 32),
                ssrc=ssrc,
                payload=payload,
            )
            frame.append(packet)
            sequence += 1
        made.append(frame)
    return made


def held(packet: RtpPacket, codec: RTCRtpCodecParameters, *, sequence: int | None = None) -> VideoPacket:
    """A packet as the jitter buffer takes it."""
    return VideoPacket(
        sequence=packet.sequence_number if sequence is None else sequence,
        timestamp=packet.timestamp,
        marker=bool(packet.marker),
        data=depayload(codec, packet.payload) if packet.payload else b"",
        start=keyframe_start(codec.name, packet.payload),
        codec=codec,
    )
