"""One room of the focus: who is in, who has a session, who has been told of whose sources."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from jitsi_lab import xml
from jitsi_lab.bridge import Bridge
from jitsi_lab.caps import Capabilities
from jitsi_lab.member import Member, Session, SessionState, faults_of
from jitsi_lab.offer import FEATURE_AUDIO, FEATURE_SCTP, Offer, sources_message
from jitsi_lab.sources import SourceSet
from jitsi_lab.tasks import Tasks
from jitsi_lab.xmpp_link import IqError, XmppLink

FOCUS_NICK = "focus"
REQUIRED_FEATURES = frozenset(
    {
        "urn:xmpp:jingle:1",
        "urn:xmpp:jingle:apps:rtp:1",
        FEATURE_AUDIO,
        "urn:xmpp:jingle:transports:ice-udp:1",
        "urn:xmpp:jingle:apps:dtls:0",
        "http://jitsi.org/json-encoded-sources",
        "http://jitsi.org/source-name",
        "http://jitsi.org/receive-multiple-video-streams",
    }
)


@dataclass(frozen=True, slots=True)
class RoomContext:
    """What a room needs of its focus.

    Args:
        link: The focus's stream.
        bridge: The bridge in use now.
        tasks: Owner of what runs beside.
        complain: Takes what a correct client would not have done.
        channel_base_url: `ws://HOST:PORT`, where the bridge channel is; empty where the bridge has no WebSocket.
        sctp: Whether data channels are offered to members that can have them, as jicofo does by default.
        idle_timeout_s: How long a lone member keeps its session.
    """

    link: XmppLink
    bridge: Callable[[], Bridge]
    tasks: Tasks
    complain: Callable[[str], None]
    channel_base_url: str
    idle_timeout_s: float
    sctp: bool = True


class Room:
    """A room that the focus has joined.

    Args:
        jid: Bare address.
        context: The focus.

    Attributes:
        members: All occupants but the focus, by nick.
    """

    def __init__(self, jid: str, context: RoomContext) -> None:
        self.jid = jid
        self.members: dict[str, Member] = {}
        self._context = context
        self._joined = asyncio.get_running_loop().create_future()
        self._inviting = asyncio.Lock()

    # Our own presence.

    async def join(self) -> None:
        """Enter as `focus`, which makes the room."""
        self.announce(muc=True)
        await asyncio.shield(self._joined)

    def announce(self, *, muc: bool = False) -> None:
        """Send our presence, with what the real focus says in it."""
        link = self._context.link
        properties = [xml.element(xml.FOCUS, "property", key="support-terminate-restart", value="true")]
        presence = link.stanza("presence", to=f"{self.jid}/{FOCUS_NICK}")
        presence.append(xml.element(xml.FOCUS, "conference-properties", *properties))
        if muc:
            presence.append(xml.element(xml.MUC, "x"))
        if not self._context.bridge().alive:
            presence.append(xml.element(xml.FOCUS, "bridgeNotAvailable"))
        link.send(presence)

    # Who is in.

    def on_presence(self, presence: Element) -> None:
        """Somebody, perhaps we, came, changed or went."""
        nick = presence.get("from", "").partition("/")[2]
        if nick == FOCUS_NICK:
            self._on_own_presence(presence)
        elif presence.get("type") == "unavailable":
            self._on_left(nick)
        elif presence.get("type") is None:
            self._on_present(nick, presence)

    def _on_own_presence(self, presence: Element) -> None:
        if self._joined.done():
            return
        if presence.get("type") is None:
            self._joined.set_result(None)
        else:
            self._joined.set_exception(RuntimeError(f"the focus cannot enter: {xml.excerpt(presence)}"))

    def _on_present(self, nick: str, presence: Element) -> None:
        for fault in faults_of(presence, nick):
            self._context.complain(fault)
        newcomer = nick not in self.members
        member = self.members.setdefault(nick, Member(nick))
        member.update(presence)
        if newcomer:
            self._context.tasks.spawn(self._welcome(member))

    def _on_left(self, nick: str) -> None:
        member = self.members.pop(nick, None)
        if member is not None and member.session is not None:
            self._context.tasks.spawn(self.end_session(member))
        if len(self.members) < 2:
            self._context.tasks.spawn(self._expire_when_idle())

    async def _welcome(self, member: Member) -> None:
        if len(self.members) == 1:
            await self._make_owner(member)
        try:
            answer = await self._context.link.request(self.address(member), "get", self._question(member))
        except (IqError, TimeoutError) as error:
            self._context.complain(f"{member.nick} did not answer disco#info: {error!r}")
            return
        capabilities = Capabilities.read(answer[0])
        if capabilities.ver != member.caps[1]:
            self._context.complain(f"{member.nick} announced {member.caps[1]}, but answers {capabilities.ver}")
        elif missing := REQUIRED_FEATURES - capabilities.features:
            self._context.complain(f"{member.nick} lacks {sorted(missing)}")
        else:
            member.features = capabilities.features
            await self.invite_all()

    def _question(self, member: Member) -> Element:
        return xml.element(xml.DISCO_INFO, "query", node="#".join(member.caps))

    async def _make_owner(self, member: Member) -> None:
        item = xml.element(xml.MUC_ADMIN, "item", affiliation="owner", jid=member.real_jid.partition("/")[0])
        try:
            await self._context.link.request(self.jid, "set", xml.element(xml.MUC_ADMIN, "query", item))
        except IqError as error:
            if self.members.get(member.nick) is member:
                self._context.complain(f"{member.nick} could not be made owner: {error}")

    def address(self, member: Member) -> str:
        """Its address in the room."""
        return f"{self.jid}/{member.nick}"

    # Sessions.

    async def invite_all(self) -> None:
        """Offer a session to everybody who has none, if there are two to talk."""
        async with self._inviting:
            for member in list(self.members.values()):
                enough = len(self.members) > 1 and self._context.bridge().alive
                if enough and member.session is None and member.features is not None:
                    await self._invite(member, member.features)

    async def _invite(self, member: Member, features: frozenset[str]) -> None:
        bridge = self._context.bridge()
        sctp = self._context.sctp and FEATURE_SCTP in features
        session = Session(await bridge.allocate(self.jid, member.nick, sctp=sctp))
        description = await session.endpoint.describe()
        if self.members.get(member.nick) is not member:
            await bridge.expire(self.jid, session.endpoint)
            return
        member.session = session
        session.told = self._sources_of_others(member)
        conference = bridge.conference(self.jid)
        place = f"{bridge.id}/{conference.id}/{member.nick}?pwd={session.endpoint.password}"
        offer = Offer(
            session.sid,
            self._context.link.jid,
            session.bridge_session_id,
            f"{base}/colibri-ws/{place}" if (base := self._context.channel_base_url) else "",
            description,
            session.told | {"jvb": conference.placeholders},
            features,
            session.endpoint.sctp_port,
        )
        self.tell(member, offer.to_jingle())

    def _sources_of_others(self, member: Member) -> dict[str, SourceSet]:
        others = (m for m in self.members.values() if m is not member and m.session is not None)
        return {o.nick: o.session.sources.stripped() for o in others if o.session and o.session.sources}

    def tell(self, member: Member, payload: Element) -> None:
        """Send an IQ that a correct client answers with a result."""
        self._context.tasks.spawn(self._tell(member, payload))

    async def _tell(self, member: Member, payload: Element) -> None:
        what = payload.get("action") or xml.local_name(payload.tag)
        try:
            await self._context.link.request(self.address(member), "set", payload)
        except (IqError, TimeoutError) as error:
            if self.members.get(member.nick) is member:
                self._context.complain(f"{member.nick} did not take {what}: {error!r}")

    def spread_sources(self) -> None:
        """Tell everybody what has changed in what the others send."""
        for member in self.members.values():
            session = member.session
            if session is None or session.state is not SessionState.ACTIVE:
                continue
            now = self._sources_of_others(member)
            gone = {o: s.without(now.get(o, SourceSet()).ssrcs) for o, s in session.told.items()}
            new = {o: s.without(session.told.get(o, SourceSet()).ssrcs) for o, s in now.items()}
            session.told = now
            self._tell_sources(member, session, "source-remove", gone)
            self._tell_sources(member, session, "source-add", new)

    def _tell_sources(self, member: Member, session: Session, action: str, changed: dict[str, SourceSet]) -> None:
        changed = {owner: sources for owner, sources in changed.items() if sources}
        if changed:
            message = sources_message(changed)
            self.tell(member, xml.element(xml.JINGLE, "jingle", message, action=action, sid=session.sid))

    async def end_session(self, member: Member) -> None:
        """End a member's session at the bridge and for the others; the member itself is not told."""
        session = member.session
        if session is None or not session.alive:
            return
        session.step(SessionState.DEAD)
        session.sources = SourceSet()
        self.spread_sources()
        await self._context.bridge().expire(self.jid, session.endpoint)

    async def terminate(self, member: Member, reason: str, text: str) -> None:
        """End a member's session and tell it; it is invited again when there is a reason to."""
        session = member.session
        if session is not None and session.alive:
            why = xml.element(xml.JINGLE, "reason", xml.element(xml.JINGLE, reason))
            why.append(xml.element(xml.JINGLE, "text", text=text))
            self.tell(member, xml.element(xml.JINGLE, "jingle", why, action="session-terminate", sid=session.sid))
            await self.end_session(member)
        member.session = None

    async def terminate_all(self, reason: str, text: str) -> None:
        """As `terminate`, for everybody."""
        for member in list(self.members.values()):
            await self.terminate(member, reason, text)

    async def _expire_when_idle(self) -> None:
        await asyncio.sleep(self._context.idle_timeout_s)
        if len(self.members) < 2:
            await self.terminate_all("expired", "Idle session timeout")
