"""Who stands behind a nick, told by what only the server can have written (XEP-0045, XEP-0421).

A nick is free to take as soon as its owner has left, and a display name is any text. The room alone writes the real
address into a presence; a room that announces occupant ids overwrites those that its members send. Where one of these
stands more than once, somebody else has had a hand in it, and it is not believed.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.events import Identity, IdentityKind
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.caps import EYELINE
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.stanzas import Message, Presence

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_FEATURE = ns.qname(ns.DISCO_INFO, "feature")


def known_identity(address: Jid | None, occupant_id: str, *, guests: str) -> Identity | None:
    """The best that is known: the address, else the occupant id.

    Args:
        address: Bare, as the room shows it.
        occupant_id: Of a room that announces them; empty for others.
        guests: The domain where logging in takes no account; its addresses are new with each connection. So are those
            that are a UUID, which is how Jitsi names whoever comes with a token.
    """
    if address is not None:
        is_guest = address.domain == guests or _UUID.fullmatch(address.local)
        return Identity(IdentityKind.GUEST if is_guest else IdentityKind.ACCOUNT, str(address))
    return Identity(IdentityKind.OCCUPANT, occupant_id) if occupant_id else None


def real_address(presence: Presence) -> Jid | None:
    """The bare address that the room shows in somebody's presence."""
    items = [
        item
        for user in presence.children
        if user.tag == ns.qname(ns.MUC_USER, "x")
        for item in user.findall(ns.qname(ns.MUC_USER, "item"))
    ]
    try:
        address = Jid.parse(items[0].get("jid", "")).bare if len(items) == 1 else None
    except ProtocolError:
        return None
    return address if address is not None and address.local else None


def occupant_id_of(stanza: Presence | Message) -> str:
    """The occupant id that a stanza carries, or empty."""
    found = [child for child in stanza.children if child.tag == ns.qname(ns.OCCUPANT_ID, "occupant-id")]
    return found[0].get("id", "") if len(found) == 1 else ""


def is_bot(presence: Presence) -> bool:
    """Whether somebody is another Eyeline, as its capabilities say."""
    caps = presence.child(ns.CAPS, "c")
    return caps is not None and caps.get("node") == EYELINE.node


def announces_occupant_ids(description: Element | None) -> bool:
    """Whether a room's answer to disco#info says that it has occupant ids."""
    return description is not None and any(f.get("var") == ns.OCCUPANT_ID for f in description.iter(_FEATURE))
