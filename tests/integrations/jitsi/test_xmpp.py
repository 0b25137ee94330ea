from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from xml.etree.ElementTree import Element

import aiohttp
import pytest
from aiohttp import web
from jitsi.scripted_server import BIND, MECHANISMS, OPEN, SUCCESS, accept_xmpp, log_in, serving

from eyeline.config.errors import EyelineError
from eyeline.integrations.errors import (
    ConnectionLostError,
    LoginError,
    NotAMeetingServerError,
    ProtocolError,
    UnreachableError,
)
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.errors import NoReplyError, StanzaError
from eyeline.integrations.jitsi.framing import StreamEndedError
from eyeline.integrations.jitsi.inbox import MAX_STANZAS
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.negotiation import Login
from eyeline.integrations.jitsi.stanzas import Message, Stanza, iq_get
from eyeline.integrations.jitsi.xml import TooLargeError
from eyeline.integrations.jitsi.xmpp import XmppStream

Script = Callable[[web.WebSocketResponse], Awaitable[None]]
PING = Element(ns.qname(ns.PING, "ping"))
SERVER = Jid("meet.test")
FAILURE = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-allowed/><text>Not acceptable by exp</text></failure>"
STREAM_ERROR = (
    "<stream:error xmlns:stream='http://etherx.jabber.org/streams'>"
    "<system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
    "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>Received SIGTERM</text></stream:error>"
)


@asynccontextmanager
async def stream_to(
    script: Script, *, step_timeout_s: float = 5.0, token: str = "", ping_interval_s: float = 60.0
) -> AsyncIterator[XmppStream]:
    """A stream that is not entered yet, to a server that follows a script."""

    async def handler(request: web.Request) -> web.StreamResponse:
        socket = await accept_xmpp(request)
        await script(socket)
        return socket

    async with serving(handler) as origin, aiohttp.ClientSession() as http:
        url = f"{origin.replace('http', 'ws')}/xmpp-websocket?room=r&token={token}"
        yield XmppStream(
            url, Login("meet.test", bool(token), step_timeout_s), http=http, ping_interval_s=ping_interval_s
        )


def logged_in(after: Script) -> Script:
    async def script(socket: web.WebSocketResponse) -> None:
        await log_in(socket)
        await after(socket)

    return script


def saying(*frames: str | bytes) -> Script:
    async def script(socket: web.WebSocketResponse) -> None:
        for frame in frames:
            await (socket.send_bytes(frame) if isinstance(frame, bytes) else socket.send_str(frame))
        await socket.receive()

    return script


async def silence(socket: web.WebSocketResponse) -> None:
    async for _ in socket:
        pass


async def everything(stream: XmppStream) -> tuple[list[Stanza], EyelineError | None]:
    stanzas: list[Stanza] = []
    try:
        async for stanza in stream.incoming():
            stanzas.append(stanza)  # noqa: PERF401 - what came before the error counts
    except EyelineError as error:
        return stanzas, error
    return stanzas, None


async def test_logs_in_and_closes() -> None:
    closed = asyncio.Event()

    async def until_close(socket: web.WebSocketResponse) -> None:
        assert "urn:ietf:params:xml:ns:xmpp-framing" in await socket.receive_str()
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        closed.set()

    async with stream_to(logged_in(until_close)) as stream:
        async with stream:
            assert str(stream.jid) == "0123abcd-1111-4222-8333-444455556666@meet.test/res"
        async with asyncio.timeout(60):
            await closed.wait()
        assert await everything(stream) == ([], None)


@pytest.mark.parametrize(
    ("frames", "kind", "words"),
    [
        (["hello"], ProtocolError, "malformed"),
        ([b"\x00\x01"], ProtocolError, "binary"),
        (["<a>" + "b" * 300_000 + "</a>"], TooLargeError, "are allowed"),
        (["<!DOCTYPE a><a/>"], ProtocolError, "DTD"),
        ([MECHANISMS], ProtocolError, "where open was due"),
        ([OPEN, OPEN], ProtocolError, "where features was due"),
        ([OPEN, BIND], LoginError, "no way to log in"),
        ([OPEN, MECHANISMS.replace("ANONYMOUS", "PLAIN")], LoginError, "wants an account (PLAIN)"),
        ([OPEN, MECHANISMS, FAILURE], LoginError, "Not acceptable by exp"),
        ([OPEN, MECHANISMS, OPEN], ProtocolError, "where success was due"),
        ([OPEN, MECHANISMS, SUCCESS, OPEN, MECHANISMS], ProtocolError, "no resource"),
        ([OPEN, MECHANISMS, SUCCESS, OPEN, BIND, OPEN], ProtocolError, "bind"),
        ([OPEN, STREAM_ERROR], ConnectionLostError, "system-shutdown (Received SIGTERM)"),
        (["<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"], ConnectionLostError, "closed the stream"),
    ],
)
async def test_says_what_is_wrong_with_a_login(frames: list[str | bytes], kind: type[EyelineError], words: str) -> None:
    async with stream_to(saying(*frames)) as stream:
        with pytest.raises(kind) as caught:
            async with stream:
                pass
    assert words in caught.value.message
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("frames", "words"),
    [([], "opening"), ([OPEN, MECHANISMS], "login"), ([OPEN, MECHANISMS, SUCCESS, OPEN, BIND], "binding")],
)
async def test_every_step_has_its_own_time_limit(frames: list[str], words: str) -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        for frame in frames:
            await socket.send_str(frame)
        await silence(socket)

    async with stream_to(script, step_timeout_s=0.3, token="a.b.c") as stream:
        with pytest.raises(UnreachableError, match=words) as caught:
            async with stream:
                pass
    if words == "login":
        assert "room claim" in caught.value.hint


async def test_a_server_without_xmpp_is_no_meeting_server(http: aiohttp.ClientSession) -> None:
    async def page(_: web.Request) -> web.StreamResponse:
        return web.Response(text="<html/>")

    async def other_protocol(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.receive()
        return socket

    for handler in (page, other_protocol):
        async with serving(handler) as origin:
            stream = XmppStream(f"{origin.replace('http', 'ws')}/x?token=geheim", Login("meet.test"), http=http)
            with pytest.raises(NotAMeetingServerError) as caught:
                async with stream:
                    pass
        error: BaseException | None = caught.value
        while error is not None:  # a traceback shows the whole chain
            assert "geheim" not in str(error)
            error = error.__cause__ or error.__context__


async def test_a_dead_port_shows_no_token(http: aiohttp.ClientSession) -> None:
    stream = XmppStream("ws://127.0.0.1:9/x?token=geheim", Login("meet.test"), http=http)
    with pytest.raises(UnreachableError) as caught:
        async with stream:
            pass
    assert "geheim" not in str(caught.value)


async def test_replies_find_their_request_and_the_rest_comes_in() -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        request_id = (await socket.receive_str()).split('id="')[1].split('"')[0]
        for frame in (
            "<message xmlns='jabber:client' from='meet.test'/>",
            "<r xmlns='urn:xmpp:sm:3'/>",
            "<iq xmlns='jabber:client' type='result' id='unknown'/>",
            f"<iq xmlns='jabber:client' type='result' id='{request_id}' from='evil.test'><a xmlns='evil'/></iq>",
            f"<iq xmlns='jabber:client' type='result' id='{request_id}' from='Meet.Test'><a xmlns='good'/></iq>",
            f"<iq xmlns='jabber:client' type='result' id='{request_id}' from='meet.test'><a xmlns='late'/></iq>",
            "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
        ):
            await socket.send_str(frame)
        await socket.receive()

    async with stream_to(logged_in(script)) as stream, stream:
        reply = await stream.request(iq_get(SERVER, PING))
        assert reply.payload is not None
        assert reply.payload.tag == "{good}a"
        stanzas, error = await everything(stream)
    assert [type(stanza) for stanza in stanzas] == [Message]
    assert isinstance(error, ConnectionLostError)


async def test_a_reader_of_incoming_may_request() -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_str("<message xmlns='jabber:client' from='meet.test'/>")
        request_id = (await socket.receive_str()).split('id="')[1].split('"')[0]
        await socket.send_str(f"<iq xmlns='jabber:client' type='result' id='{request_id}'/>")
        await socket.receive()

    async with stream_to(logged_in(script)) as stream, stream:
        async for _ in stream.incoming():
            await stream.request(iq_get(SERVER, PING))
            break


async def test_requests_fail_each_in_its_own_way() -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.receive_str()
        request_id = (await socket.receive_str()).split('id="')[1].split('"')[0]
        await socket.send_str(
            f"<iq xmlns='jabber:client' type='error' id='{request_id}' from='meet.test'><error type='cancel'>"
            "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        )
        await socket.receive_str()
        await socket.close()

    async with stream_to(logged_in(script)) as stream, stream:
        with pytest.raises(NoReplyError, match=r"meet\.test did not answer within 0\.2 s"):
            await stream.request(iq_get(SERVER, PING), timeout_s=0.2)
        with pytest.raises(StanzaError, match="item-not-found"):
            await stream.request(iq_get(SERVER, PING))
        with pytest.raises(ConnectionLostError):
            await stream.request(iq_get(SERVER, PING))
        with pytest.raises(ConnectionLostError):
            await stream.send(Message(to=SERVER))


@pytest.mark.parametrize(
    ("frames", "kind", "words"),
    [
        ([STREAM_ERROR], StreamEndedError, "Received SIGTERM"),
        (["garbage"], ProtocolError, "malformed"),
        ([b"garbage"], ProtocolError, "binary"),
        (["<a>" + "b" * 5_000_000 + "</a>"], ProtocolError, "WebSocket protocol: "),
        (["<iq xmlns='jabber:client' type='odd' id='1'/>"], ProtocolError, "odd"),
        (["<message xmlns='jabber:client'/>"] * (MAX_STANZAS + 50), ProtocolError, "faster"),
    ],
    ids=["stream-error", "garbage", "binary", "huge", "odd-iq", "flood"],
)
async def test_says_why_a_stream_ended(frames: list[str | bytes], kind: type[EyelineError], words: str) -> None:
    async with stream_to(logged_in(saying(*frames))) as stream, stream:
        async with asyncio.timeout(60):
            if words == "faster":
                with pytest.raises(ProtocolError):  # nobody reads meanwhile
                    await stream.request(iq_get(SERVER, PING), timeout_s=60)
            _, error = await everything(stream)
    assert type(error) is kind
    assert error is not None
    assert words in error.message


async def test_a_server_that_answers_no_ping_is_lost() -> None:
    async with stream_to(logged_in(silence), ping_interval_s=0.2) as stream, stream, asyncio.timeout(60):
        _, error = await everything(stream)
    assert isinstance(error, ConnectionLostError)
    assert "does not answer" in error.message


async def test_closing_takes_no_longer_when_the_server_sleeps() -> None:
    async def deaf(_: web.WebSocketResponse) -> None:
        await asyncio.sleep(120)

    async with stream_to(logged_in(deaf)) as stream:
        async with asyncio.timeout(60):
            async with stream:
                pass
