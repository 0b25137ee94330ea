"""A member of a room that can say anything: whole stanzas, forged as far as the server lets them through."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from xml.etree.ElementTree import Element

from jitsi_lab import xml
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.prosody import ACCOUNTS_DOMAIN, DOMAIN
from jitsi_lab.waiting import eventually
from jitsi_lab.xmpp_link import XmppLink


class RawMember:
    """One connection.

    Args:
        lab: The deployment.
        room: The room's name.
        account: The name of an account to log in with; anonymous without one.
    """

    def __init__(self, lab: JitsiLab, room: str, account: str = "") -> None:
        self._room_jid = lab.room_jid(room)
        self.received: list[Element] = []
        where = ("127.0.0.1", lab.server.c2s_port, self.received.append)
        if account:
            self.link = XmppLink.account(f"{account}@{ACCOUNTS_DOMAIN}", *where)
        else:
            self.link = XmppLink.anonymous(DOMAIN, *where)

    def heard(self) -> list[str]:
        """What was said to us or to all, oldest first."""
        bodies = (each.findtext("{*}body") for each in self.received if xml.local_name(each.tag) == "message")
        return [body for body in bodies if body]

    async def enter(self, *children: Element, nick: str | None = None, name: str = "Raw") -> str:
        """Join the room; returns the endpoint id."""
        nick = nick or secrets.token_hex(4)
        address = f"{self._room_jid}/{nick}"
        presence = self.link.stanza("presence", xml.element(xml.MUC, "x"), *children, to=address)
        presence.append(xml.element(xml.NICK, "nick", text=name))
        self.link.send(presence)
        await eventually(lambda: any(each.get("from") == address for each in self.received), what="the room")
        return nick

    def leave(self, nick: str) -> None:
        """Go out of the room, and stay connected."""
        self.link.send(self.link.stanza("presence", type="unavailable", to=f"{self._room_jid}/{nick}"))

    def say(self, text: str, *children: Element, to: str | None = None, **attributes: str) -> None:
        """Say a line to all, to one member by endpoint id, or by `to_=` to any address."""
        body = self.link.custom("body", text=text)
        address = self._room_jid if to is None else f"{self._room_jid}/{to}"
        kind = "groupchat" if to is None else "chat"
        self.link.send(self.link.stanza("message", body, *children, **{"type": kind, "to": address, **attributes}))


@asynccontextmanager
async def raw_member(lab: JitsiLab, room: str = "Daily", *, account: str = "") -> AsyncIterator[RawMember]:
    """A connection that has not entered the room yet."""
    member = RawMember(lab, room, account)
    async with member.link:
        yield member


def forged_identity(real_jid: str, nick: str) -> Iterable[Element]:
    """Everything in a stanza that speaks of who its sender is, saying that it is somebody else."""
    item = xml.element(xml.MUC_USER, "item", jid=real_jid, role="moderator", affiliation="owner")
    yield xml.element(xml.MUC_USER, "x", item)
    yield xml.element("urn:xmpp:occupant-id:0", "occupant-id", id="forged")
    yield xml.element(xml.NICK, "nick", text="Owner")
    yield xml.element("http://jitsi.org/jitmeet", "display-name", text="Owner", source="visitor")
    addressed = xml.element("http://jabber.org/protocol/address", "address", type="ofrom", jid=f"{nick}@{DOMAIN}")
    yield xml.element("http://jabber.org/protocol/address", "addresses", addressed)
