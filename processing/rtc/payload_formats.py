"""What RTP payloads of video tell before they are decoded: where a keyframe begins."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Final

from aiortc.codecs.vpx import VpxPayloadDescriptor

_NAL_TYPE: Final = 0x1F
_IDR_SLICE: Final = 5
_SEQUENCE_PARAMETERS: Final = 7
_STAP_A: Final = 24
_FU_A: Final = 28
_FU_START: Final = 0x80


class KeyframeStart(Enum):
    """Whether a keyframe begins with a packet."""

    NO = "no"
    IF_FIRST = "if it is the first packet of its frame"
    YES = "yes"


def keyframe_start(codec_name: str, payload: bytes) -> KeyframeStart:
    """Look into a payload of VP8 (RFC 7741) or H264 (RFC 6184); damaged ones begin nothing."""
    match codec_name.upper():
        case "VP8":
            return _vp8(payload)
        case "H264":
            return _h264(payload)
        case _:
            return KeyframeStart.NO


def _vp8(payload: bytes) -> KeyframeStart:
    try:
        descriptor, data = VpxPayloadDescriptor.parse(payload)
    except ValueError:
        return KeyframeStart.NO
    begins_frame = descriptor.partition_start == 1 and descriptor.partition_id == 0
    # RFC 6386, section 9.1: the lowest bit of a frame is 0 in a keyframe
    return KeyframeStart.YES if begins_frame and data and not data[0] & 1 else KeyframeStart.NO


def _h264(payload: bytes) -> KeyframeStart:
    """A keyframe begins with parameter sets, or with an IDR slice where these were sent before."""
    types = set(_nal_types(payload))
    if _SEQUENCE_PARAMETERS in types:
        return KeyframeStart.YES
    return KeyframeStart.IF_FIRST if _IDR_SLICE in types else KeyframeStart.NO


def _nal_types(payload: bytes) -> Iterator[int]:
    """The types of the NAL units that begin in a payload."""
    if not payload:
        return
    nal_type = payload[0] & _NAL_TYPE
    if nal_type == _FU_A:
        if len(payload) > 1 and payload[1] & _FU_START:
            yield payload[1] & _NAL_TYPE
    elif nal_type == _STAP_A:
        position = 1
        while position + 2 < len(payload):
            yield payload[position + 2] & _NAL_TYPE
            position += 2 + int.from_bytes(payload[position : position + 2], "big")
    else:
        yield nal_type
