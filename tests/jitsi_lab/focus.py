"""A stand-in for jicofo: makes rooms on request, invites members, judges their answers, spreads sources.

Stanzas are those of the recordings; what it refuses and with which words is jicofo's where a recording shows it.
Differences that matter: it is a component (`focus@focus.DOMAIN`, where jicofo is a user `focus@auth.DOMAIN`), it does
everything at once, and of AV moderation it knows only the mute requests, not the component's messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, Self
from xml.etree.ElementTree import Element

from jitsi_lab import xml
from jitsi_lab.bridge import Bridge
from jitsi_lab.jingle import MUTE_NAMESPACES, JingleDesk, mute_request
from jitsi_lab.member import Member
from jitsi_lab.prosody import COMPONENT_SECRET, FOCUS_JID, MUC_DOMAIN, XmppServer
from jitsi_lab.room import FOCUS_NICK, Room, RoomContext
from jitsi_lab.tasks import Tasks
from jitsi_lab.xmpp_link import XmppLink


class BadRequestError(Exception):
    """A conference request that jicofo answers with HTTP 400."""


class Focus:
    """The focus of all rooms. Entering connects it to the server; leaving disconnects.

    Args:
        server: A running Prosody that accepts the component.
        bridge: The bridge that media goes through.
        channel_base_url: As in `RoomContext`.
        sctp: As in `RoomContext`.
        idle_timeout_s: How long a lone member keeps its session; jicofo waits 20 s.
        restart_interval_s: How far apart a member's restarts must be; jicofo's limit is 5 s.

    Attributes:
        rooms: Rooms that it is in, by bare address.
        complaints: What a correct client would not have done; empty at the end of a good test.
        not_ready: How many conference requests are still answered with `ready: false`.
    """

    def __init__(
        self,
        server: XmppServer,
        bridge: Bridge,
        channel_base_url: str,
        *,
        sctp: bool = True,
        idle_timeout_s: float = 1.0,
        restart_interval_s: float = 5.0,
    ) -> None:
        self.rooms: dict[str, Room] = {}
        self.complaints: list[str] = []
        self.not_ready = 0
        self._bridge = bridge
        self._tasks = Tasks(self.complaints.append)
        self._link = XmppLink.component(
            f"{FOCUS_JID}/focus", COMPONENT_SECRET, "127.0.0.1", server.component_port, self._on_stanza
        )
        self._desk = JingleDesk(
            self._link, lambda: self._bridge, self._tasks, self.complaints.append, restart_interval_s
        )
        self._context = RoomContext(
            self._link,
            lambda: self._bridge,
            self._tasks,
            self.complaints.append,
            channel_base_url,
            idle_timeout_s,
            sctp,
        )
        self._exits = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._exits.enter_async_context(self._link)
        self._exits.push_async_callback(self._tasks.close)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exits.aclose()

    # The conference request.

    async def on_request(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a conference request in its HTTP form, joining the room first.

        Raises:
            BadRequestError: The request is malformed.
        """
        jid = str(request.get("room", "")).lower()
        name, _, domain = jid.partition("@")
        if not name or domain != MUC_DOMAIN or " " in name:
            raise BadRequestError(f"Invalid room name {jid!r}")
        if not request.get("machineUid"):
            self.complaints.append("a conference request lacks machineUid")
        ready = self.not_ready == 0
        if ready:
            await self._enter(jid)
        else:
            self.not_ready -= 1
        properties = {"authentication": "false", "visitors-supported": "false"}
        return {"room": jid, "ready": ready, "focusJid": FOCUS_JID, "properties": properties}

    async def _enter(self, jid: str) -> None:
        if jid not in self.rooms:
            self.rooms[jid] = Room(jid, self._context)
            await self.rooms[jid].join()

    async def _on_request_iq(self, iq: Element, conference: Element) -> None:
        request = {"room": conference.get("room"), "machineUid": conference.get("machine-uid")}
        try:
            answer = await self.on_request(request)
        except BadRequestError as error:
            self._link.refuse(iq, "bad-request", str(error), kind="modify")
            return
        properties = [
            xml.element(xml.FOCUS, "property", name=name, value=value) for name, value in answer["properties"].items()
        ]
        ready = "true" if answer["ready"] else "false"
        attributes = {"room": answer["room"], "ready": ready, "focusjid": FOCUS_JID}
        self._link.reply(iq, xml.element(xml.FOCUS, "conference", *properties, **attributes))

    # What comes in.

    def _on_stanza(self, stanza: Element) -> None:
        match xml.local_name(stanza.tag):
            case "presence":
                room = self.rooms.get(stanza.get("from", "").partition("/")[0])
                if room is not None:
                    room.on_presence(stanza)
            case "iq" if stanza.get("type") in ("get", "set"):
                bare, _, nick = stanza.get("from", "").partition("/")
                room = self.rooms.get(bare)
                # Now, not in the task: the next stanza may say that the member is gone.
                member = room.members.get(nick) if room is not None else None
                self._tasks.spawn(self._on_iq(stanza, room, member))

    async def _on_iq(self, iq: Element, room: Room | None, member: Member | None) -> None:
        payload = iq[0] if len(iq) else iq
        if payload.tag == f"{{{xml.FOCUS}}}conference":
            await self._on_request_iq(iq, payload)
        elif payload.tag == f"{{{xml.DISCO_INFO}}}query":
            self._link.reply(iq, xml.element(xml.DISCO_INFO, "query", node=payload.get("node")))
        elif room is None or member is None:
            self._link.refuse(iq, "service-unavailable")
        elif payload.tag == f"{{{xml.JINGLE}}}jingle":
            await self._desk.on_jingle(room, member, iq, payload)
        elif payload.tag[1:].partition("}")[0] in MUTE_NAMESPACES:
            await self._desk.on_mute(room, member, iq, payload)
        else:
            self._link.refuse(iq, "feature-not-implemented")

    # What tests make it do.

    def member(self, endpoint_id: str) -> Member:
        """A member of any room.

        Raises:
            KeyError: No such member.
        """
        return self._whereabouts(endpoint_id)[1]

    def _whereabouts(self, endpoint_id: str) -> tuple[Room, Member]:
        for room in self.rooms.values():
            if endpoint_id in room.members:
                return room, room.members[endpoint_id]
        raise KeyError(endpoint_id)

    def mute(self, endpoint_id: str, kind: str, *, by: str) -> None:
        """Mute a member in the name of a moderator's endpoint id."""
        room, member = self._whereabouts(endpoint_id)
        room.tell(member, mute_request(kind, actor=f"{room.jid}/{by}"))

    def force_mute(self, endpoint_id: str, kind: str) -> None:
        """Mute a member as AV moderation does: without an actor, and enforced by the bridge."""
        room, member = self._whereabouts(endpoint_id)
        member.approved.discard(kind)
        if member.session is not None:
            member.session.endpoint.force_muted.add(kind)
        room.tell(member, mute_request(kind))

    def approve(self, endpoint_id: str, kind: str) -> None:
        """Allow a member to unmute. The bridge lets it through only after the member asked the focus."""
        self.member(endpoint_id).approved.add(kind)

    async def kick(self, endpoint_id: str, reason: str = "") -> None:
        """Put a member out of its room."""
        room, member = self._whereabouts(endpoint_id)
        item = xml.element(xml.MUC_ADMIN, "item", nick=member.nick, role="none")
        item.append(xml.element(xml.MUC_ADMIN, "reason", text=reason))
        await self._link.request(room.jid, "set", xml.element(xml.MUC_ADMIN, "query", item))

    async def change_bridge(self, bridge: Bridge) -> None:
        """Notice that the bridge is gone: everybody is told `moving`, and invited again if the new one lives."""
        for room in self.rooms.values():
            await room.terminate_all("success", "moving")
        self._bridge = bridge
        for room in self.rooms.values():
            room.announce()
            await room.invite_all()

    def restart(self) -> None:
        """Vanish as jicofo does when it is restarted: no session is ended; rooms are entered when somebody asks."""
        for jid in self.rooms:
            self._link.send(self._link.stanza("presence", type="unavailable", to=f"{jid}/{FOCUS_NICK}"))
        self.rooms.clear()
