"""What we say of Opus in a session description."""

from __future__ import annotations

import re

_OPUS = re.compile(r"(?mi)^a=rtpmap:(\d+) opus/48000.*?(\r?\n)")


def with_in_band_fec(sdp: str) -> str:
    """The same session description, with the wish for in-band error correction (RFC 7587, section 6.1).

    Senders put copies of what is lost into their packets only where the receiver says that it uses them. aiortc says
    nothing of the kind.

    Args:
        sdp: An offer or an answer of ours, with any line ends.
    """
    for payload_type, end in _OPUS.findall(sdp):
        known = re.compile(rf"(?m)^(a=fmtp:{payload_type} [^\r\n]*)")
        if said := known.search(sdp):
            if "useinbandfec" not in said[1]:
                sdp = known.sub(r"\1;useinbandfec=1", sdp)
        else:
            line = rf"(?mi)^(a=rtpmap:{payload_type} opus/48000.*?\r?\n)"
            sdp = re.sub(line, rf"\1a=fmtp:{payload_type} minptime=10;useinbandfec=1{end}", sdp)
    return sdp
