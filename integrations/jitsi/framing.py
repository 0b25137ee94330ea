"""XMPP frames over one WebSocket (RFC 7395): elements in, elements out."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Protocol, Self
from xml.etree.ElementTree import Element

import aiohttp

from eyeline.integrations.errors import (
    ConnectionLostError,
    NotAMeetingServerError,
    ProtocolError,
    UnreachableError,
)
from eyeline.integrations.http_errors import HTTP_ERRORS, network_error
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.xml import parse_frame, serialize, split_name

_MAX_MESSAGE_BYTES = 4 * 2**20  # beyond, aiohttp ends the connection; up to it, a frame over our limits is dropped
_SUBPROTOCOL = "xmpp"
_HEARTBEAT_S = 10.0
_SEND_TIMEOUT_S = 10.0
_CLOSE_TIMEOUT_S = 0.5
_LOST_HINT = "Join again."


class XmppSocket(Protocol):
    """What carries the frames of a stream, whatever is below."""

    async def send(self, element: Element) -> None:
        """Send one element; raises a `NetworkError` when it cannot."""

    async def receive(self) -> Element:
        """The next element; raises a `NetworkError` at the end."""

    def drop(self) -> None:
        """Cut the connection without a word."""

    async def abandon(self) -> None:
        """As `drop`, and clean up."""

    async def close(self) -> None:
        """Say good-bye and close, in bounded time."""


class StreamEndedError(ConnectionLostError):
    """The server ended the stream on purpose: nothing is left to resume."""

    code = "stream_ended"


class FrameSocket:
    """One open WebSocket; one reader at a time."""

    def __init__(self, opened: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = opened

    @classmethod
    async def open(cls, url: str, http: aiohttp.ClientSession, *, host: str, timeout_s: float) -> Self:
        """Connect.

        Args:
            url: `ws` or `wss`; may hold a token, so it is never shown.
            http: Carries TLS settings and cookies.
            host: The server's name for messages.
            timeout_s: For the whole upgrade.

        Raises:
            UnreachableError: Unknown host, refused, time-out.
            CertificateError: The certificate is not trusted.
            NotAMeetingServerError: Something answers, but not XMPP over WebSocket.
        """
        try:
            async with asyncio.timeout(timeout_s):
                opened = await http.ws_connect(
                    url,
                    protocols=(_SUBPROTOCOL,),
                    heartbeat=_HEARTBEAT_S,
                    max_msg_size=_MAX_MESSAGE_BYTES,
                    timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_TIMEOUT_S),
                )
        except aiohttp.WSServerHandshakeError as error:
            status = error.status
        except HTTP_ERRORS as error:
            raise network_error(error, host) from None
        else:
            if opened.protocol == _SUBPROTOCOL:
                return cls(opened)
            await opened.close()
            status = 101
        # Outside of the except block: aiohttp's exception shows the URL, and with it the token.
        raise NotAMeetingServerError(
            f"{host} answers, but not with XMPP over WebSocket (HTTP {status}).",
            hint="The server may offer no WebSocket, or config.js names another address.",
        )

    async def send(self, element: Element) -> None:
        """Send one element.

        Raises:
            ConnectionLostError: The socket is closed, or the server stopped reading.
        """
        try:
            async with asyncio.timeout(_SEND_TIMEOUT_S):
                await self._socket.send_str(serialize(element))
        except TimeoutError as error:
            raise ConnectionLostError("The server stopped reading.", hint=_LOST_HINT) from error
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionLostError("The connection to the server is closed.", hint=_LOST_HINT) from error

    async def receive(self) -> Element:
        """The next element.

        Raises:
            TooLargeError: This frame is over a limit; the next one can be read.
            ProtocolError: A frame that is binary or not XMPP's XML.
            ConnectionLostError: The socket or the stream was closed, with the server's reason.
        """
        message = await self._socket.receive()
        match message.type:
            case aiohttp.WSMsgType.TEXT:
                return checked(parse_frame(message.data))
            case aiohttp.WSMsgType.BINARY:
                raise ProtocolError("The server sent a binary frame; XMPP is text.")
            case aiohttp.WSMsgType.ERROR if isinstance(message.data, aiohttp.WebSocketError):
                raise ProtocolError(f"The server broke the WebSocket protocol: {message.data}.")
        code = self._socket.close_code
        reason = f"closed with code {code}" if code else "broken off"
        raise ConnectionLostError(f"The connection to the server was {reason}.", hint=_LOST_HINT)

    def drop(self) -> None:
        """Cut the connection without a word, so that the server keeps the session for us."""
        connection = self._socket.get_extra_info("socket")
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    async def abandon(self) -> None:
        """Let go of it without a word to the server."""
        self.drop()
        await self._socket.close()

    async def close(self) -> None:
        """Say that the stream is over and close; takes at most about a second, whatever the server does."""
        if not self._socket.closed:
            try:
                async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                    await self.send(Element(ns.qname(ns.FRAMING, "close")))
            except (ConnectionLostError, TimeoutError):
                pass
        await self._socket.close()


def checked(element: Element) -> Element:
    """Let a frame through unless it ends the stream."""
    namespace, name = split_name(element.tag)
    if (namespace, name) == (ns.STREAMS, "error"):
        raise _stream_error(element)
    if (namespace, name) == (ns.FRAMING, "close"):
        raise StreamEndedError("The server closed the stream.", hint=_LOST_HINT)
    return element


def _stream_error(error: Element) -> StreamEndedError:
    names = [split_name(child.tag) for child in error]
    condition = next((name for space, name in names if space == ns.STREAM_ERRORS and name != "text"), "unknown")
    text = error.findtext(ns.qname(ns.STREAM_ERRORS, "text"), "")[:300]
    reason = f"{condition} ({text})" if text else condition
    return StreamEndedError(f"The server ended the stream: {reason}.", hint=_LOST_HINT)


def unanswered(step: str, timeout_s: float, hint: str = "Try again later.") -> UnreachableError:
    """The error for a step of the login that the server did not answer."""
    return UnreachableError(f"The server did not answer the {step} within {timeout_s:g} s.", hint=hint)
