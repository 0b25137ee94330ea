"""Between the focus's Jingle and the SDP of aiortc, for the watcher alone.

Written apart from Eyeline's own translation on purpose: a mistake that both made would not be seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from aiortc.sdp import GroupDescription, MediaDescription, SessionDescription

from jitsi_lab import xml


@dataclass(frozen=True, slots=True)
class RemoteSource:
    """A source of somebody else, as the compact JSON describes it.

    Args:
        owner: Endpoint id.
        name: Source name.
        kind: `audio` or `video`.
        ssrcs: The media's, and for video its retransmission's; empty when the source is gone.
        msid: Stream and track id.
    """

    owner: str
    name: str
    kind: str
    ssrcs: tuple[int, ...]
    msid: str


def read_compact(sources: dict[str, list[list[dict[str, object]]]]) -> Iterator[RemoteSource]:
    """The sources of a `json-message`; not those of the bridge itself."""
    for owner, lists in sources.items():
        video, _, audio = [*lists, [], [], []][:3]
        for kind, items in (("audio", audio), ("video", video)):
            for name in dict.fromkeys(str(item["n"]) for item in items):
                own = [item for item in items if item["n"] == name]
                ssrcs = tuple(int(str(item["s"])) for item in own)
                if owner != "jvb":
                    yield RemoteSource(owner, name, kind, ssrcs, str(own[0]["m"]))


class OfferWriter:
    """Writes offers from a session-initiate: two lines for what we send, one more for each source of others.

    Args:
        jingle: The session-initiate.
    """

    def __init__(self, jingle: Element) -> None:
        self._contents = {c.get("name"): c for c in jingle.findall(f"{{{xml.JINGLE}}}content")}
        self._version = 0

    def write(self, remote: Sequence[RemoteSource]) -> str:
        """The next offer. A line never goes away and never changes its kind; that of a gone source is inactive."""
        self._version += 1
        sections = [self._section(kind, str(mid), "recvonly") for mid, kind in enumerate(("audio", "video"))]
        for mid, source in enumerate(remote, start=2):
            section = self._section(source.kind, str(mid), "sendonly" if source.ssrcs else "inactive")
            sections.append(section + _ssrc_lines(source))
        mids = " ".join(str(mid) for mid in range(len(sections)))
        head = f"v=0\r\no=- 1 {self._version} IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {mids}\r\n"
        return head + "a=msid-semantic:WMS *\r\n" + "".join(sections)

    def _section(self, kind: str, mid: str, direction: str) -> str:
        content = self._contents[kind]
        description = content.find(f"{{{xml.RTP}}}description")
        transport = content.find(f"{{{xml.ICE_UDP}}}transport")
        assert description is not None
        assert transport is not None
        payloads = description.findall(f"{{{xml.RTP}}}payload-type")
        numbers = " ".join(p.get("id", "") for p in payloads)
        lines = [f"m={kind} 9 UDP/TLS/RTP/SAVPF {numbers}", "c=IN IP4 0.0.0.0", f"a=mid:{mid}", f"a={direction}"]
        lines += ["a=rtcp-mux", *_transport_lines(transport)]
        for payload in payloads:
            lines += _payload_lines(payload)
        for extension in description.findall(f"{{{xml.HDREXT}}}rtp-hdrext"):
            lines.append(f"a=extmap:{extension.get('id')} {extension.get('uri')}")
        return "".join(f"{line}\r\n" for line in lines)


def _transport_lines(transport: Element) -> Iterator[str]:
    fingerprint = transport.find(f"{{{xml.DTLS}}}fingerprint")
    assert fingerprint is not None
    yield f"a=ice-ufrag:{transport.get('ufrag')}"
    yield f"a=ice-pwd:{transport.get('pwd')}"
    yield f"a=fingerprint:{fingerprint.get('hash')} {fingerprint.text}"
    yield f"a=setup:{fingerprint.get('setup')}"
    for candidate in transport.findall(f"{{{xml.ICE_UDP}}}candidate"):
        fields = ("foundation", "component", "protocol", "priority", "ip", "port")
        yield f"a=candidate:{' '.join(candidate.get(f, '') for f in fields)} typ {candidate.get('type')}"
    yield "a=end-of-candidates"


def _payload_lines(payload: Element) -> Iterator[str]:
    number = payload.get("id")
    channels = f"/{payload.get('channels')}" if payload.get("channels") else ""
    yield f"a=rtpmap:{number} {payload.get('name')}/{payload.get('clockrate')}{channels}"
    parameters = payload.findall(f"{{{xml.RTP}}}parameter")
    if parameters:
        text = ";".join(f"{p.get('name')}={p.get('value', '').rstrip(';')}" for p in parameters)
        yield f"a=fmtp:{number} {text}"
    for feedback in payload.findall(f"{{{xml.RTCP_FB}}}rtcp-fb"):
        yield f"a=rtcp-fb:{number} {feedback.get('type')} {feedback.get('subtype') or ''}".rstrip()


def _ssrc_lines(source: RemoteSource) -> str:
    if not source.ssrcs:
        return ""
    stream, _, track = source.msid.partition(" ")
    lines = [f"a=msid:{stream} {track}"]
    if len(source.ssrcs) > 1:
        lines.append(f"a=ssrc-group:FID {source.ssrcs[0]} {source.ssrcs[1]}")
    lines += [f"a=ssrc:{ssrc} cname:{source.name}" for ssrc in source.ssrcs]
    return "".join(f"{line}\r\n" for line in lines)


def accept_from(answer: str, jingle: Element, endpoint_id: str, responder: str) -> Element:
    """The session-accept that says what an SDP answer says."""
    parsed = SessionDescription.parse(answer)
    contents = [_content(media, endpoint_id) for media in parsed.media[:2]]
    names = [xml.element(xml.GROUPING, "content", name=content.get("name")) for content in contents]
    return xml.element(
        xml.JINGLE,
        "jingle",
        xml.element(xml.GROUPING, "group", *names, semantics="BUNDLE"),
        *contents,
        action="session-accept",
        sid=jingle.get("sid"),
        initiator=jingle.get("initiator"),
        responder=responder,
    )


def _content(media: MediaDescription, endpoint_id: str) -> Element:
    payloads = [
        xml.element(xml.RTP, "payload-type", id=c.payloadType, name=c.name, clockrate=c.clockRate, channels=c.channels)
        for c in media.rtp.codecs
    ]
    sends = media.direction in ("sendonly", "sendrecv")
    description = xml.element(
        xml.RTP,
        "description",
        *payloads,
        *(_sources(media, endpoint_id) if sends else ()),
        xml.element(xml.RTP, "rtcp-mux"),
        media=media.kind,
    )
    return xml.element(
        xml.JINGLE, "content", description, _transport(media), name=media.kind, creator="responder", senders="both"
    )


def _sources(media: MediaDescription, endpoint_id: str) -> Iterator[Element]:
    letter = media.kind[0]
    msid = f"{endpoint_id}-{media.kind}-0-1 {endpoint_id}-{letter}-track"
    for ssrc in media.ssrc:
        parameter = xml.element(xml.SSMA, "parameter", name="msid", value=msid)
        video_type = "camera" if media.kind == "video" else None
        name = f"{endpoint_id}-{letter}0"
        yield xml.element(xml.SSMA, "source", parameter, ssrc=ssrc.ssrc, name=name, videoType=video_type)
    for group in media.ssrc_group:
        yield _group(group)


def _group(group: GroupDescription) -> Element:
    members = [xml.element(xml.SSMA, "source", ssrc=ssrc) for ssrc in group.items]
    return xml.element(xml.SSMA, "ssrc-group", *members, semantics=group.semantic)


def _transport(media: MediaDescription) -> Element:
    assert media.dtls is not None
    assert media.ice is not None
    sha256 = next(f for f in media.dtls.fingerprints if f.algorithm == "sha-256")
    attributes = {"hash": "sha-256", "setup": "active"}
    candidates = [
        xml.element(
            xml.ICE_UDP,
            "candidate",
            foundation=c.foundation,
            component=c.component,
            protocol=c.protocol,
            priority=c.priority,
            ip=c.ip,
            port=c.port,
            type=c.type,
            generation=0,
            id=f"c{index}",
        )
        for index, c in enumerate(media.ice_candidates)
    ]
    return xml.element(
        xml.ICE_UDP,
        "transport",
        xml.element(xml.DTLS, "fingerprint", text=sha256.value, **attributes),
        *candidates,
        ufrag=media.ice.usernameFragment,
        pwd=media.ice.password,
    )
