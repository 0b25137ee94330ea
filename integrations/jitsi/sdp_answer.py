"""From the SDP that aiortc answers to the Jingle answer that jicofo accepts. No input or output, no state.

jicofo refuses an answer whose retransmission has another msid than what it repairs, and the session is dead then;
aiortc's SDP has no msid per SSRC at all. So the sources are named here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aiortc import RTCIceCandidate, RTCRtpCodecParameters
from aiortc.sdp import DTLS_ROLE_SETUP, MediaDescription, SessionDescription

from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi.content import Content
from eyeline.integrations.jitsi.jingle import SessionInitiate
from eyeline.integrations.jitsi.rtp_description import Feedback, HeaderExtension, PayloadType, RtpDescription
from eyeline.integrations.jitsi.session_accept import SessionAccept
from eyeline.integrations.jitsi.sources import Source, VideoType
from eyeline.integrations.jitsi.transport import Candidate, Fingerprint, Transport
from eyeline.processing.rtc.outgoing_stream import StreamSsrcs

_HASH = "sha-256"  # what browsers sign with; aiortc lists longer ones besides


def accept_from_answer(
    answer_sdp: str,
    offer: SessionInitiate,
    endpoint_id: str,
    *,
    responder: str = "",
    layers: Sequence[StreamSsrcs] = (),
) -> SessionAccept:
    """Write the answer as Jingle.

    Args:
        answer_sdp: aiortc's local description; its first lines are those of the offer's contents.
        offer: What is answered.
        endpoint_id: Ours; the sources are named after it.
        responder: Our full address, or empty.
        layers: What our picture is sent with, lowest layer first, where the SDP names the lowest alone.
    """
    lines = SessionDescription.parse(answer_sdp).media[: len(offer.contents)]
    contents = (
        _content(content, line, endpoint_id, layers[1:] if content.kind is MediaKind.VIDEO else ())
        for content, line in zip(offer.contents, lines, strict=True)
    )
    return SessionAccept(offer.sid, offer.initiator, responder, tuple(contents), offer.data)


def _content(
    content: Content, line: MediaDescription, endpoint_id: str, upper_layers: Sequence[StreamSsrcs]
) -> Content:
    description = RtpDescription(
        content.kind,
        tuple(_payload_type(codec) for codec in line.rtp.codecs),
        tuple(HeaderExtension(each.id, each.uri) for each in line.rtp.headerExtensions),
    )
    sources = tuple(
        replace(each, upper_layers=tuple(upper_layers)) for each in _sources(content.kind, line, endpoint_id)
    )
    return Content(content.name, description, sources, _transport(line))


def _payload_type(codec: RTCRtpCodecParameters) -> PayloadType:
    parameters = ((name, "" if value is None else str(value)) for name, value in codec.parameters.items())
    return PayloadType(
        id=codec.payloadType or 0,
        name=codec.name,
        clock_rate_hz=codec.clockRate,
        channels=codec.channels or 1,
        parameters=tuple(parameters),
        feedback=tuple(Feedback(each.type, each.parameter or "") for each in codec.rtcpFeedback),
    )


def _sources(kind: MediaKind, line: MediaDescription, endpoint_id: str) -> tuple[Source, ...]:
    if line.direction not in ("sendonly", "sendrecv"):
        return ()
    repair = next((group.items[1] for group in line.ssrc_group if group.semantic == "FID"), None)
    track_id = (line.msid or "").rpartition(" ")[2]
    source = Source(
        owner=endpoint_id,
        name=source_name(endpoint_id, kind),
        ssrc=line.ssrc[0].ssrc,
        rtx_ssrc=None if repair is None else int(repair),
        kind=kind,
        msid=f"{endpoint_id}-{kind.value}-0-1 {track_id}-1",
        video_type=VideoType.CAMERA if kind is MediaKind.VIDEO else None,
    )
    return (source,)


def source_name(endpoint_id: str, kind: MediaKind) -> str:
    """What an endpoint's first source of a kind is called: `abcd1234-v0`, `abcd1234-a0`."""
    return f"{endpoint_id}-{kind.value[0]}0"


def _transport(line: MediaDescription) -> Transport:
    ice, dtls = line.ice, line.dtls
    if ice is None or dtls is None or not ice.usernameFragment or not ice.password:
        raise ValueError("an answer without ICE or DTLS")
    setup = DTLS_ROLE_SETUP[dtls.role]
    fingerprints = (
        Fingerprint(each.algorithm, each.value, setup) for each in dtls.fingerprints if each.algorithm == _HASH
    )
    return Transport(ice.usernameFragment, ice.password, tuple(fingerprints), _candidates(line.ice_candidates))


def _candidates(candidates: Sequence[RTCIceCandidate]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(
            foundation=each.foundation,
            component=each.component,
            protocol=each.protocol,
            priority=each.priority,
            ip=each.ip,
            port=each.port,
            type=each.type,
            related_ip=each.relatedAddress or "",
            related_port=each.relatedPort or 0,
        )
        for each in candidates
    )
