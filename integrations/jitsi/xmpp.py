"""An XMPP client stream over WebSocket (RFC 7395) or BOSH, as small as a meeting needs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from itertools import cycle
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import Element

import aiohttp

from eyeline.config.errors import NetworkError, RefusedError
from eyeline.integrations.errors import CertificateError, ConnectionLostError, ProtocolError
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.bosh import BoshSocket
from eyeline.integrations.jitsi.errors import NoReplyError, StanzaError
from eyeline.integrations.jitsi.framing import FrameSocket, StreamEndedError, XmppSocket
from eyeline.integrations.jitsi.inbox import Inbox
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.negotiation import Login, NotResumedError, negotiate, renegotiate
from eyeline.integrations.jitsi.stanzas import Iq, IqType, Stanza, iq_get, parse_error, parse_stanza
from eyeline.integrations.jitsi.stream_management import StreamManagement, ask
from eyeline.integrations.jitsi.xml import TooLargeError
from eyeline.integrations.pauses import pause, pauses_s

logger = logging.getLogger(__name__)

REPLY_TIMEOUT_S = 10.0
PING_INTERVAL_S = 10.0
CHECK_TIMEOUT_S = 2.0
_CONNECT_S = (2.0, 2.0, 5.0)  # a try that began without a network may not see its return for seconds


@dataclass(frozen=True, slots=True)
class _Pending:
    """A request under way: who may answer it, and who waits."""

    to: Jid | None
    reply: asyncio.Future[Iq]


class XmppStream:
    """A logged-in stream. Entering connects and logs in; leaving the block closes.

    Replies are matched to requests inside the reading task, so whoever consumes `incoming` may await `request`.

    A connection that breaks is opened again, and the session goes on where the server keeps it (XEP-0198): what is sent
    meanwhile waits, and nobody who reads `incoming` notices.

    Args:
        url: `ws` or `wss`, or `http` or `https` for BOSH, with the room and the token in its query.
        login: Where and how to log in.
        http: Carries TLS settings and cookies; not closed here.
        ping_interval_s: How often to ask the server whether it is there, and how long it may take to answer.
        on_connection: Told `False` when the connection broke and is being opened again, `True` when that is done.
    """

    def __init__(
        self,
        url: str,
        login: Login,
        *,
        http: aiohttp.ClientSession,
        ping_interval_s: float = PING_INTERVAL_S,
        on_connection: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self._url = url
        self._login = login
        self._http = http
        self._ping_interval_s = ping_interval_s
        self._on_connection = on_connection
        self._management: StreamManagement | None = None
        self._connected = asyncio.Event()
        self._host = urlsplit(url).hostname or ""
        self._inbox = Inbox()
        self._pending: dict[str, _Pending] = {}
        self._lost: NetworkError | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._socket: XmppSocket
        self.jid: Jid

    async def __aenter__(self) -> Self:
        """Connect, log in, bind.

        Raises:
            NetworkError: See `FrameSocket.open` and `negotiate`.
            LoginError: The server wants an account or refused the token.
        """
        self._socket = await self._open(self._url, self._login.step_timeout_s)
        try:
            bound = await negotiate(self._socket, self._login)
        except BaseException:
            await self._socket.close()
            raise
        self.jid, self._management = bound.jid, bound.management
        self._connected.set()
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

    async def _open(self, url: str, timeout_s: float) -> XmppSocket:
        if urlsplit(url).scheme in ("http", "https"):
            return await BoshSocket.open(url, self._http, host=self._host)
        return await FrameSocket.open(url, self._http, host=self._host, timeout_s=timeout_s)

    async def send(self, stanza: Stanza) -> None:
        """Send a stanza and expect nothing.

        Raises:
            ConnectionLostError: The stream is over.
        """
        if self._lost is not None:
            raise ConnectionLostError(self._lost.message, hint=self._lost.hint)
        if self._management is None:
            await self._socket.send(stanza.to_xml())
            return
        if self._management.full:
            self._end(ConnectionLostError("The server confirms nothing any more.", hint="Join again."))
            raise ConnectionLostError("The server confirms nothing any more.", hint="Join again.")
        is_time_to_ask = self._management.sending(stanza)
        if not self._connected.is_set():
            return  # it is sent when the session is resumed
        try:
            await self._socket.send(stanza.to_xml())
            if is_time_to_ask:
                await self._socket.send(ask())
        except ConnectionLostError:
            if not self._management.resume_id:
                raise

    async def sent(self) -> None:
        """Wait until what was said so far has been sent, which takes a connection."""
        await self._connected.wait()

    async def check(self, *, timeout_s: float = CHECK_TIMEOUT_S) -> None:
        """See at once whether the connection still stands, and open another one if not: the network has changed."""
        if not self._connected.is_set() or self._lost is not None:
            return
        try:
            await self._ping_once(timeout_s)
        except NoReplyError:
            logger.info("the connection does not stand any more")
            self._socket.drop()
        except NetworkError as error:
            logger.debug("checked a stream that is over: %s", error)

    async def renew(self) -> None:
        """Go on by another connection at once: the network was away or is another one, and this one may be half-open.

        A server that keeps our session notices nothing of it; with any other the connection is checked first.
        """
        if self._management is None or not self._management.resume_id:
            await self.check(timeout_s=CHECK_TIMEOUT_S / 2)
        elif self._connected.is_set():
            self._socket.drop()

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
            reply = await self._answer(pending.reply, timeout_s)
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

    async def _answer(self, reply: asyncio.Future[Iq], timeout_s: float) -> Iq:
        """Wait for a reply; the time in which there is no connection does not count.

        Raises:
            TimeoutError: None came in time.
        """
        while not reply.done():
            had_connection = self._connected.is_set()
            connected = asyncio.ensure_future(self._connected.wait())
            awaited: set[asyncio.Future[Any]] = {reply} if had_connection else {reply, connected}
            try:
                done, _ = await asyncio.wait(
                    awaited, timeout=timeout_s if had_connection else None, return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                connected.cancel()
            if not done and self._connected.is_set():
                raise TimeoutError
        return reply.result()

    async def _read(self) -> None:
        try:
            while True:
                try:
                    await self._read_connection()
                except ConnectionLostError as error:
                    await self._resume(error)
        except NetworkError as error:
            self._end(error)
        except RefusedError as error:  # of a login that was good before
            self._end(ConnectionLostError(error.message, hint="Join again."))
        except Exception:
            logger.exception("the reading task failed")
            self._end(ConnectionLostError("Reading from the server failed.", hint="Join again."))

    async def _read_connection(self) -> None:
        while True:
            await asyncio.sleep(0)  # a flood that lies in the socket already must not keep the consumer from its work
            try:
                element = await self._socket.receive()
            except TooLargeError as error:
                logger.warning("%s It is dropped.", error.message)
                if self._management is not None:
                    self._management.received()
                continue
            stanza = parse_stanza(element)
            if stanza is None:
                await self._manage(element)
                continue
            if self._management is not None:
                self._management.received()
            if isinstance(stanza, Iq) and stanza.type in (IqType.RESULT, IqType.ERROR):
                self._resolve(stanza)
            else:
                self._inbox.put(stanza)

    async def _manage(self, element: Element) -> None:
        """Answer what belongs to stream management; everything else that is no stanza is not for us."""
        if self._management is None:
            return
        if element.tag == ns.qname(ns.SM, "r"):
            await self._socket.send(self._management.answer())
        elif element.tag == ns.qname(ns.SM, "a"):
            self._management.confirm(element)

    async def _resume(self, lost: ConnectionLostError) -> None:
        """Go on with the session on another connection.

        Raises:
            NetworkError: There is nothing to go on with, or it did not work in time.
        """
        management = self._management
        if management is None or not management.resume_id or isinstance(lost, StreamEndedError):
            raise lost
        logger.info("%s Resuming.", lost.message)
        self._connected.clear()
        self._on_connection(False)
        await self._socket.abandon()
        try:
            async with asyncio.timeout(management.limit_s):
                while not await self._reconnect(management):
                    pass
        except TimeoutError:
            raise lost from None
        self._connected.set()
        self._on_connection(True)

    async def _reconnect(self, management: StreamManagement) -> bool:
        """Try until a connection stands, and send what the server lacks; `False` when it broke meanwhile.

        The id has to be in the URL, too: a guest has no account, and is known again by nothing else.
        """
        separator = "&" if "?" in self._url else "?"
        url = f"{self._url}{separator}previd={quote(management.resume_id, safe='')}"
        pauses, patience_s = pauses_s(), cycle(_CONNECT_S)
        while True:
            try:
                socket = await self._open(url, min(next(patience_s), self._login.step_timeout_s))
                try:
                    await renegotiate(socket, self._login, management)
                except BaseException:
                    await socket.abandon()
                    raise
            except (NotResumedError, ProtocolError, CertificateError):
                raise
            except NetworkError as error:
                logger.info("not connected yet: %s", error.message)
                await pause(next(pauses))
            else:
                self._socket = socket
                return await self._catch_up(management)

    async def _catch_up(self, management: StreamManagement) -> bool:
        """Send what the server has not confirmed, and what was said meanwhile."""
        number = 0
        try:
            while number < len(management.unconfirmed):
                await self._socket.send(management.unconfirmed[number].to_xml())
                number += 1
        except ConnectionLostError:
            return False
        return True

    def _resolve(self, reply: Iq) -> None:
        pending = self._pending.get(reply.id)
        if pending is None or pending.reply.done() or not _may_answer(reply.sender, pending.to):
            logger.debug("ignored a reply that nobody waits for, from %s", reply.sender)
            return
        pending.reply.set_result(reply)

    async def _ping(self) -> None:
        """Notice a dead connection (XEP-0199): a half-open one stays silent for minutes otherwise."""
        try:
            while True:
                await asyncio.sleep(self._ping_interval_s)
                await self._connected.wait()
                try:
                    await self._ping_once(self._ping_interval_s)
                except NoReplyError:
                    lost = ConnectionLostError("The server does not answer any more.", hint="Join again.")
                    if self._management is None or not self._management.resume_id:
                        raise lost from None
                    self._socket.drop()
        except NetworkError as error:
            self._end(error)

    async def _ping_once(self, timeout_s: float) -> None:
        try:
            await self.request(iq_get(Jid(self._login.domain), Element(ns.qname(ns.PING, "ping"))), timeout_s=timeout_s)
        except StanzaError as error:
            logger.debug("the server refuses pings, which is an answer too: %s", error)

    def _end(self, error: NetworkError | None) -> None:
        """Stop for good: fail what waits. Only the first reason counts."""
        if self._lost is not None:
            return
        self._lost = error or ConnectionLostError("We closed the stream.")
        self._connected.clear()
        self._inbox.end(error)
        for pending in self._pending.values():
            if not pending.reply.done():
                pending.reply.set_exception(self._lost)
                pending.reply.exception()  # marks it as seen: a request that timed out has no reader any more


def _may_answer(sender: Jid | None, asked: Jid | None) -> bool:
    """RFC 6120, section 8.1.2.1: a reply comes from the one asked, and the server may leave itself out."""
    return sender is None or asked is None or str(sender).casefold() == str(asked).casefold()
