"""JSON Web Tokens (RFC 7519) as far as anybody can read them, and how times are told to people."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime

_MAX_TIME_S = 253402300799  # the end of the year 9999


def parts_of(token: str) -> tuple[str, str, str] | None:
    """Header, claims and signature, encoded still; `None` where there are not three."""
    parts = token.split(".")
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 and all(parts) else None


def json_object(part: str) -> dict[str, object] | None:
    """What a part says, or `None` where it is no JSON object in base64url."""
    try:
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def unix_time(value: object) -> float | None:
    """A claim as Unix time, or `None` where it cannot be one."""
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MAX_TIME_S
    return float(value) if usable and isinstance(value, int | float) else None


def clock(time_s: float) -> str:
    """A Unix time in this machine's time zone."""
    return datetime.fromtimestamp(time_s, UTC).astimezone().strftime("%Y-%m-%d %H:%M %Z")


def span(duration_s: float) -> str:
    """How long something takes, in its largest unit."""
    for size_s, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if duration_s >= size_s:
            number = int(duration_s // size_s)
            return f"{number} {name}{'s' if number > 1 else ''}"
    return f"{int(duration_s)} seconds"
