"""XMPP over HTTP requests (XEP-0124, XEP-0206), for networks and proxies that let no WebSocket through.

At most two requests are under way: one that the server holds until it has something to say, and one that brings what we
have to say. Each has a number; answers are taken in the order of the numbers, and a request that failed is sent again
under its number, so that neither side loses or repeats a stanza.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import Self
from xml.etree.ElementTree import Element

import aiohttp

from eyeline.config.errors import NetworkError
from eyeline.integrations.errors import ConnectionLostError, NotAMeetingServerError, ProtocolError
from eyeline.integrations.http_errors import HTTP_ERRORS, network_error
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.framing import StreamEndedError, checked
from eyeline.integrations.jitsi.xml import MAX_FRAME_BYTES, parse_frame, serialize

logger = logging.getLogger(__name__)

_BODY = ns.qname(ns.HTTP_BIND, "body")
_OPEN = ns.qname(ns.FRAMING, "open")
_CLOSE = ns.qname(ns.FRAMING, "close")
_WAIT_S = 20
_ANSWER_TIMEOUT_S = _WAIT_S + 10
_PARALLEL = 2
_TRIES = 4
_FIRST_PAUSE_S = 0.5
_CLOSE_TIMEOUT_S = 0.5
_LOST_HINT = "Join again."
_MAX_RECEIVED = 2000


class BoshSocket:
    """One session; speaks the frames of RFC 7395, so that whoever uses it sees no difference. One reader at a time."""

    def __init__(self, url: str, http: aiohttp.ClientSession, host: str) -> None:
        self._url = url
        self._http = http
        self._host = host
        self._rid = secrets.randbelow(2**40) + 2**20
        self._sid = ""
        self._to = ""
        self._unsent: list[Element] = []
        self._restart = False
        self._received: asyncio.Queue[Element] = asyncio.Queue(_MAX_RECEIVED)
        self._error: NetworkError | None = None
        self._ended = asyncio.Event()
        self._changed = asyncio.Event()
        self._under_way: list[asyncio.Task[None]] = []
        self._pump: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, url: str, http: aiohttp.ClientSession, *, host: str) -> Self:
        """Make a session object; the first frame, `<open/>`, connects.

        Args:
            url: `http` or `https`; may hold a token, so it is never shown.
            http: Carries TLS settings and cookies.
            host: The server's name for messages.
        """
        return cls(url, http, host)

    async def send(self, element: Element) -> None:
        """Send one element; `<open/>` makes the session, and later begins the stream anew.

        Raises:
            NetworkError: There is no session, or it has ended.
        """
        if self._error is not None:
            raise ConnectionLostError(self._error.message, hint=_LOST_HINT)
        if element.tag != _OPEN:
            self._unsent.append(element)
        elif not self._sid:
            await self._create(element)
        else:
            self._restart = True
            self._put(Element(_OPEN))
        self._changed.set()

    async def receive(self) -> Element:
        """The next element.

        Raises:
            ProtocolError: The server sent what the protocol does not allow.
            ConnectionLostError: The session has ended.
        """
        waiting = asyncio.ensure_future(self._received.get())
        ended = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({waiting, ended}, return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                return checked(waiting.result())
        finally:
            waiting.cancel()
            ended.cancel()
        raise self._error or ConnectionLostError("The connection to the server is closed.", hint=_LOST_HINT)

    def drop(self) -> None:
        """Let go of the session without a word to the server."""
        self._end(ConnectionLostError("The connection to the server was let go.", hint=_LOST_HINT))

    async def abandon(self) -> None:
        """As `drop`, and wait until nothing is under way any more."""
        self.drop()
        await self._stop()

    async def close(self) -> None:
        """End the session; takes at most about a second, whatever the server does."""
        if self._sid and self._error is None:
            goodbye = self._body({"type": "terminate"}, [each for each in self._unsent if each.tag != _CLOSE])
            self._unsent = []
            try:
                async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                    await self._post(goodbye)
            except (NetworkError, TimeoutError):
                pass
        await self.abandon()

    async def _create(self, header: Element) -> None:
        self._to = header.get("to", "")
        answer = await self._post(
            self._body(
                {
                    "to": self._to,
                    "ver": "1.6",
                    "wait": str(_WAIT_S),
                    "hold": "1",
                    "content": "text/xml; charset=utf-8",
                    ns.qname(ns.XBOSH, "version"): "1.0",
                }
            )
        )
        self._sid = answer.get("sid", "")
        self._put(Element(_OPEN))
        self._take(answer)
        if not self._sid and self._error is None:
            raise NotAMeetingServerError(f"{self._host} answers, but not with XMPP over HTTP.")
        self._pump = asyncio.create_task(self._run(), name="bosh")

    async def _run(self) -> None:
        """Keep a request under way, and a second one when there is something to say."""
        previous: asyncio.Task[None] | None = None
        while self._error is None:
            self._changed.clear()
            self._under_way = [task for task in self._under_way if not task.done()]
            has_news = bool(self._unsent) or self._restart
            if not self._under_way or (has_news and len(self._under_way) < _PARALLEL):
                previous = asyncio.create_task(self._exchange(self._next_body(), previous), name="bosh request")
                self._under_way.append(previous)
                continue
            await self._changed.wait()

    def _next_body(self) -> Element:
        if self._restart:  # what is said after it belongs to the new stream
            self._restart = False
            return self._body({"to": self._to, ns.qname(ns.XBOSH, "restart"): "true"})
        said, self._unsent = self._unsent, []
        return self._body({}, said)

    def _body(self, attributes: dict[str, str], children: list[Element] | None = None) -> Element:
        self._rid += 1
        known = {"sid": self._sid} if self._sid else {}
        body = Element(_BODY, {"rid": str(self._rid), **known, **attributes})
        body.extend(children or [])
        return body

    async def _exchange(self, body: Element, previous: asyncio.Task[None] | None) -> None:
        try:
            answer = await self._patiently(body)
            if previous is not None:
                await asyncio.wait({previous})
            self._take(answer)
        except NetworkError as error:
            self._end(error)
        except Exception:
            logger.exception("a request of the stream failed")
            self._end(ConnectionLostError("A request to the server failed.", hint=_LOST_HINT))
        finally:
            self._changed.set()

    async def _patiently(self, body: Element) -> Element:
        """Send a request, again under the same number when the network lost it."""
        pause_s = _FIRST_PAUSE_S
        for attempt in range(1, _TRIES + 1):
            try:
                return await self._post(body)
            except (NotAMeetingServerError, ProtocolError):
                raise
            except NetworkError as error:
                if attempt == _TRIES:
                    raise ConnectionLostError(error.message, hint=_LOST_HINT) from error
                await asyncio.sleep(pause_s)
                pause_s *= 2
        raise AssertionError

    async def _post(self, body: Element) -> Element:
        timeout = aiohttp.ClientTimeout(total=_ANSWER_TIMEOUT_S)
        headers = {"Content-Type": "text/xml; charset=utf-8"}
        try:
            async with self._http.post(
                self._url, data=serialize(body), headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                status = response.status
                data = await response.content.read(MAX_FRAME_BYTES + 1)
                while len(data) <= MAX_FRAME_BYTES and (more := await response.content.read(MAX_FRAME_BYTES)):
                    data += more
        except HTTP_ERRORS as error:
            raise network_error(error, self._host) from None
        if status != 200:
            raise self._refusal(status)
        answer = parse_frame(data.decode("utf-8", "replace"))
        if answer.tag != _BODY:
            raise NotAMeetingServerError(f"{self._host} answers, but not with XMPP over HTTP.")
        return answer

    def _refusal(self, status: int) -> NetworkError:
        if not self._sid:
            return NotAMeetingServerError(f"{self._host} answers, but not with XMPP over HTTP (HTTP {status}).")
        if status >= 500:
            return ConnectionLostError(f"The server answers with HTTP {status}.", hint=_LOST_HINT)
        return ProtocolError(f"The server refused a request of the stream (HTTP {status}).")

    def _take(self, answer: Element) -> None:
        for child in answer:
            self._put(child)
        if answer.get("type") in ("terminate", "terminal"):
            condition = answer.get("condition", "")[:80]
            reason = f": {condition}" if condition else ""
            self._end(StreamEndedError(f"The server ended the stream{reason}.", hint=_LOST_HINT))

    def _put(self, element: Element) -> None:
        try:
            self._received.put_nowait(element)
        except asyncio.QueueFull:
            self._end(ProtocolError(f"More than {_MAX_RECEIVED} stanzas came faster than they could be read."))

    def _end(self, error: NetworkError) -> None:
        if self._error is None:
            self._error = error
            self._ended.set()
            self._changed.set()

    async def _stop(self) -> None:
        tasks = [*self._under_way, *([self._pump] if self._pump else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
