"""What an Opus packet says about itself, read without a decoder (RFC 6716, sections 3.1 and 4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

OPUS_RATE_HZ = 48_000
MAX_PACKET_SAMPLES = 120 * OPUS_RATE_HZ // 1000

# Where the decoded sound begins in relation to what was encoded: libopus looks ahead by 6.5 ms.
LOOKAHEAD_SAMPLES = 312

_DTX_MAX_BYTES = 2


class OpusMode(Enum):
    """The layer that carries the sound."""

    SILK = "silk"
    HYBRID = "hybrid"
    CELT = "celt"


@dataclass(frozen=True, slots=True)
class OpusPacketInfo:
    """One packet.

    Args:
        mode: The layer that carries the sound.
        channels: 1 or 2.
        samples: Its length at 48 kHz, of all its frames together.
        has_fec: Whether it carries a copy of what came before it (LBRR).
        is_dtx: Whether it says that nothing is sent until the sender is heard again.
    """

    mode: OpusMode
    channels: int
    samples: int
    has_fec: bool
    is_dtx: bool


def packet_info(payload: bytes) -> OpusPacketInfo:
    """Read the table-of-contents byte and the flags after it.

    Raises:
        ValueError: This is not an Opus packet.
    """
    if not payload:
        raise ValueError("an Opus packet has at least one byte")
    configuration, stereo, code = payload[0] >> 3, bool(payload[0] & 4), payload[0] & 3
    mode = _mode(configuration)
    frame_samples = _frame_samples(configuration)
    samples = frame_samples * _frames(payload, code)
    if not 0 < samples <= MAX_PACKET_SAMPLES:
        raise ValueError("an Opus packet holds up to 120 ms")
    has_fec = mode is not OpusMode.CELT and _has_copy(payload, _first_frame(payload, code), frame_samples, stereo)
    return OpusPacketInfo(mode, 1 + stereo, samples, has_fec, len(payload) <= _DTX_MAX_BYTES)


def _mode(configuration: int) -> OpusMode:
    if configuration < 12:
        return OpusMode.SILK
    return OpusMode.HYBRID if configuration < 16 else OpusMode.CELT


def _frame_samples(configuration: int) -> int:
    if configuration < 12:
        return (480, 960, 1920, 2880)[configuration % 4]
    if configuration < 16:
        return (480, 960)[configuration % 2]
    return (120, 240, 480, 960)[configuration % 4]


def _frames(payload: bytes, code: int) -> int:
    if code < 3:
        return 1 if code == 0 else 2
    if len(payload) < 2:
        raise ValueError("an Opus packet of many frames says how many")
    return payload[1] & 0x3F


def _first_frame(payload: bytes, code: int) -> int:
    """Where the first frame begins, behind all lengths (RFC 6716, section 3.2)."""
    if code < 2:
        return 1
    at, lengths = 1, 1
    if code == 3:
        at, lengths = 2, (payload[1] & 0x3F) - 1 if payload[1] & 0x80 else 0
        if payload[1] & 0x40:
            while at < len(payload) and payload[at] == 255:
                at += 1
            at += 1
    for _ in range(lengths):
        at += 2 if at < len(payload) and payload[at] >= 252 else 1
    return at


def _has_copy(payload: bytes, at: int, frame_samples: int, stereo: bool) -> bool:
    """A SILK frame begins with one voice flag per 20 ms and the flag of the copy, the second channel's after these."""
    if len(payload) <= at:
        return False
    voice_flags = max(1, frame_samples // 960)
    first = payload[at] >> (7 - voice_flags) & 1
    second = payload[at] >> (6 - 2 * voice_flags) & 1 if stereo else 0
    return bool(first or second)
