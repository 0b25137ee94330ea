"""What we can do, told by hash (XEP-0115) and in full when asked (XEP-0030).

jicofo decides by these features what it invites us to, and caches them by hash: the hash has to be the true one.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from eyeline.integrations.jitsi import ns

# Left out on purpose: `tcc` (aiortc has no transport-cc, and the bridge would ignore our REMB), `ssrc-rewriting-1` and
# `rtp-mid-demux` (aiortc routes RTP by SSRC).
FEATURES = frozenset(
    {
        ns.CAPS,
        ns.DISCO_INFO,
        ns.PING,
        ns.JINGLE,
        ns.RTP,
        ns.RTP_AUDIO,
        ns.RTP_VIDEO,
        ns.ICE_UDP,
        ns.DTLS,
        ns.DTLS_SCTP,
        "http://jitsi.org/json-encoded-sources",
        "http://jitsi.org/source-name",
        "http://jitsi.org/receive-multiple-video-streams",
        "http://jitsi.org/remb",
        "urn:ietf:rfc:4588",
    }
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What kind of program this is."""

    category: str
    type: str
    name: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Identities and features under one node.

    Args:
        node: URI that names the program.
        identities: At least one.
        features: Namespaces.
    """

    node: str
    identities: frozenset[Identity]
    features: frozenset[str]

    @property
    def ver(self) -> str:
        """The verification string (XEP-0115, section 5.1), base64."""
        identities = sorted(f"{i.category}/{i.type}/{i.language}/{i.name}".encode() for i in self.identities)
        features = sorted(feature.encode() for feature in self.features)
        text = b"".join(part + b"<" for part in (*identities, *features))
        return base64.b64encode(hashlib.sha1(text, usedforsecurity=False).digest()).decode()

    def presence_element(self) -> Element:
        """`<c/>` for our presence."""
        return Element(ns.qname(ns.CAPS, "c"), {"hash": "sha-1", "node": self.node, "ver": self.ver})

    def knows(self, node: str | None) -> bool:
        """Whether a disco#info query's `node` is about us."""
        return not node or node in (self.node, f"{self.node}#{self.ver}")

    def disco_element(self, node: str | None) -> Element:
        """`<query/>` that answers disco#info for `node`."""
        query = Element(ns.qname(ns.DISCO_INFO, "query"), {"node": node} if node else {})
        for identity in sorted(self.identities, key=lambda i: (i.category, i.type, i.language)):
            attributes = {"category": identity.category, "type": identity.type, "name": identity.name}
            SubElement(query, ns.qname(ns.DISCO_INFO, "identity"), {k: v for k, v in attributes.items() if v})
        for feature in sorted(self.features):
            SubElement(query, ns.qname(ns.DISCO_INFO, "feature"), {"var": feature})
        return query


EYELINE = Capabilities("urn:eyeline:jitsi", frozenset({Identity("client", "bot", "Eyeline")}), FEATURES)
