"""Our membership in one room (XEP-0045): joining, our own presence, leaving, and being thrown out."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterable
from enum import Enum
from xml.etree.ElementTree import Element, SubElement

from eyeline.config.errors import EyelineError
from eyeline.integrations.errors import BannedError, ConnectionLostError, KickedError, MeetingEndedError
from eyeline.integrations.events import MeetingEvent
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.caps import Capabilities
from eyeline.integrations.jitsi.errors import NoReplyError, StanzaError
from eyeline.integrations.jitsi.identity import announces_occupant_ids
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.join_errors import NickTakenError, join_error
from eyeline.integrations.jitsi.roster import Roster, display_name, status_codes
from eyeline.integrations.jitsi.source_info import SourceState, source_info_element
from eyeline.integrations.jitsi.stanzas import Presence, PresenceType, iq_get, iq_set, parse_error
from eyeline.integrations.jitsi.xmpp import XmppStream

logger = logging.getLogger(__name__)

JOIN_TIMEOUT_S = 15.0
FEATURES_TIMEOUT_S = 5.0
_NICK_TRIES = 3
_CODECS = "vp8,h264"


class Membership(Enum):
    """OUTSIDE → JOINING → INSIDE → GONE, or from JOINING back to OUTSIDE when the room refuses."""

    OUTSIDE = "outside"
    JOINING = "joining"
    INSIDE = "inside"
    GONE = "gone"


def endpoint_id(jid: Jid) -> str:
    """The nick that Jitsi expects: the first eight hex digits of a guest's UUID; invented for an account."""
    head = jid.local[:8].lower()
    is_uuid = len(jid.local) == 36 and all(c in "0123456789abcdef" for c in head)
    return head if is_uuid else secrets.token_hex(4)


class Room:
    """One room on one stream. The stream's reader hands every presence to `handle`.

    Args:
        stream: Logged in.
        jid: The room's bare address.
        name: Display name that the others see.
        caps: Repeated in every presence.
        ghost: As in `Roster`.
    """

    def __init__(self, stream: XmppStream, jid: Jid, *, name: str, caps: Capabilities, ghost: str = "") -> None:
        self.jid = jid
        self.nick = ""
        self.roster = Roster(jid, guests=stream.jid.domain, ghost=ghost)
        self.membership = Membership.OUTSIDE
        self._stream = stream
        self.name = display_name(name, "Eyeline")
        self._caps = caps
        self._sources: tuple[SourceState, ...] = ()
        self._has_password = False
        self._joined: asyncio.Future[None] | None = None

    async def join(self, password: str | None = None, *, timeout_s: float = JOIN_TIMEOUT_S) -> None:
        """Enter; needs somebody who hands presences to `handle` meanwhile.

        Raises:
            PasswordError: The room wants a password, or another one.
            NotAdmittedError: Lobby, banned, full. `RoomNotOpenError`: ask the focus again.
            LoginError: The token is for another room.
            NoReplyError: The room did not answer in time.
            ConnectionLostError: The stream is over.
        """
        nick = self.nick or endpoint_id(self._stream.jid)
        for attempt in range(1, _NICK_TRIES + 1):
            try:
                await self._try_join(nick, password, timeout_s)
            except NickTakenError:
                if attempt == _NICK_TRIES:
                    raise
                nick = secrets.token_hex(4)
            else:
                return

    async def _try_join(self, nick: str, password: str | None, timeout_s: float) -> None:
        self.nick, self.membership, self._has_password = nick, Membership.JOINING, bool(password)
        self._joined = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout_s):
                await self._stream.send(self._presence(_muc_element(password)))
                await self._joined
        except TimeoutError as error:
            raise NoReplyError(
                f"The room {self.jid.local} did not answer within {timeout_s:g} s.", hint="Try again later."
            ) from error
        finally:
            self._joined = None
            if self.membership is Membership.JOINING:
                self.membership = Membership.OUTSIDE

    async def learn_features(self, *, timeout_s: float = FEATURES_TIMEOUT_S) -> list[MeetingEvent]:
        """Ask whether the room has occupant ids (XEP-0421), and say what that tells of its members.

        A room that does not answer has none.

        Raises:
            ConnectionLostError: The stream is over.
        """
        query = Element(ns.qname(ns.DISCO_INFO, "query"))
        try:
            reply = await self._stream.request(iq_get(self.jid, query), timeout_s=timeout_s)
        except (StanzaError, NoReplyError) as error:
            logger.info("the room does not say what it can: %s", error)
            return []
        return self.roster.trust_occupant_ids() if announces_occupant_ids(reply.payload) else []

    async def publish(self, sources: Iterable[SourceState]) -> None:
        """Tell the others which sources we have. Every presence repeats all that is known of us.

        Raises:
            ConnectionLostError: The stream is over.
        """
        self._sources = tuple(sources)
        if self.membership is Membership.INSIDE:
            await self._stream.send(self._presence())

    async def evict(self, nick: str) -> None:
        """Take an occupant out, where we may.

        Raises:
            ConnectionLostError: The stream is over.
        """
        query = Element(ns.qname(ns.MUC_ADMIN, "query"))
        SubElement(query, ns.qname(ns.MUC_ADMIN, "item"), {"nick": nick, "role": "none"})
        try:
            await self._stream.request(iq_set(self.jid, query))
        except (StanzaError, NoReplyError) as error:
            logger.info("an old connection of ours stays in the room until the server drops it: %s", error)

    async def leave(self) -> None:
        """Tell the others that we go; does nothing when we are not inside.

        Raises:
            ConnectionLostError: The stream is over.
        """
        if self.membership is Membership.INSIDE:
            self.membership = Membership.GONE
            await self._stream.send(Presence(type=PresenceType.UNAVAILABLE, to=self.jid.with_resource(self.nick)))

    def fail(self, error: EyelineError) -> None:
        """The stream is over: a join under way fails with `error`."""
        if self._joined is not None and not self._joined.done():
            self._joined.set_exception(error)

    def handle(self, presence: Presence) -> list[MeetingEvent]:
        """Take in a presence of this room.

        Raises:
            RemovedError: A moderator removed us or ended the meeting.
            ConnectionLostError: The server dropped us from the room.
        """
        if presence.sender is None or presence.sender.bare != self.jid:
            return []
        match presence.type:
            case PresenceType.ERROR:
                self._refused(presence)
            case PresenceType.AVAILABLE if self._is_own(presence):
                self._entered()
            case PresenceType.UNAVAILABLE if self._is_own(presence):
                if self.membership is Membership.INSIDE:
                    self.membership = Membership.GONE
                    raise removal(presence)
            case _:
                return self.roster.apply(presence)
        return []

    def _is_own(self, presence: Presence) -> bool:
        own_nick = presence.sender is not None and presence.sender.resource == self.nick
        return "110" in status_codes(presence) or (own_nick and presence.type is PresenceType.UNAVAILABLE)

    def _refused(self, presence: Presence) -> None:
        """Fails the join; an error that answers a later presence leaves us in the room as we were."""
        self.fail(join_error(parse_error(presence), has_password=self._has_password))

    def _entered(self) -> None:
        if self.membership is Membership.JOINING:
            self.membership = Membership.INSIDE
        if self._joined is not None and not self._joined.done():
            self._joined.set_result(None)

    def _presence(self, *first: Element) -> Presence:
        codecs = Element(ns.qname(ns.CLIENT, "jitsi_participant_codecList"))
        codecs.text = _CODECS
        nick = Element(ns.qname(ns.NICK, "nick"))
        nick.text = self.name
        children = (*first, self._caps.presence_element(), source_info_element(self._sources), codecs, nick)
        return Presence(to=self.jid.with_resource(self.nick), children=children)


def _muc_element(password: str | None) -> Element:
    muc = Element(ns.qname(ns.MUC, "x"))
    if password:
        SubElement(muc, ns.qname(ns.MUC, "password")).text = password
    return muc


def removal(presence: Presence) -> EyelineError:
    """Why our own presence became unavailable. 333 (the server dropped us) outweighs a kick that it comes with."""
    codes = status_codes(presence)
    user = presence.child(ns.MUC_USER, "x")
    reason = "" if user is None else _reason(user)
    if "333" in codes:
        return ConnectionLostError(f"The server dropped us from the room{reason}.", hint="Join again.")
    if user is not None and user.find(ns.qname(ns.MUC_USER, "destroy")) is not None:
        return MeetingEndedError(f"The meeting was ended{reason}.")
    if "301" in codes:
        return BannedError(f"A moderator banned us from the room{reason}.", hint="Ask a moderator.")
    if "307" in codes:
        return KickedError(f"A moderator removed us from the room{reason}.", hint="Ask a moderator before you rejoin.")
    return ConnectionLostError(f"The server took us out of the room{reason}.", hint="Join again.")


def _reason(user: Element) -> str:
    texts = (element.text for element in user.iter(ns.qname(ns.MUC_USER, "reason")))
    text = display_name(next(texts, None) or "", "")
    return f": {text}" if text else ""
