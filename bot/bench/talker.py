"""Somebody who types: the smallest XMPP client that can log in, join and speak (RFC 7395, XEP-0045)."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from types import TracebackType
from typing import Final, Self
from xml.sax.saxutils import escape, quoteattr

import aiohttp

from eyeline.bot.bench.errors import BenchError
from eyeline.bot.bench.prosody import DOMAIN, ROOM

_FRAMING: Final = "urn:ietf:params:xml:ns:xmpp-framing"
_STEP_S: Final = 60.0
_LEAVE_S: Final = 1.0


class Talker:
    """One member of the room; an async context manager. What others say is read and forgotten, but for private lines.

    Args:
        websocket_url: Of the server.
        name: Display name.
    """

    def __init__(self, websocket_url: str, name: str) -> None:
        self._url = websocket_url
        self._name = name
        self.nick = secrets.token_hex(4)
        self.heard = 0
        self._nicks: dict[str, str] = {}
        self._met = asyncio.Event()
        self.answers: asyncio.Queue[str] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        """Log in and join.

        Raises:
            BenchError: The server does not let us.
        """
        self._http = aiohttp.ClientSession()
        try:
            async with asyncio.timeout(_STEP_S):
                await self._join()
        except (TimeoutError, aiohttp.ClientError) as error:
            await self._http.close()
            raise BenchError("The room of the measurement could not be joined.") from error
        self._reading = asyncio.create_task(self._read(), name="talker")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        with suppress(TimeoutError):  # a server that is behind takes what was said at its leisure
            async with asyncio.timeout(_LEAVE_S):
                await self._http.close()

    async def say(self, text: str) -> None:
        """Say a line to all."""
        await self._socket.send_str(_message("groupchat", ROOM, text))

    async def say_to(self, nick: str, text: str) -> None:
        """Say a line to one."""
        await self._socket.send_str(_message("chat", f"{ROOM}/{nick}", text))

    async def nick_of(self, name: str) -> str:
        """The nick of a member, once it is there."""
        while name not in self._nicks:
            self._met.clear()
            await self._met.wait()
        return self._nicks[name]

    async def _join(self) -> None:
        self._socket = await self._http.ws_connect(self._url, protocols=("xmpp",), max_msg_size=1 << 20)
        await self._begin()
        await self._ask("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>", "<success")
        await self._begin()
        bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
        await self._ask(f"<iq xmlns='jabber:client' type='set' id='b'>{bind}</iq>", "<jid>")
        muc = "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x>"
        nick = f"<nick xmlns='http://jabber.org/protocol/nick'>{escape(self._name)}</nick>"
        await self._ask(f"<presence xmlns='jabber:client' to='{ROOM}/{self.nick}'>{muc}{nick}</presence>", "'110'")

    async def _begin(self) -> None:
        await self._ask(f"<open xmlns='{_FRAMING}' to='{DOMAIN}' version='1.0'/>", "features")

    async def _ask(self, stanza: str, until: str) -> None:
        await self._socket.send_str(stanza)
        while until not in (text := (await self._socket.receive_str()).replace('"', "'")):
            self._note(text)

    async def _read(self) -> None:
        async for message in self._socket:
            text = message.data
            if "<message" in text[:10]:
                self.heard += 1
                if "type='chat'" in text[:400] or 'type="chat"' in text[:400]:
                    self.answers.put_nowait(text.partition("<body>")[2].partition("</body>")[0])
            else:
                self._note(text.replace('"', "'"))

    def _note(self, stanza: str) -> None:
        """Who else is there."""
        if stanza.startswith("<presence"):
            nick = stanza.partition(f"from='{ROOM}/")[2].partition("'")[0]
            name = stanza.partition("<nick ")[2].partition(">")[2].partition("<")[0]
            if nick and name:
                self._nicks[name] = nick
                self._met.set()


def _message(kind: str, to: str, text: str) -> str:
    body = f"<body>{escape(text)}</body>"
    return f"<message xmlns='jabber:client' type={quoteattr(kind)} to={quoteattr(to)}>{body}</message>"
