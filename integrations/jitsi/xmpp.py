"""An XMPP client stream over WebSocket (RFC 7395), as small as a meeting needs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import aiohttp

from eyeline.config.errors import NetworkError
from eyeline.integrations.errors import ConnectionLostError
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.errors import NoReplyError, StanzaError
from eyeline.integrations.jitsi.framing import FrameSocket
from eyeline.integrations.jitsi.inbox import Inbox
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.negotiation import Login, negotiate
from eyeline.integrations.jitsi.stanzas import Iq, IqType, Stanza, iq_get, parse_error, parse_stanza

logger = logging.getLogger(__name__)

REPLY_TIMEOUT_S = 10.0
PING_INTERVAL_S = 10.0


@dataclass(frozen=True, slots=True)
class _Pending:
    """A request under way: who may answer it, and who waits."""

    to: Jid | None
    reply: asyncio.Future[Iq]


class XmppStream:
    """A logged-in stream. Entering connects and logs in; leaving the block closes.

    Replies are matched to requests inside the reading task, so whoever consumes `incoming` may await `request`.

    Args:
        url: `ws` or `wss`, with the room and the token in its query.
        login: Where and how to log in.
        http: Carries TLS settings and cookies; not closed here.
        ping_interval_s: How often to ask the server whether it is there, and how long it may take to answer.
    """

    def __init__(
        self, url: str, login: Login, *, http: aiohttp.ClientSession, ping_interval_s: float = PING_INTERVAL_S
    ) -> None:
        self._url = url
        self._login = login
        self._http = http
        self._ping_interval_s = ping_interval_s
        self._host = urlsplit(url).hostname or ""
        self._inbox = Inbox()
        self._pending: dict[str, _Pending] = {}
        self._lost: NetworkError | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._socket: FrameSocket
        self.jid: Jid

    async def __aenter__(self) -> Self:
        """Connect, log in, bind.

        Raises:
            NetworkError: See `FrameSocket.open` and `negotiate`.
            LoginError: The server wants an account or refused the token.
        """
        timeout_s = self._login.step_timeout_s
        self._socket = await FrameSocket.open(self._url, self._http, host=self._host, timeout_s=timeout_s)
        try:
            self.jid = await negotiate(self._socket, self._login)
        except BaseException:
            await self._socket.close()
            raise
        self._tasks = [
            asyncio.create_task(self._read(), name="xmpp reader"),
            asyncio.create_task(self._ping(), name="xmpp ping"),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close, whatever the server does."""
        self._end(None)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._socket.close()

    async def send(self, stanza: Stanza) -> None:
        """Send a stanza and expect nothing.

        Raises:
            ConnectionLostError: The stream is over.
        """
        if self._lost is not None:
            raise ConnectionLostError(self._lost.message, hint=self._lost.hint)
        await self._socket.send(stanza.to_xml())

    async def request(self, iq: Iq, *, timeout_s: float = REPLY_TIMEOUT_S) -> Iq:
        """Send an IQ and wait for its result.

        Raises:
            StanzaError: The other side answered with an error.
            NoReplyError: No answer in time.
            NetworkError: The stream ended meanwhile.
        """
        pending = _Pending(iq.to, asyncio.get_running_loop().create_future())
        self._pending[iq.id] = pending
        try:
            async with asyncio.timeout(timeout_s):
                await self.send(iq)
                reply = await pending.reply
        except TimeoutError as error:
            raise NoReplyError(f"{iq.to or 'The server'} did not answer within {timeout_s:g} s.") from error
        finally:
            del self._pending[iq.id]
        if reply.type is IqType.ERROR:
            raise parse_error(reply)
        return reply

    async def incoming(self) -> AsyncIterator[Stanza]:
        """Every stanza that is not the reply to a request. One reader, who answers requests too.

        Raises:
            NetworkError: The stream ended, and why. Not raised when we closed it ourselves.
        """
        while (stanza := await self._inbox.get()) is not None:
            yield stanza

    async def _read(self) -> None:
        try:
            while True:
                stanza = parse_stanza(await self._socket.receive())
                if isinstance(stanza, Iq) and stanza.type in (IqType.RESULT, IqType.ERROR):
                    self._resolve(stanza)
                elif stanza is not None:
                    self._inbox.put(stanza)
        except NetworkError as error:
            self._end(error)
        except Exception:
            logger.exception("the reading task failed")
            self._end(ConnectionLostError("Reading from the server failed.", hint="Join again."))

    def _resolve(self, reply: Iq) -> None:
        pending = self._pending.get(reply.id)
        if pending is None or pending.reply.done() or not _may_answer(reply.sender, pending.to):
            logger.debug("ignored a reply that nobody waits for, from %s", reply.sender)
            return
        pending.reply.set_result(reply)

    async def _ping(self) -> None:
        """Notice a dead connection (XEP-0199): a half-open one stays silent for minutes otherwise."""
        server = Jid(self._login.domain)
        try:
            while True:
                await asyncio.sleep(self._ping_interval_s)
                try:
                    await self.request(
                        iq_get(server, Element(ns.qname(ns.PING, "ping"))), timeout_s=self._ping_interval_s
                    )
                except StanzaError as error:
                    logger.debug("the server refuses pings, which is an answer too: %s", error)
        except NoReplyError:
            self._end(ConnectionLostError("The server does not answer any more.", hint="Join again."))
        except NetworkError as error:
            self._end(error)

    def _end(self, error: NetworkError | None) -> None:
        """Stop for good: fail what waits. Only the first reason counts."""
        if self._lost is not None:
            return
        self._lost = error or ConnectionLostError("We closed the stream.")
        self._inbox.end(error)
        for pending in self._pending.values():
            if not pending.reply.done():
                pending.reply.set_exception(self._lost)
                pending.reply.exception()  # marks it as seen: a request that timed out has no reader any more


def _may_answer(sender: Jid | None, asked: Jid | None) -> bool:
    """RFC 6120, section 8.1.2.1: a reply comes from the one asked, and the server may leave itself out."""
    return sender is None or asked is None or str(sender).casefold() == str(asked).casefold()
