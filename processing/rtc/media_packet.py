"""RTP packets as they are received (RFC 3550, section 5.1), read for what is used of them and no more."""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct
from typing import Final, Protocol

from aiortc.rtp import RtpPacket

HEADER_BYTES: Final = 12
_VERSION: Final = 2
_ONE_BYTE_PROFILE: Final = 0xBEDE
_TWO_BYTE_PROFILE: Final = 0x100  # and four bits that applications may use
_STOP: Final = 15
_SEND_TIME_BYTES: Final = 3

_read_header = Struct("!BBHII").unpack_from
_read_extension = Struct("!HH").unpack_from


class MediaPacket(Protocol):
    """What depayloaders, buffers and reports look at; aiortc's `RtpPacket` has it as well."""

    payload_type: int
    marker: int
    sequence_number: int
    timestamp: int
    ssrc: int
    payload: bytes
    padding_size: int


@dataclass(slots=True)
class ReceivedPacket:
    """One packet.

    Args:
        payload_type: 0 to 127.
        marker: 0 or 1.
        sequence_number: 16 bits.
        timestamp: 32 bits, on the clock of the payload type.
        ssrc: Of the stream.
        payload: Without padding.
        padding_size: In bytes.
        abs_send_time: When it was sent, in 24 bits of 2^-18 s; `None` where that is not told.
    """

    payload_type: int
    marker: int
    sequence_number: int
    timestamp: int
    ssrc: int
    payload: bytes
    padding_size: int = 0
    abs_send_time: int | None = None


def read_packet(data: bytes, abs_send_time_id: int | None) -> ReceivedPacket:
    """Read a packet.

    Args:
        data: All of it, decrypted.
        abs_send_time_id: Of the header extension with this name, as negotiated (RFC 8285).

    Raises:
        ValueError: This is not an RTP packet.
    """
    end = len(data)
    if end < HEADER_BYTES:
        raise ValueError("an RTP packet has a header of 12 bytes")
    flags, kind, sequence_number, timestamp, ssrc = _read_header(data)
    if flags >> 6 != _VERSION:
        raise ValueError("RTP has version 2")
    begin, sent, padding = HEADER_BYTES + 4 * (flags & 0x0F), None, 0
    if flags & 0x10:
        if end < begin + 4:
            raise ValueError("the header extension is cut off")
        profile, words = _read_extension(data, begin)
        elements = begin + 4
        begin = elements + 4 * words
        if abs_send_time_id is not None and begin <= end:
            sent = _send_time(data, elements, begin, profile, abs_send_time_id)
    if flags & 0x20:
        padding = data[-1]
        if not padding:
            raise ValueError("padding counts itself")
        end -= padding
    if begin > end:
        raise ValueError("the RTP packet is cut off")
    return ReceivedPacket(kind & 0x7F, kind >> 7, sequence_number, timestamp, ssrc, data[begin:end], padding, sent)


def received_packet(packet: RtpPacket) -> ReceivedPacket:
    """A packet that aiortc has read."""
    return ReceivedPacket(
        packet.payload_type,
        packet.marker,
        packet.sequence_number,
        packet.timestamp,
        packet.ssrc,
        packet.payload,
        packet.padding_size,
        packet.extensions.abs_send_time,
    )


def unwrapped(packet: ReceivedPacket, payload_type: int, ssrc: int) -> ReceivedPacket | None:
    """What a retransmission repeats (RFC 4588, section 4); `None` when it is only padding."""
    payload = packet.payload
    if len(payload) < 2:
        return None
    number = payload[0] << 8 | payload[1]
    return ReceivedPacket(payload_type, packet.marker, number, packet.timestamp, ssrc, payload[2:])


def _send_time(data: bytes, begin: int, end: int, profile: int, wanted: int) -> int | None:
    """The value of the extension with this id; `None` when it is not there. What cannot be read is passed over."""
    value = None
    if profile == _ONE_BYTE_PROFILE:
        value = _one_byte_element(data, begin, end, wanted)
    elif profile >> 4 == _TWO_BYTE_PROFILE:
        value = _two_byte_element(data, begin, end, wanted)
    return int.from_bytes(value, "big") if value is not None and len(value) == _SEND_TIME_BYTES else None


def _one_byte_element(data: bytes, begin: int, end: int, wanted: int) -> bytes | None:
    """RFC 8285, section 4.2."""
    while begin < end:
        head = data[begin]
        begin += 1
        if not head:
            continue
        after = begin + (head & 0x0F) + 1
        if head >> 4 == _STOP or after > end:
            return None
        if head >> 4 == wanted:
            return data[begin:after]
        begin = after
    return None


def _two_byte_element(data: bytes, begin: int, end: int, wanted: int) -> bytes | None:
    """RFC 8285, section 4.3."""
    while begin + 1 < end:
        if not data[begin]:
            begin += 1
            continue
        after = begin + 2 + data[begin + 1]
        if after > end:
            return None
        if data[begin] == wanted:
            return data[begin + 2 : after]
        begin = after
    return None
