"""Asking the focus (jicofo) to open a room and to invite us, before the room is joined.

There are two forms of the request. HTTP works before a login but carries no identity: with authentication switched on
jicofo answers it with 400, whatever comes. The IQ works always where the server routes it. So each falls back to the
other, and a token asks by IQ first.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eyeline.config.errors import NetworkError
from eyeline.integrations.errors import (
    ModeratorTimeoutError,
    NotAdmittedError,
    NotAMeetingServerError,
    ProtocolError,
    UnreachableError,
)
from eyeline.integrations.events import Waiting, WaitingFor
from eyeline.integrations.http_errors import HTTP_ERRORS
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.errors import NoReplyError, StanzaError
from eyeline.integrations.jitsi.fields import first_problem
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.patience import Patience
from eyeline.integrations.jitsi.stanzas import iq_set, new_id
from eyeline.integrations.jitsi.xmpp import XmppStream

logger = logging.getLogger(__name__)

_MAX_REPLY_BYTES = 65536
_HTTP_TIMEOUT_S = 10.0
_PROPERTIES: dict[str, bool | int] = {"rtcstatsEnabled": False, "visitors-version": 1}


@dataclass(frozen=True, slots=True)
class ConferenceTicket:
    """What the focus answered.

    Args:
        room: The room's address as the focus writes it; that is the one to join.
        focus: The focus's own address.
        ready: Whether the room is open.
        authentication: Whether the server has moderators who log in.
        visitors_only: Whether there are seats for viewers only.
    """

    room: Jid
    focus: Jid | None
    ready: bool
    authentication: bool = False
    visitors_only: bool = False


class _Reply(BaseModel):
    """The JSON form of the answer."""

    model_config = ConfigDict(extra="ignore")

    room: str = Field(max_length=2048)
    ready: bool
    focus_jid: str = Field("", alias="focusJid", max_length=2048)
    properties: dict[str, str] = Field(default_factory=dict)
    vnode: str | None = None

    def ticket(self) -> ConferenceTicket:
        return ConferenceTicket(
            Jid.parse(self.room),
            Jid.parse(self.focus_jid) if self.focus_jid else None,
            self.ready,
            self.properties.get("authentication") == "true",
            bool(self.vnode),
        )


def read_reply(data: str | bytes) -> ConferenceTicket:
    """Read the answer to a request by HTTP.

    Raises:
        ProtocolError: It is malformed.
    """
    try:
        return _Reply.model_validate_json(data).ticket()
    except ValidationError as error:
        raise ProtocolError(f"The focus sent a malformed answer: {first_problem(error)}.") from error


class ModeratorNeededError(NotAdmittedError):
    """Only a moderator may open this room, and none has yet."""

    code = "moderator_needed"


@dataclass(frozen=True, slots=True)
class ConferenceRequest:
    """One request, to be asked as often as it takes.

    Args:
        room: The room to open.
        stream: For the IQ form.
        focus: Where the IQ form goes.
        http: For the HTTP form.
        http_url: Where the HTTP form goes, or empty.
        token: JSON Web Token, or empty.
        has_account: Whether we are logged in with an account, of which only the IQ form tells the focus.
        machine_uid: Constant for the whole membership; the focus ties its sessions to it.
    """

    room: Jid
    stream: XmppStream
    focus: Jid
    http: aiohttp.ClientSession
    http_url: str = ""
    token: str = field(default="", repr=False)
    has_account: bool = False
    machine_uid: str = field(default_factory=new_id)

    async def obtain(self, on_waiting: Callable[[Waiting], None], patience: Patience | None = None) -> ConferenceTicket:
        """Ask until the room is open.

        Args:
            on_waiting: Told once for each thing that is waited for.
            patience: How long to ask again.

        Raises:
            ModeratorTimeoutError: No moderator opened the room in time.
            UnreachableError: The focus did not get ready in time.
            NotAMeetingServerError: Nobody answers conference requests there.
            StanzaError: The focus refuses the room.
        """
        patience = patience or Patience()
        try:
            async with asyncio.timeout(patience.people_limit_s):
                return await self._until_open(on_waiting, patience)
        except TimeoutError as error:
            raise ModeratorTimeoutError(
                "No moderator opened the room in time.", hint="Ask a moderator to start the meeting, then join again."
            ) from error

    async def _until_open(self, on_waiting: Callable[[Waiting], None], patience: Patience) -> ConferenceTicket:
        told = False
        while True:
            try:
                return await self._until_ready(on_waiting, patience)
            except ModeratorNeededError:
                if not told:
                    on_waiting(Waiting("waiting for a moderator to open the room", WaitingFor.MODERATOR))
                    told = True
                await asyncio.sleep(patience.moderator_retry_s)

    async def _until_ready(self, on_waiting: Callable[[Waiting], None], patience: Patience) -> ConferenceTicket:
        pause_s, waited_s = patience.first_retry_s, 0.0
        while not (ticket := await self.ask()).ready:
            if waited_s >= patience.ready_limit_s:
                raise UnreachableError("The server's focus does not get ready.", hint="Try again in a few minutes.")
            if not waited_s:
                on_waiting(Waiting("waiting for the server to get ready"))
            await asyncio.sleep(pause_s)
            waited_s += pause_s
            pause_s = min(pause_s * 1.5, patience.longest_retry_s)
        return ticket

    async def ask(self) -> ConferenceTicket:
        """Ask once, in one form and then the other.

        Raises:
            ModeratorNeededError: A moderator has to open the room first.
            NotAMeetingServerError: Nobody answers conference requests there.
            StanzaError: The focus refuses the room.
        """
        iq_first = bool(self.token) or self.has_account
        if self.http_url and not iq_first and (ticket := await self._ask_by_http()):
            return ticket
        try:
            return await self._ask_by_iq()
        except (StanzaError, NoReplyError) as error:
            if isinstance(error, StanzaError):
                _refuse(error)
            if self.http_url and iq_first and (ticket := await self._ask_by_http()):
                return ticket
            raise NotAMeetingServerError(
                f"Nobody opens rooms at {self.focus}: {error.message}",
                hint="The server may be down or set up otherwise.",
            ) from error

    async def _ask_by_http(self) -> ConferenceTicket | None:
        """The answer, or `None` when this form does not work here."""
        body = {"room": str(self.room), "machineUid": self.machine_uid, "properties": _PROPERTIES}
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        timeout = aiohttp.ClientTimeout(total=_HTTP_TIMEOUT_S)
        try:
            async with self.http.post(
                self.http_url, json=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                data = await response.content.read(_MAX_REPLY_BYTES) if response.status == 200 else b""
            if not data:
                logger.info("the conference request by HTTP was answered with %d; asking by IQ", response.status)
                return None
            return read_reply(data)
        except (*HTTP_ERRORS, NetworkError) as error:
            logger.info("the conference request by HTTP failed (%s); asking by IQ", type(error).__name__)
            return None

    async def _ask_by_iq(self) -> ConferenceTicket:
        conference = Element(
            ns.qname(ns.FOCUS, "conference"), {"room": str(self.room), "machine-uid": self.machine_uid}
        )
        for name, value in _PROPERTIES.items():
            SubElement(conference, ns.qname(ns.FOCUS, "property"), {"name": name, "value": str(value).lower()})
        reply = await self.stream.request(iq_set(self.focus, conference))
        answer = reply.child(ns.FOCUS, "conference")
        if answer is None:
            raise NotAMeetingServerError(f"{self.focus} answered a conference request with something else.")
        properties = {p.get("name"): p.get("value") for p in answer.iter(ns.qname(ns.FOCUS, "property"))}
        focus = answer.get("focusjid")
        return ConferenceTicket(
            Jid.parse(answer.get("room") or str(self.room)),
            Jid.parse(focus) if focus else None,
            answer.get("ready") == "true",
            properties.get("authentication") == "true",
            bool(answer.get("vnode")),
        )


def _refuse(error: StanzaError) -> None:
    """Raise what a refusal by the focus means, unless it means that nobody is there."""
    match error.condition:
        case "not-authorized":
            raise ModeratorNeededError(
                "Only a moderator may open this room.", hint="Ask a moderator to start the meeting."
            ) from error
        case "service-unavailable" | "item-not-found" | "remote-server-not-found" | "remote-server-timeout":
            return
        case "not-allowed":  # Prosody's word for a domain that it does not serve
            return
    raise error
