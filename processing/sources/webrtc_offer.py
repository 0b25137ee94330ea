"""What a sender's SDP offer holds, before a connection is made for it."""

from __future__ import annotations

from collections.abc import Collection

from aiortc import RTCRtpReceiver
from aiortc.rtcrtpparameters import RTCRtpCodecCapability
from aiortc.sdp import MediaDescription, SessionDescription

from eyeline.config.errors import UsageError

_MAX_LINES = 8
_SENDS = ("sendonly", "sendrecv", None)


class OfferError(UsageError):
    """An offer that cannot be answered."""

    code = "offer"


def offered_kinds(sdp: str, wanted: Collection[str]) -> list[str]:
    """The kinds of media that an offer sends, each of them once.

    Args:
        sdp: The offer (RFC 8866, RFC 8829).
        wanted: The kinds that there is use for: `video`, `audio`.

    Raises:
        OfferError: It is no SDP, sends nothing of what is wanted, or several of one kind.
    """
    try:
        lines = SessionDescription.parse(sdp).media
    except Exception as error:  # the parser raises whatever it stumbles over
        raise OfferError("That is no session description.", hint="Send the SDP of a WebRTC offer.") from error
    if not lines or len(lines) > _MAX_LINES:
        raise OfferError(f"The offer has {len(lines)} media sections.", hint=f"Offer 1 to {_MAX_LINES}.")
    if any(not _is_secure(line) for line in lines):
        raise OfferError("The offer has no ICE credentials or no DTLS fingerprint.", hint="Make it with WebRTC.")
    kinds = [line.kind for line in lines if line.kind in ("audio", "video")]
    if len(kinds) > len(set(kinds)):
        raise OfferError("The offer has several sections of one kind.", hint="Send one camera and one microphone.")
    if not any(line.kind in wanted and line.direction in _SENDS for line in lines):
        raise OfferError(f"The offer sends no {' and no '.join(sorted(wanted))}.", hint="Add a track to it.")
    return kinds


def preferred_video() -> list[RTCRtpCodecCapability]:
    """The codecs that can be received, H264 first: it costs half as much to decode as VP8."""
    capabilities = RTCRtpReceiver.getCapabilities("video")
    return sorted(capabilities.codecs if capabilities else [], key=lambda codec: codec.mimeType.lower() != "video/h264")


def _is_secure(line: MediaDescription) -> bool:
    ice, dtls = line.ice, line.dtls
    return bool(ice and ice.usernameFragment and ice.password and dtls and dtls.fingerprints)
