"""VP8 as RTP payloads (RFC 7741) with everything that a bridge needs to choose between layers.

A bridge that finds no temporal layer in the descriptor takes the layers of simulcast for streams of their own, and
forwards one of them for ever.
"""

from __future__ import annotations

import secrets
from typing import Final

from aiortc.codecs.vpx import VpxPayloadDescriptor

from eyeline.processing.rtc.temporal_layers import TemporalPlace

PAYLOAD_BYTES: Final = 1200
PLAIN_PAYLOAD_BYTES: Final = 1300  # as in aiortc
_BEGINS: Final = bytes((0x90, 0x80))  # a partition begins; a picture's number follows
_GOES_ON: Final = bytes((0x80, 0x80))
_LONG_ID: Final = 0x8000
_PICTURE_IDS: Final = 1 << 15
_BASE_INDICES: Final = 1 << 8


class Vp8Payloader:
    """Cuts the pictures of one SSRC into payloads. All payloads of a picture carry the same numbers."""

    def __init__(self) -> None:
        self._picture_id = secrets.randbelow(_PICTURE_IDS)
        self._base_index = secrets.randbelow(_BASE_INDICES)

    def payloads(self, picture: bytes, place: TemporalPlace) -> list[bytes]:
        """The payloads of one picture, numbered on from the last."""
        self._picture_id = (self._picture_id + 1) % _PICTURE_IDS
        if place.layer == 0:
            self._base_index = (self._base_index + 1) % _BASE_INDICES
        descriptor = VpxPayloadDescriptor(
            partition_start=1,
            partition_id=0,
            picture_id=self._picture_id,
            tl0picidx=self._base_index,
            tid=(place.layer, int(place.sync)),
        )
        first = bytes(descriptor)
        descriptor.partition_start = 0
        later = bytes(descriptor)
        room = PAYLOAD_BYTES - len(first)
        return [(later if begin else first) + picture[begin : begin + room] for begin in range(0, len(picture), room)]


class PlainVp8Payloader:
    """Cuts the pictures of a stream without layers into payloads, numbered on from the last."""

    def __init__(self) -> None:
        self._picture_id = secrets.randbelow(_PICTURE_IDS)

    def payloads(self, picture: bytes) -> list[bytes]:
        """The payloads of one picture."""
        number = (_LONG_ID | self._picture_id).to_bytes(2, "big")
        self._picture_id = (self._picture_id + 1) % _PICTURE_IDS
        first, later = _BEGINS + number, _GOES_ON + number
        room = PLAIN_PAYLOAD_BYTES - len(first)
        return [(later if begin else first) + picture[begin : begin + room] for begin in range(0, len(picture), room)]
