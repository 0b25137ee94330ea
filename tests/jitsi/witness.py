"""An independent member of a room: slixmpp, over TCP, with none of our code."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from jitsi.prosody_server import DOMAIN, Prosody
from slixmpp import JID, ClientXMPP
from slixmpp.xmlstream import ET
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

PATIENCE_S = 60.0


class Witness(ClientXMPP):
    """Logs in anonymously, joins rooms and notes what it hears."""

    def __init__(self) -> None:
        super().__init__(DOMAIN, "")
        self.enable_starttls = False
        self.enable_direct_tls = False
        self.enable_plaintext = True
        self.register_plugin("xep_0045")
        self.register_plugin("xep_0199")
        self.heard: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue()
        self.seen: asyncio.Queue[Any] = asyncio.Queue()
        self.started = asyncio.Event()
        self.add_event_handler("session_start", lambda _: self.started.set())
        self.add_event_handler("message", self._hear)
        self.commands: asyncio.Queue[Any] = asyncio.Queue()
        self.register_handler(
            Callback("commands", MatchXPath("{jabber:client}iq/{urn:xmpp:jingle:1}jingle"), self.commands.put_nowait)
        )
        self.register_handler(Callback("seen", MatchXPath("{jabber:client}presence"), self.seen.put_nowait))

    def _hear(self, message: Any) -> None:
        if message["body"]:
            self.heard.put_nowait((message["type"], message["from"].resource, message["body"]))

    async def enter(self, room: str, nick: str, **options: Any) -> None:
        """Join a room and wait until we are in."""
        await self.plugin["xep_0045"].join_muc_wait(JID(room), nick, maxstanzas=0, timeout=int(PATIENCE_S), **options)

    async def order(self, to: str, xml: str, kind: str = "set") -> Any:
        """Send an IQ with a payload and return the reply; raises slixmpp's `IqError` when refused."""
        iq = self.make_iq(ito=JID(to), itype=kind)
        iq.append(ET.fromstring(xml))
        return await iq.send(timeout=PATIENCE_S)

    async def configure(self, room: str, **values: str) -> None:
        """Set `muc#roomconfig_KEY` of a room that we own."""
        fields = "".join(
            f"<field var='muc#roomconfig_{key}'><value>{value}</value></field>" for key, value in values.items()
        )
        await self.order(
            room,
            "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>"
            "<field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>"
            f"{fields}</x></query>",
        )


@asynccontextmanager
async def witness(prosody: Prosody) -> AsyncIterator[Witness]:
    """A logged-in witness."""
    client = Witness()
    client.connect("127.0.0.1", prosody.c2s_port)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await client.started.wait()
        yield client
    finally:
        await client.disconnect(wait=0.5)
