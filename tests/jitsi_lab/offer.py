"""The session-initiate, written as the recordings show it for a member with these features."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from jitsi_lab import xml
from jitsi_lab.sources import SourceSet
from jitsi_lab.transport import TransportDescription

FEATURE_AUDIO = "urn:xmpp:jingle:apps:rtp:audio"
FEATURE_VIDEO = "urn:xmpp:jingle:apps:rtp:video"
FEATURE_RTX = "urn:ietf:rfc:4588"
FEATURE_REMB = "http://jitsi.org/remb"
FEATURE_TCC = "http://jitsi.org/tcc"
FEATURE_SCTP = xml.DTLS_SCTP

PAYLOAD_NAMES: Mapping[int, str] = {
    111: "opus", 126: "telephone-event", 41: "AV1", 100: "VP8", 107: "H264", 101: "VP9",
    42: "rtx", 96: "rtx", 97: "rtx", 99: "rtx",
}  # fmt: skip

_TCC_URI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
_ABS_SEND_TIME_URI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
_AV1_URI = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
_LEVEL_URI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
_MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid"
# The semicolons are jicofo's: one parameter holds what belongs into three.
_H264_PROFILE = "42e01f;level-asymmetry-allowed=1;packetization-mode=1;"


@dataclass(frozen=True, slots=True)
class Offer:
    """What one member is offered.

    Args:
        sid: Jingle session id.
        initiator: Full address of the focus.
        bridge_session_id: What a request for a restart has to name.
        channel_url: The bridge channel's WebSocket; empty where the bridge has none.
        transport: The bridge's end of the media path.
        sources: What the others and the bridge itself send, by owner.
        features: The member's own.
        sctp_port: Of the bridge's SCTP association, or `None` where it has none.
    """

    sid: str
    initiator: str
    bridge_session_id: str
    channel_url: str
    transport: TransportDescription
    sources: Mapping[str, SourceSet]
    features: frozenset[str]
    sctp_port: int | None = None

    def to_jingle(self) -> Element:
        """The Jingle element."""
        contents = [self._content("audio", self._audio())]
        if FEATURE_VIDEO in self.features:
            contents.append(self._content("video", self._video()))
        if self.sctp_port is not None:
            contents.append(self._data_content(self.sctp_port))
        names = [xml.element(xml.GROUPING, "content", name=content.get("name")) for content in contents]
        return xml.element(
            xml.JINGLE,
            "jingle",
            *contents,
            xml.element(xml.GROUPING, "group", *names, semantics="BUNDLE"),
            xml.element(xml.FOCUS, "bridge-session", id=self.bridge_session_id),
            sources_message(self.sources),
            action="session-initiate",
            initiator=self.initiator,
            sid=self.sid,
        )

    def _content(self, name: str, description: Element) -> Element:
        return xml.element(
            xml.JINGLE, "content", description, self._transport(), name=name, creator="initiator", senders="both"
        )

    def _data_content(self, port: int) -> Element:
        """As jicofo writes it: with a description of no media, and the port in the transport."""
        content = self._content("data", xml.element(xml.RTP, "description", media="application"))
        sctp_map = xml.element(xml.DTLS_SCTP, "sctpmap", number=port, protocol="webrtc-datachannel", streams=1024)
        content[1].append(sctp_map)
        return content

    def _transport(self) -> Element:
        ours = self.transport
        web_socket = [xml.element(xml.COLIBRI, "web-socket", url=self.channel_url)] if self.channel_url else []
        return xml.element(
            xml.ICE_UDP,
            "transport",
            *web_socket,
            xml.element(xml.ICE_UDP, "rtcp-mux"),
            _fingerprint(ours),
            *_candidates(ours),
            ufrag=ours.ufrag,
            pwd=ours.password,
        )

    def _audio(self) -> Element:
        opus = _payload("opus", 48000, 111, _parameter("minptime", "10"), _parameter("useinbandfec", "1"), channels=2)
        if FEATURE_TCC in self.features:
            opus.append(_feedback("transport-cc"))
        extensions = {1: _LEVEL_URI, 10: _MID_URI} | self._tcc_extension()
        return _description("audio", opus, _payload("telephone-event", 8000, 126), extensions=extensions, maxptime=60)

    def _video(self) -> Element:
        media = [
            _payload("AV1", 90000, 41, *self._video_feedback()),
            _payload("VP8", 90000, 100, *self._video_feedback()),
            _payload("H264", 90000, 107, *self._video_feedback(), _parameter("profile-level-id", _H264_PROFILE)),
            _payload("VP9", 90000, 101, *self._video_feedback()),
        ]
        if FEATURE_RTX in self.features:
            media += [_retransmission(rtx, apt, *_loss_feedback()) for rtx, apt in ((42, 41), (96, 100), (97, 101))]
            media.append(_retransmission(99, 107))
        extensions = {11: _AV1_URI, 10: _MID_URI, 3: _ABS_SEND_TIME_URI} | self._tcc_extension()
        return _description("video", *media, extensions=extensions)

    def _video_feedback(self) -> Iterator[Element]:
        yield from _loss_feedback()
        if FEATURE_TCC in self.features:
            yield _feedback("transport-cc")
        elif FEATURE_REMB in self.features:
            yield _feedback("goog-remb")

    def _tcc_extension(self) -> dict[int, str]:
        return {5: _TCC_URI} if FEATURE_TCC in self.features else {}


def sources_message(sources: Mapping[str, SourceSet]) -> Element:
    """Sources by owner as Jitsi's compact JSON, for session-initiate, source-add and source-remove."""
    compact = {owner: owned.to_compact() for owner, owned in sources.items()}
    return xml.element(xml.JITMEET, "json-message", text=json.dumps({"sources": compact}, separators=(",", ":")))


def _description(media: str, *payloads: Element, extensions: Mapping[int, str], maxptime: int | None = None) -> Element:
    return xml.element(
        xml.RTP,
        "description",
        *payloads,
        *(xml.element(xml.HDREXT, "rtp-hdrext", uri=uri, id=number) for number, uri in extensions.items()),
        xml.element(xml.HDREXT, "extmap-allow-mixed"),
        xml.element(xml.RTP, "rtcp-mux"),
        media=media,
        maxptime=maxptime,
    )


def _payload(name: str, clock_hz: int, number: int, *children: Element, channels: int | None = None) -> Element:
    return xml.element(xml.RTP, "payload-type", *children, name=name, clockrate=clock_hz, id=number, channels=channels)


def _retransmission(number: int, of: int, *feedback: Element) -> Element:
    return _payload("rtx", 90000, number, _parameter("apt", str(of)), *feedback)


def _loss_feedback() -> Iterator[Element]:
    yield _feedback("ccm", "fir")
    yield _feedback("nack")
    yield _feedback("nack", "pli")


def _parameter(name: str, value: str) -> Element:
    return xml.element(xml.RTP, "parameter", name=name, value=value)


def _feedback(kind: str, subtype: str | None = None) -> Element:
    return xml.element(xml.RTCP_FB, "rtcp-fb", type=kind, subtype=subtype)


def _fingerprint(ours: TransportDescription) -> Element:
    attributes = {"hash": "sha-256", "setup": ours.setup, "required": "false", "cryptex": "false"}
    return xml.element(xml.DTLS, "fingerprint", text=ours.fingerprint, **attributes)


def _candidates(ours: TransportDescription) -> Iterator[Element]:
    for index, candidate in enumerate(ours.candidates):
        yield xml.element(
            xml.ICE_UDP,
            "candidate",
            component=candidate.component,
            foundation=candidate.foundation,
            generation=0,
            id=f"lab{index}",
            ip=candidate.ip,
            network=0,
            port=candidate.port,
            priority=candidate.priority,
            protocol=candidate.protocol,
            type=candidate.type,
        )
