"""RTP payloads of video: what a decoder takes of them, and where a keyframe begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Final

from aiortc.codecs.h264 import H264PayloadDescriptor

_NAL_TYPE: Final = 0x1F
_NAL_REFERENCE: Final = 0xE0
_IDR_SLICE: Final = 5
_SEQUENCE_PARAMETERS: Final = 7
_LAST_SINGLE: Final = 23
_FU_A: Final = 28
_FU_START: Final = 0x80
_START_CODE: Final = b"\0\0\0\1"


class KeyframeStart(Enum):
    """Whether a keyframe begins with a packet."""

    NO = "no"
    IF_FIRST = "if it is the first packet of its frame"
    YES = "yes"


ReadPayload = Callable[[bytes], tuple[bytes, KeyframeStart]]


def payload_reader(codec_name: str) -> ReadPayload:
    """What reads payloads of a codec, VP8 (RFC 7741) or H264 (RFC 6184).

    Returns:
        Gives for a payload what a decoder takes of it, and whether a keyframe begins with it; for a damaged one
        nothing, which begins nothing.
    """
    match codec_name.upper():
        case "VP8":
            return _read_vp8
        case "H264":
            return _read_h264
        case _:
            return lambda payload: (payload, KeyframeStart.NO)


def keyframe_start(codec_name: str, payload: bytes) -> KeyframeStart:
    """Look into a payload of VP8 or H264; damaged ones begin nothing."""
    return payload_reader(codec_name)(payload)[1]


def _read_vp8(payload: bytes) -> tuple[bytes, KeyframeStart]:
    try:
        first, begin = payload[0], 1
        if first & 0x80:
            extensions, begin = payload[1], 2
            if extensions & 0x80:  # picture id, of one byte or two
                begin = 4 if payload[2] & 0x80 else 3
            if extensions & 0x40:  # place in the order of base layers
                begin += 1
            if extensions & 0x30:  # temporal layer, key picture
                begin += 1
    except IndexError:
        return b"", KeyframeStart.NO
    data = payload[begin:]
    # the first partition begins; RFC 6386, section 9.1: the lowest bit of a frame is 0 in a keyframe
    if first & 0x17 == 0x10 and data and not data[0] & 1:
        return data, KeyframeStart.YES
    return data, KeyframeStart.NO


def _read_h264(payload: bytes) -> tuple[bytes, KeyframeStart]:
    if len(payload) < 2:
        return b"", KeyframeStart.NO
    head = payload[0]
    nal_type = head & _NAL_TYPE
    if nal_type == _FU_A:
        fragment = payload[1]
        if not fragment & _FU_START:
            return payload[2:], KeyframeStart.NO
        begun = fragment & _NAL_TYPE
        return b"%b%c%b" % (_START_CODE, head & _NAL_REFERENCE | begun, payload[2:]), _start_of({begun})
    if 0 < nal_type <= _LAST_SINGLE:
        return _START_CODE + payload, _start_of({nal_type})
    try:
        data = H264PayloadDescriptor.parse(payload)[1]
    except ValueError:
        return b"", KeyframeStart.NO
    return data, _start_of(set(_aggregated(payload)))


def _start_of(nal_types: set[int]) -> KeyframeStart:
    """A keyframe begins with parameter sets, or with an IDR slice where these were sent before."""
    if _SEQUENCE_PARAMETERS in nal_types:
        return KeyframeStart.YES
    return KeyframeStart.IF_FIRST if _IDR_SLICE in nal_types else KeyframeStart.NO


def _aggregated(payload: bytes) -> Iterator[int]:
    """The types of the NAL units in a payload that holds several."""
    position = 1
    while position + 2 < len(payload):
        yield payload[position + 2] & _NAL_TYPE
        position += 2 + int.from_bytes(payload[position : position + 2], "big")
