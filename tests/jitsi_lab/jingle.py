"""The focus's answers to what members send it: Jingle actions and mute requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from xml.etree.ElementTree import Element

from jitsi_lab import xml
from jitsi_lab.accept import RefusedError, check_sources, read_accept, read_candidates, read_sources
from jitsi_lab.bridge import Bridge
from jitsi_lab.member import Member, Session, SessionState
from jitsi_lab.room import Room
from jitsi_lab.sources import SourceSet
from jitsi_lab.tasks import Tasks
from jitsi_lab.xmpp_link import XmppLink

MAX_RESTARTS_PER_MINUTE = 5
MUTE_NAMESPACES = {
    f"{xml.JITMEET}/audio": "audio",
    f"{xml.JITMEET}/video": "video",
    f"{xml.JITMEET}/desktop": "desktop",
}


class StanzaError(Exception):
    """The answer to an IQ is an error.

    Args:
        condition: Stanza error (RFC 6120).
        text: As jicofo says it.
        kind: `cancel`, `modify`, ..
    """

    def __init__(self, condition: str, text: str = "", kind: str = "cancel") -> None:
        super().__init__(text or condition)
        self.condition = condition
        self.text = text
        self.kind = kind


class JingleDesk:
    """Answers members' requests, one at a time.

    Args:
        link: The focus's stream.
        bridge: The bridge in use now.
        tasks: Owner of what runs beside.
        complain: Takes what a correct client would not have done.
        restart_interval_s: How far apart a member's restarts must be; jicofo's is 5 s.
    """

    def __init__(
        self,
        link: XmppLink,
        bridge: Callable[[], Bridge],
        tasks: Tasks,
        complain: Callable[[str], None],
        restart_interval_s: float,
    ) -> None:
        self._link = link
        self._bridge = bridge
        self._tasks = tasks
        self._complain = complain
        self._restart_interval_s = restart_interval_s

    async def on_jingle(self, room: Room, member: Member, iq: Element, jingle: Element) -> None:
        """Answer a Jingle action."""
        try:
            await self._act(room, member, jingle)
        except RefusedError as error:
            self._complain(f"{jingle.get('action')} of {member.nick}: {error}")
            self._link.refuse(iq, "bad-request", str(error), kind="modify")
        except StanzaError as error:
            self._link.refuse(iq, error.condition, error.text, kind=error.kind)
        else:
            self._link.reply(iq)

    async def _act(self, room: Room, member: Member, jingle: Element) -> None:
        session = self._session(member, jingle)
        match jingle.get("action"):
            case "session-accept":
                await self._accept(room, member, session, jingle)
            case "session-terminate":
                await self._terminate(room, member, session, jingle)
            case "source-add":
                added = read_sources(jingle)
                check_sources(session.sources, added, member.nick, self._taken(room, member))
                await self._set_sources(room, session, session.sources + added)
            case "source-remove":
                await self._set_sources(room, session, self._less(session.sources, read_sources(jingle)))
            case "transport-info":
                await session.endpoint.transport.add_candidates(read_candidates(jingle))
            case action:
                raise StanzaError("feature-not-implemented", f"no {action} here")

    @staticmethod
    def _session(member: Member, jingle: Element) -> Session:
        session = member.session
        if session is None or session.sid != jingle.get("sid"):
            raise StanzaError("item-not-found", f"{jingle.get('sid')} is not a currently active session")
        if not session.alive:
            raise StanzaError("gone", "session ended")
        return session

    async def _accept(self, room: Room, member: Member, session: Session, jingle: Element) -> None:
        if session.state is not SessionState.OFFERED:
            raise StanzaError("unexpected-request", "the session is active already")
        try:
            accepted = read_accept(jingle, member.nick, self._taken(room, member))
        except RefusedError:
            await room.end_session(member)
            raise
        session.step(SessionState.ACTIVE)
        session.sources = accepted.sources
        session.endpoint.payload_types = accepted.payload_types
        await self._bridge().publish(room.jid, session.endpoint, accepted.sources)
        placeholder = self._bridge().conference(room.jid).placeholders.sources[0].ssrc
        self._tasks.spawn(session.endpoint.connect(accepted.transport, placeholder))
        self._tasks.spawn(self._spread(room))

    @staticmethod
    async def _spread(room: Room) -> None:
        """As a task of its own, so that the member has its answer before it hears of others."""
        room.spread_sources()

    @staticmethod
    def _taken(room: Room, member: Member) -> set[int]:
        others = (m.session for m in room.members.values() if m is not member)
        return {ssrc for session in others if session is not None for ssrc in session.sources.ssrcs}

    @staticmethod
    def _less(sources: SourceSet, removed: SourceSet) -> SourceSet:
        if unknown := removed.ssrcs - sources.ssrcs:
            raise RefusedError(f"Source does not exist: {sorted(unknown)}")
        return sources.without(removed.ssrcs)

    async def _set_sources(self, room: Room, session: Session, sources: SourceSet) -> None:
        if session.state is not SessionState.ACTIVE:
            raise StanzaError("unexpected-request", "the session was not accepted yet")
        session.sources = sources
        await self._bridge().publish(room.jid, session.endpoint, sources)
        self._tasks.spawn(self._spread(room))

    async def _terminate(self, room: Room, member: Member, session: Session, jingle: Element) -> None:
        bridge_session = jingle.find(f"{{{xml.FOCUS}}}bridge-session")
        named = bridge_session.get("id") if bridge_session is not None else None
        if named != session.bridge_session_id:
            self._complain(f"session-terminate of {member.nick} names the bridge session {named}")
            raise StanzaError("item-not-found", f"{named or 'null'} is not a currently active session")
        if bridge_session is None or bridge_session.get("restart") != "true":
            await room.end_session(member)
            return
        self._check_restart_rate(member)
        await room.end_session(member)
        member.session = None
        self._tasks.spawn(room.invite_all())

    def _check_restart_rate(self, member: Member) -> None:
        now_s = asyncio.get_running_loop().time()
        recent = [at_s for at_s in member.restarts_at_s if now_s - at_s < 60]
        too_soon = bool(recent) and now_s - recent[-1] < self._restart_interval_s
        if too_soon or len(recent) >= MAX_RESTARTS_PER_MINUTE:
            member.restarts_refused += 1
            raise StanzaError("resource-constraint", "rate limited", "wait")
        member.restarts_at_s = [*recent, now_s]

    async def on_mute(self, room: Room, asker: Member, iq: Element, mute: Element) -> None:
        """Answer a mute request: of oneself, or of another by a moderator."""
        kind = MUTE_NAMESPACES[mute.tag[1:].partition("}")[0]]
        target = room.members.get(mute.get("jid", "").partition("/")[2], asker)
        try:
            if (mute.text or "").strip() == "true":
                self._mute(room, asker, target, kind)
            else:
                self._unmute(asker, target, kind)
        except StanzaError as error:
            self._link.refuse(iq, error.condition, error.text, kind=error.kind)
        else:
            self._link.reply(iq)

    @staticmethod
    def _mute(room: Room, asker: Member, target: Member, kind: str) -> None:
        if target is asker:
            return
        if not asker.moderator:
            raise StanzaError("not-allowed")
        room.tell(target, mute_request(kind, actor=room.address(asker)))

    @staticmethod
    def _unmute(asker: Member, target: Member, kind: str) -> None:
        endpoint = target.session.endpoint if target.session is not None else None
        if target is not asker or (endpoint and kind in endpoint.force_muted and kind not in target.approved):
            raise StanzaError("not-allowed")
        if endpoint is not None:
            endpoint.force_muted.discard(kind)


def mute_request(kind: str, *, actor: str | None = None) -> Element:
    """`<mute>true</mute>` for one kind of media; AV moderation names no actor."""
    return xml.element(f"{xml.JITMEET}/{kind}", "mute", text="true", actor=actor)
