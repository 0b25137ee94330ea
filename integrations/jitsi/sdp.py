"""From a Jingle offer to the SDP that aiortc is told. No input or output, no state.

The bridge never wrote this offer: first comes one line for each content, on which we send, and one for the data
channel where there is any; then one line for each source of others that is to be received. aiortc routes by SSRC, so
each of those names its own. Lines are never taken away or moved (RFC 3264, section 8): a source that went leaves an
inactive line behind.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aiortc import (
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCIceCandidate,
    RTCIceParameters,
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpParameters,
    RTCSctpCapabilities,
)
from aiortc.rtcrtpparameters import RTCRtcpFeedback
from aiortc.sdp import DTLS_SETUP_ROLE, GroupDescription, MediaDescription, SessionDescription, SsrcDescription

from eyeline.integrations.errors import MediaPathError
from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi.content import Content
from eyeline.integrations.jitsi.data_content import DataContent
from eyeline.integrations.jitsi.jingle import SessionInitiate
from eyeline.integrations.jitsi.rtp_description import PayloadType
from eyeline.integrations.jitsi.sources import Source
from eyeline.integrations.jitsi.transport import Candidate, Transport

# Only these are decoded by aiortc; of video, only VP8 is sent, as every browser shows it.
_SENT = {MediaKind.AUDIO: ("opus",), MediaKind.VIDEO: ("vp8",)}
_RECEIVED = {MediaKind.AUDIO: ("opus",), MediaKind.VIDEO: ("vp8", "h264")}
SCREEN_MID = "screen"
_MAX_DATA_BYTES = 262_144  # what the bridge's SCTP takes in one message; it does not say so
_DISCARD_HOST, _DISCARD_PORT = "0.0.0.0", 9  # noqa: S104 (RFC 8840's placeholder, nothing listens)


@dataclass(frozen=True, slots=True)
class RemoteLine:
    """The line of one source of others.

    Args:
        source: Whose SSRCs the line names.
        active: False once the source went.
    """

    source: Source
    active: bool = True


def remote_mid(index: int) -> str:
    """The mid of the remote line with an index."""
    return f"remote-{index}"


def offer_sdp(
    offer: SessionInitiate, remote_lines: Sequence[RemoteLine] = (), *, screen_after: int | None = None
) -> str:
    """Write the offer as SDP.

    Args:
        offer: The bridge's.
        remote_lines: In order of their first appearance.
        screen_after: How many of these were there before our screen was first shared; `None` when it never was.

    Raises:
        MediaPathError: The offer lacks the codec that we send.
    """
    by_kind = {content.kind: content for content in reversed(offer.contents)}
    description = SessionDescription()
    description.origin = "- 0 0 IN IP4 0.0.0.0"
    description.type = "offer"
    description.media = [_sending_line(content, offer.transport) for content in offer.contents]
    if offer.data is not None:
        description.media.append(_data_line(offer.data, offer.transport))
    received = [
        _receiving_line(line, remote_mid(index), by_kind[line.source.kind], offer.transport)
        for index, line in enumerate(remote_lines)
    ]
    if screen_after is not None:
        received.insert(screen_after, _sending_line(by_kind[MediaKind.VIDEO], offer.transport, SCREEN_MID))
    description.media += received
    description.group = [GroupDescription("BUNDLE", [media.rtp.muxId for media in description.media])]
    return str(description)


def _sending_line(content: Content, transport: Transport, mid: str = "") -> MediaDescription:
    payload_types = _pick(content, _SENT[content.kind])
    if not payload_types:
        codec = _SENT[content.kind][0]
        raise MediaPathError(
            f"The meeting does not offer {codec.upper()}, the only {content.kind.value} codec that is sent.",
            hint="Ask whoever runs the server to enable it.",
        )
    return _line(content, transport, mid or content.name, payload_types, "recvonly")


def _receiving_line(line: RemoteLine, mid: str, content: Content, transport: Transport) -> MediaDescription:
    payload_types = _pick(content, _RECEIVED[content.kind])
    media = _line(content, transport, mid, payload_types, "sendonly" if line.active else "inactive")
    if line.active:
        source = line.source
        ssrcs = [source.ssrc] if source.rtx_ssrc is None else [source.ssrc, source.rtx_ssrc]
        media.ssrc = [SsrcDescription(ssrc, cname=source.owner) for ssrc in ssrcs]
        if len(ssrcs) > 1:
            media.ssrc_group = [GroupDescription("FID", [*ssrcs])]
    return media


def _line(
    content: Content, transport: Transport, mid: str, payload_types: Sequence[PayloadType], direction: str
) -> MediaDescription:
    media = MediaDescription(
        content.kind.value, _DISCARD_PORT, "UDP/TLS/RTP/SAVPF", [payload_type.id for payload_type in payload_types]
    )
    media.host = _DISCARD_HOST
    media.direction = direction
    media.rtcp_host, media.rtcp_port, media.rtcp_mux = _DISCARD_HOST, _DISCARD_PORT, True
    media.rtp = RTCRtpParameters(
        codecs=[_codec(content.kind, payload_type) for payload_type in payload_types],
        headerExtensions=[
            RTCRtpHeaderExtensionParameters(each.id, each.uri) for each in content.description.header_extensions
        ],
        muxId=mid,
    )
    _set_transport(media, transport)
    return media


def _data_line(data: DataContent, transport: Transport) -> MediaDescription:
    """The line of a data channel (RFC 8841)."""
    media = MediaDescription("application", _DISCARD_PORT, "UDP/DTLS/SCTP", ["webrtc-datachannel"])
    media.host = _DISCARD_HOST
    media.sctp_port = data.sctp_port
    media.sctpCapabilities = RTCSctpCapabilities(_MAX_DATA_BYTES)
    media.rtp = RTCRtpParameters(muxId=data.name)
    _set_transport(media, transport)
    return media


def _set_transport(media: MediaDescription, transport: Transport) -> None:
    media.ice = RTCIceParameters(usernameFragment=transport.ufrag, password=transport.pwd)
    media.ice_candidates = [_candidate(each) for each in transport.candidates if is_usable(each)]
    media.ice_candidates_complete = True
    media.dtls = RTCDtlsParameters(
        [RTCDtlsFingerprint(each.hash.lower(), each.value) for each in transport.fingerprints],
        DTLS_SETUP_ROLE[transport.fingerprints[0].setup],
    )


def _pick(content: Content, names: Sequence[str]) -> list[PayloadType]:
    """The formats of these names, each followed by its retransmission."""
    return list(_with_repairs(content.description.payload_types, names))


def _with_repairs(payload_types: Sequence[PayloadType], names: Sequence[str]) -> Iterator[PayloadType]:
    for name in names:
        for payload_type in (each for each in payload_types if each.name.lower() == name):
            yield payload_type
            yield from (each for each in payload_types if each.repairs == payload_type.id)


def _codec(kind: MediaKind, payload_type: PayloadType) -> RTCRtpCodecParameters:
    return RTCRtpCodecParameters(
        mimeType=f"{kind.value}/{payload_type.name}",
        clockRate=payload_type.clock_rate_hz,
        channels=payload_type.channels if kind is MediaKind.AUDIO else None,
        payloadType=payload_type.id,
        rtcpFeedback=[RTCRtcpFeedback(each.type, each.subtype or None) for each in payload_type.feedback],
        parameters=dict(payload_type.fmtp),
    )


def is_usable(candidate: Candidate) -> bool:
    """Whether aioice can use a candidate: UDP to an address; no name is resolved on a server's word."""
    try:
        ipaddress.ip_address(candidate.ip)
    except ValueError:
        return False
    return candidate.protocol == "udp" and candidate.component == 1


def _candidate(candidate: Candidate) -> RTCIceCandidate:
    return RTCIceCandidate(
        component=candidate.component,
        foundation=candidate.foundation,
        ip=candidate.ip,
        port=candidate.port,
        priority=candidate.priority,
        protocol=candidate.protocol,
        type=candidate.type,
        relatedAddress=candidate.related_ip or None,
        relatedPort=candidate.related_port or None,
    )
