"""The bytes of RTP packets (RFC 3550, section 5.1), put together from what a stream's packets have in common."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap

from eyeline.processing.rtc.ntp import abs_send_time

MARKER: Final = 0x80
_PLAIN, _EXTENDED = 0x80, 0x90  # version 2, without and with header extensions
_FIXED_BYTES: Final = 8
_STAMP_BYTES: Final = 3
_BITS_16: Final = (1 << 16) - 1
_BITS_32: Final = (1 << 32) - 1
_NEVER: Final = 0
_ALWAYS: Final = (1 << 24) - 1
_pack: Final = struct.Struct("!BBHL").pack


class HeaderLayout(NamedTuple):
    """Where in a packet things are.

    Args:
        payload_at: Where the payload begins.
        stamp_at: Where abs-send-time is; `None` where it was not negotiated.
    """

    payload_at: int
    stamp_at: int | None


class _Tail(NamedTuple):
    """What follows the timestamp in a header: before the time of sending, and after it."""

    first_byte: int
    before: bytes
    after: bytes
    layout: HeaderLayout


class PacketTemplate:
    """Makes the packets of one SSRC.

    aiortc writes the header extensions once for each level of sound there is. Only sequence number, timestamp, marker
    and the time of sending are written for a packet, and that time once for all that leave together.

    Args:
        ssrc: Of all packets.
        payload_type: Of all packets.
        mid: Of the media line.
        extensions: Numbers of the header extensions.
    """

    def __init__(self, ssrc: int, payload_type: int, mid: str, extensions: HeaderExtensionsMap) -> None:
        self._ssrc = ssrc
        self._payload_type = payload_type
        self._mid = mid
        self._extensions = extensions
        self._tails: dict[int | None, _Tail] = {}

    def layout(self, audio_level_dbov: int | None) -> HeaderLayout:
        """Of packets with such a level."""
        return self._tail(audio_level_dbov).layout

    def packets(
        self,
        payloads: Sequence[bytes],
        first: int,
        timestamps: Iterable[int],
        now_s: float,
        *,
        ends: bool,
        audio_level_dbov: int | None = None,
    ) -> list[bytes]:
        """The packets that leave together at this moment.

        Args:
            payloads: One for each packet.
            first: Sequence number of the first packet.
            timestamps: One for each packet; those of 32 bits count.
            now_s: On the monotonic clock.
            ends: Whether the last one has the marker.
            audio_level_dbov: Of the sound in them, -127 to 0; `None` where there is nothing to say.
        """
        first_byte, before, after, layout = self._tail(audio_level_dbov)
        tail = before if layout.stamp_at is None else b"".join((before, stamp(now_s), after))
        join, types = b"".join, self._types(len(payloads), ends=ends)
        numbers = range(first, first + len(payloads))
        return [
            join((_pack(first_byte, payload_type, number & _BITS_16, timestamp & _BITS_32), tail, payload))
            for payload, payload_type, number, timestamp in zip(payloads, types, numbers, timestamps, strict=False)
        ]

    def _types(self, count: int, *, ends: bool) -> list[int]:
        """The second byte of each header: payload type and marker."""
        types = [self._payload_type] * count
        if ends and types:
            types[-1] |= MARKER
        return types

    def _tail(self, audio_level_dbov: int | None) -> _Tail:
        tail = self._tails.get(audio_level_dbov)
        if tail is None:
            tail = self._tails[audio_level_dbov] = self._written(audio_level_dbov)
        return tail

    def _written(self, audio_level_dbov: int | None) -> _Tail:
        profile, value = self._block(audio_level_dbov, _NEVER)
        ssrc = self._ssrc.to_bytes(4, "big")
        if not value:
            return _Tail(_PLAIN, ssrc, b"", HeaderLayout(_FIXED_BYTES + len(ssrc), None))
        head = ssrc + struct.pack("!HH", profile, len(value) // 4)
        payload_at = _FIXED_BYTES + len(head) + len(value)
        begin = _first_difference(value, self._block(audio_level_dbov, _ALWAYS)[1])
        if begin is None:
            return _Tail(_EXTENDED, head + value, b"", HeaderLayout(payload_at, None))
        layout = HeaderLayout(payload_at, _FIXED_BYTES + len(head) + begin)
        return _Tail(_EXTENDED, head + value[:begin], value[begin + _STAMP_BYTES :], layout)

    def _block(self, audio_level_dbov: int | None, sent_at: int) -> tuple[int, bytes]:
        """Profile and value of the header extensions (RFC 8285)."""
        level = None if audio_level_dbov is None else (False, -audio_level_dbov)
        profile, value = self._extensions.set(HeaderExtensions(mid=self._mid, audio_level=level, abs_send_time=sent_at))
        return profile, value


def stamp(now_s: float) -> bytes:
    """A moment of the monotonic clock as abs-send-time has it."""
    return abs_send_time(now_s).to_bytes(_STAMP_BYTES, "big")


def wrapped_again(
    packet: bytes, layout: HeaderLayout, *, payload_type: int, sequence_number: int, ssrc: int, now_s: float
) -> bytes:
    """A packet that is sent once more, in the format for that (RFC 4588, section 4).

    Args:
        packet: As it was sent.
        layout: Of the packet.
        payload_type: Of retransmissions.
        sequence_number: The next one of retransmissions.
        ssrc: Of retransmissions.
        now_s: On the monotonic clock.
    """
    again = bytearray(packet)
    again[1] = packet[1] & MARKER | payload_type
    again[2:4] = sequence_number.to_bytes(2, "big")
    again[8:12] = ssrc.to_bytes(4, "big")
    if layout.stamp_at is not None:
        again[layout.stamp_at : layout.stamp_at + _STAMP_BYTES] = stamp(now_s)
    again[layout.payload_at : layout.payload_at] = packet[2:4]  # the number that it had
    return bytes(again)


def _first_difference(one: bytes, other: bytes) -> int | None:
    return next((place for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b), None)
