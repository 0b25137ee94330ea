"""What jicofo refuses in a session-accept, as seen on the wire and read in its source."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from eyeline.integrations.jitsi import ns

MAX_SSRCS = 20


def refusal(accept: Element) -> str:
    """Why jicofo would answer with an error; empty when it would not."""
    msids: dict[str, str] = {}
    for source in _children(accept, "description", "source"):
        ssrc = source.get("ssrc", "")
        if ssrc in msids or not ssrc.isdigit():
            return f"SSRC {ssrc} is used twice or malformed"
        parameters = {each.get("name"): each.get("value", "") for each in source.iter(ns.qname(ns.SSMA, "parameter"))}
        msids[ssrc] = parameters.get("msid", "")
        if not source.get("name") or not msids[ssrc]:
            return f"SSRC {ssrc} has no name or no msid"
    if len(msids) > MAX_SSRCS:
        return f"{len(msids)} SSRCs"
    return _group_refusal(accept, msids) or _transport_refusal(accept)


def _group_refusal(accept: Element, msids: dict[str, str]) -> str:
    for group in _children(accept, "description", "ssrc-group"):
        members = [each.get("ssrc", "") for each in group]
        if not set(members) <= set(msids):
            return f"group {members} names an SSRC that is not there"
        if len({msids[each] for each in members}) > 1:
            return f"SsrcGroup contains sources with different MSIDs: {members}"
    return ""


def _transport_refusal(accept: Element) -> str:
    for transport in accept.iter(ns.qname(ns.ICE_UDP, "transport")):
        if not transport.get("ufrag") or not transport.get("pwd"):
            return "no ICE credentials"
        fingerprint = transport.find(ns.qname(ns.DTLS, "fingerprint"))
        if fingerprint is None or fingerprint.get("setup") not in ("active", "passive"):
            return "no DTLS role"
    return ""


def _children(accept: Element, parent: str, name: str) -> list[Element]:
    return [child for each in accept.iter(ns.qname(ns.RTP, parent)) for child in each.findall(ns.qname(ns.SSMA, name))]
