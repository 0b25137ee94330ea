"""Entity capabilities (XEP-0115): the hash that a member's presence has to carry."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from jitsi_lab import xml

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a member says about itself.

    Args:
        identities: `category/type/lang/name`.
        features: Their `var`s.
    """

    identities: tuple[str, ...]
    features: frozenset[str]

    @classmethod
    def read(cls, query: Element) -> Capabilities:
        """From the answer to a disco#info request. Extension forms are not read: no Jitsi client has one."""
        identities = tuple(
            "/".join((i.get("category", ""), i.get("type", ""), i.get(XML_LANG, ""), i.get("name", "")))
            for i in query.findall(f"{{{xml.DISCO_INFO}}}identity")
        )
        features = (f.get("var", "") for f in query.findall(f"{{{xml.DISCO_INFO}}}feature"))
        return cls(identities, frozenset(features))

    @property
    def ver(self) -> str:
        """The verification string, SHA-1 in base64 (XEP-0115, section 5.1)."""
        parts = sorted(self.identities) + sorted(self.features)
        text = "".join(f"{part}<" for part in parts)
        return base64.b64encode(hashlib.sha1(text.encode()).digest()).decode()
