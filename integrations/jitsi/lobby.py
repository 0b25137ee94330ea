"""Knocking: the lobby is a room of its own, in which a moderator sees us and decides (Jitsi's muc_lobby_rooms)."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from eyeline.config.errors import EyelineError, NetworkError
from eyeline.integrations.errors import (
    BannedError,
    KickedError,
    LobbyDeniedError,
    LobbyTimeoutError,
)
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.join_errors import join_error
from eyeline.integrations.jitsi.muc import removal
from eyeline.integrations.jitsi.roster import display_name, status_codes
from eyeline.integrations.jitsi.stanzas import Message, Presence, PresenceType, Stanza, parse_error
from eyeline.integrations.jitsi.xmpp import XmppStream

logger = logging.getLogger(__name__)

_DESTROY = ns.qname(ns.MUC_USER, "destroy")


@dataclass(frozen=True, slots=True)
class Admission:
    """A moderator let us in, or the lobby was switched off while we waited.

    Args:
        password: That the invitation brought for the room, or empty.
    """

    password: str = ""


class Lobby:
    """One place where to wait. The stream's reader hands every presence and message to `notice`.

    Args:
        stream: Logged in.
        room: The room that we want into.
        name: Display name that the moderator reads.
    """

    def __init__(self, stream: XmppStream, room: Jid, *, name: str) -> None:
        self._stream = stream
        self._room = room
        self._name = name
        self._seat: Jid | None = None
        self._verdict: asyncio.Future[Admission] | None = None

    async def wait(self, address: Jid, nick: str, *, timeout_s: float) -> Admission:
        """Knock and wait; leaves the lobby in any case.

        Args:
            address: Of the lobby.
            nick: As in the room.
            timeout_s: How long a moderator may take.

        Raises:
            LobbyDeniedError: A moderator turned us away.
            LobbyTimeoutError: Nobody decided in time.
            RefusedError: Not even the lobby lets us in, or the meeting ended meanwhile.
            NetworkError: The stream is over.
        """
        self._seat = address.with_resource(nick)
        self._verdict = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout_s):
                await self._stream.send(Presence(to=self._seat, children=self._knock()))
                return await self._verdict
        except TimeoutError as error:
            raise LobbyTimeoutError(
                f"Nobody let us in from the lobby within {timeout_s / 60:.0f} minutes.",
                hint="Ask a moderator to look at the lobby, then join again.",
            ) from error
        finally:
            seat, self._seat, self._verdict = self._seat, None, None
            with suppress(NetworkError):
                await self._stream.send(Presence(type=PresenceType.UNAVAILABLE, to=seat))

    def notice(self, stanza: Stanza) -> None:
        """Take in what may be the verdict."""
        if self._verdict is None or self._verdict.done() or self._seat is None or stanza.sender is None:
            return
        match stanza:
            case Message() if stanza.sender == self._room:
                self._invited(stanza, self._verdict)
            case Presence(type=PresenceType.ERROR) if stanza.sender.bare == self._seat.bare:
                self.fail(join_error(parse_error(stanza), has_password=False))
            case Presence(type=PresenceType.UNAVAILABLE) if stanza.sender == self._seat:
                self._removed(stanza, self._verdict)

    def fail(self, error: EyelineError) -> None:
        """There will be no verdict."""
        if self._verdict is not None and not self._verdict.done():
            self._verdict.set_exception(error)

    def _invited(self, message: Message, verdict: asyncio.Future[Admission]) -> None:
        user = message.child(ns.MUC_USER, "x")
        if user is not None and user.find(ns.qname(ns.MUC_USER, "invite")) is not None:
            verdict.set_result(Admission(user.findtext(ns.qname(ns.MUC_USER, "password"), "")))

    def _removed(self, presence: Presence, verdict: asyncio.Future[Admission]) -> None:
        user = presence.child(ns.MUC_USER, "x")
        closed = None if user is None else user.find(_DESTROY)
        if closed is not None and closed.get("jid") == str(self._room):
            logger.info("the lobby was switched off")
            verdict.set_result(Admission())
            return
        error = removal(presence)
        if isinstance(error, KickedError | BannedError) and "333" not in status_codes(presence):
            reason = "" if user is None else user.findtext(".//" + ns.qname(ns.MUC_USER, "reason"), "")
            said = f": {display_name(reason, '')}" if reason.strip() else ""
            error = LobbyDeniedError(
                f"A moderator turned us away in the lobby{said}.", hint="Ask a moderator before you knock again."
            )
        verdict.set_exception(error)

    def _knock(self) -> tuple[Element, ...]:
        name = Element(ns.qname(ns.NICK, "nick"))
        name.text = self._name
        return Element(ns.qname(ns.MUC, "x")), name
