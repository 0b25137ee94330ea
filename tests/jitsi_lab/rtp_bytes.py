"""The few fields of RTP packets that a relay looks at."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.rtp import RtpPacket

VP8_PAYLOAD_TYPE = 100
H264_PAYLOAD_TYPE = 107
PROBE_PAYLOAD_TYPE = 41

_HEADER = struct.Struct("!BBHLL")
_H264_IDR, _H264_SPS, _H264_STAP_A, _H264_FU_A = 5, 7, 24, 28


@dataclass(frozen=True, slots=True)
class RtpHeader:
    """Payload type and SSRC of an RTP packet (RFC 3550, section 5.1)."""

    payload_type: int
    ssrc: int

    @classmethod
    def read(cls, packet: bytes) -> RtpHeader | None:
        """The header, or `None` when the packet is too short for one."""
        if len(packet) < _HEADER.size:
            return None
        _, second, _, _, ssrc = _HEADER.unpack_from(packet)
        return cls(second & 0x7F, ssrc)


def starts_keyframe(packet: bytes) -> bool:
    """Whether a decoder could start here. True for codecs that this file does not know."""
    try:
        parsed = RtpPacket.parse(packet)
        if parsed.payload_type == VP8_PAYLOAD_TYPE:
            return _vp8_keyframe(parsed.payload)
    except ValueError:
        return False
    return parsed.payload_type != H264_PAYLOAD_TYPE or _h264_keyframe(parsed.payload)


def _vp8_keyframe(payload: bytes) -> bool:
    descriptor, frame = VpxPayloadDescriptor.parse(payload)
    starts = bool(descriptor.partition_start) and descriptor.partition_id == 0
    return starts and bool(frame) and not frame[0] & 1  # RFC 7741, section 4.3: P = 0


def _h264_keyframe(payload: bytes) -> bool:
    if len(payload) < 4:
        return False
    unit = payload[0] & 0x1F
    if unit == _H264_STAP_A:
        unit = payload[3] & 0x1F
    elif unit == _H264_FU_A and payload[1] & 0x80:
        unit = payload[1] & 0x1F
    return unit in (_H264_IDR, _H264_SPS)


def probe_packet(ssrc: int, sequence_number: int) -> bytes:
    """Padding and nothing else, as the bridge sends it to measure a path."""
    padding = bytes(254) + b"\xff"
    return _HEADER.pack(0xA0, PROBE_PAYLOAD_TYPE, sequence_number, 0, ssrc) + padding
