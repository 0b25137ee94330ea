"""A hint in our answer: the rate at which a browser begins to send."""

from __future__ import annotations

import re
from typing import Final

_RTPMAP: Final = re.compile(r"a=rtpmap:(\d+) ([^/]+)/")
_FMTP: Final = re.compile(r"a=fmtp:(\d+) (.*)")
_REPAIR: Final = frozenset({"rtx", "red", "ulpfec", "flexfec-03"})


def with_start_bitrate(sdp: str, kbps: int, *, least_kbps: int | None = None, most_kbps: int | None = None) -> str:
    """The same session description with a start for the sender of its video.

    Browsers built on libwebrtc read `x-google-start-bitrate` from the format parameters of the answer to their offer
    and begin there; others ignore it. Without it they begin with 0.3 Mbit/s and take a quarter of a minute to reach
    0.9.

    Args:
        sdp: An answer to what sends to us, with any line ends.
        kbps: Where to begin, in kbit/s.
        least_kbps: What not to go below, whatever the estimate says.
        most_kbps: What not to go above.
    """
    hints = {"start": kbps, "min": least_kbps, "max": most_kbps}
    written = ";".join(f"x-google-{name}-bitrate={value}" for name, value in hints.items() if value is not None)
    sections = re.split(r"(?m)^(?=m=)", sdp)
    return "".join(_hinted(section, written) if section.startswith("m=video") else section for section in sections)


def _hinted(section: str, hints: str) -> str:
    lines = section.splitlines(keepends=True)
    names = {found[1]: found[2].lower() for line in lines if (found := _RTPMAP.match(line))}
    media = {payload_type for payload_type, name in names.items() if name not in _REPAIR}
    described = {found[1] for line in lines if (found := _FMTP.match(line))}
    return "".join(_line(line, media, described, hints) for line in lines)


def _line(line: str, media: set[str], described: set[str], hints: str) -> str:
    """A line with hints at its end, or behind it when its format has no parameters yet."""
    bare = line.rstrip("\r\n")
    end = line[len(bare) :]
    parameters = _FMTP.match(bare)
    if parameters and parameters[1] in media:
        return f"{bare};{hints}{end}"
    format_map = _RTPMAP.match(bare)
    if format_map and format_map[1] in media - described:
        return f"{line}a=fmtp:{format_map[1]} {hints}{end}"
    return line
