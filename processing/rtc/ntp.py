"""Wall-clock time as RTCP and abs-send-time carry it, derived from the monotonic clock so that it never jumps."""

from __future__ import annotations

import time

_UNIX_EPOCH_S = 2_208_988_800  # 1970 in seconds since 1900
_MONOTONIC_EPOCH_S = time.time() - time.monotonic() + _UNIX_EPOCH_S


def ntp_time(monotonic_s: float) -> int:
    """A moment of `time.monotonic()` as a 64-bit NTP timestamp (RFC 5905, section 6)."""
    return round((monotonic_s + _MONOTONIC_EPOCH_S) * (1 << 32))


def ntp_s(timestamp: int) -> float:
    """Seconds of a 64-bit NTP timestamp of somebody else's clock."""
    return timestamp / (1 << 32)


def middle_32(timestamp: int) -> int:
    """The part of an NTP timestamp that receiver reports echo as LSR (RFC 3550, section 6.4.1)."""
    return (timestamp >> 16) & 0xFFFFFFFF


def abs_send_time(monotonic_s: float) -> int:
    """24 bits, 6.18 fixed point, of the header extension abs-send-time."""
    return (ntp_time(monotonic_s) >> 14) & 0xFFFFFF
