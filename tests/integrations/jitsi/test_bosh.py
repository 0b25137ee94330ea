"""The way by HTTP requests, to a real Prosody and through a network that loses them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from jitsi.listening import PATIENCE_S, Joined
from jitsi.meet import Meet
from jitsi.prosody_server import DOMAIN, MUC, Prosody
from jitsi.scripted_server import serving
from jitsi.witness import witness

from eyeline.config.errors import EyelineError
from eyeline.integrations.errors import ConnectionLostError, NotAMeetingServerError, ProtocolError, UnreachableError
from eyeline.integrations.events import ChatReceived, Ended, ParticipantJoined
from eyeline.integrations.jitsi.deployment import DeploymentOverrides
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.negotiation import Login
from eyeline.integrations.jitsi.stanzas import Message
from eyeline.integrations.jitsi.xmpp import XmppStream

ROOM = f"daily@{MUC}"


class Proxy:
    """Passes requests on to Prosody, and loses some: before the server has seen them, or its answer."""

    def __init__(self, prosody: Prosody) -> None:
        self._url = f"http://127.0.0.1:{prosody.http_port}/http-bind"
        self.requests = 0
        self.lose_request: set[int] = set()
        self.lose_answer: set[int] = set()
        self.slow: set[int] = set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        number, body = self.requests, await request.read()
        if number in self.lose_request:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        async with aiohttp.ClientSession() as http, http.post(self._url, data=body) as response:
            text = await response.text()
        if number in self.slow:
            await asyncio.sleep(0.3)
        if number in self.lose_answer:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(text=text, status=response.status, content_type="text/xml")


@asynccontextmanager
async def proxied(prosody: Prosody) -> AsyncIterator[tuple[Proxy, str]]:
    proxy = Proxy(prosody)
    async with serving(proxy.handle) as origin:
        yield proxy, f"{origin}/http-bind"


def without_websocket(url: str) -> DeploymentOverrides:
    return DeploymentOverrides(websocket_url="ws://127.0.0.1:9/xmpp-websocket", bosh_url=url)


async def test_a_meeting_is_joined_by_http_where_no_websocket_opens(meet: Meet, prosody: Prosody) -> None:
    async with proxied(prosody) as (proxy, url), witness(prosody) as person:
        await person.enter(ROOM, "aaaaaaaa")
        async with Joined(meet.room_url(), "Ann", overrides=without_websocket(url)) as ann:
            assert (await ann.events.next(ParticipantJoined)).participant.id == "aaaaaaaa"
            await ann.meeting.send_chat("hello")
            async with asyncio.timeout(PATIENCE_S):
                assert (await person.heard.get())[2] == "hello"
            for number in range(5):
                person.send_message(mto=ROOM, mbody=f"line {number}", mtype="groupchat")
            assert [(await ann.events.next(ChatReceived)).text for _ in range(5)] == [f"line {n}" for n in range(5)]
            nick, asked = ann.nick, proxy.requests
            await asyncio.sleep(1.0)
            assert proxy.requests <= asked + 2  # it waits for answers and does not ask all the time
        async with asyncio.timeout(PATIENCE_S):
            while True:
                gone = await person.seen.get()
                if gone["from"] == f"{ROOM}/{nick}" and gone["type"] == "unavailable":
                    break
        assert await ann.events.ended() == Ended(None)


async def test_lost_requests_and_answers_lose_and_repeat_nothing(meet: Meet, prosody: Prosody) -> None:
    async with proxied(prosody) as (proxy, url), witness(prosody) as person:
        await person.enter(ROOM, "aaaaaaaa")
        async with Joined(meet.room_url(), "Ann", overrides=without_websocket(url)) as ann:
            await ann.events.next(ParticipantJoined)
            proxy.lose_request = {proxy.requests + 1, proxy.requests + 4}
            proxy.lose_answer = {proxy.requests + 2, proxy.requests + 6}
            for number in range(6):
                await ann.meeting.send_chat(f"line {number}")
                person.send_message(mto=ROOM, mbody=f"answer {number}", mtype="groupchat")
            async with asyncio.timeout(PATIENCE_S):
                heard = [await person.heard.get() for _ in range(12)]
            said = [text for _, nick, text in heard if nick == ann.nick]
            assert said == [f"line {number}" for number in range(6)]
            answers = [(await ann.events.next(ChatReceived)).text for _ in range(6)]
            assert answers == [f"answer {number}" for number in range(6)]


async def test_answers_that_overtake_each_other_are_taken_in_order(meet: Meet, prosody: Prosody) -> None:
    async with proxied(prosody) as (proxy, url), witness(prosody) as person:
        await person.enter(ROOM, "aaaaaaaa")
        async with Joined(meet.room_url(), "Ann", overrides=without_websocket(url)) as ann:
            await ann.events.next(ParticipantJoined)
            proxy.slow = set(range(proxy.requests + 1, proxy.requests + 60, 2))
            for number in range(12):
                person.send_message(mto=ROOM, mbody=f"line {number}", mtype="groupchat")
                await ann.meeting.send_chat("tick")
                await asyncio.sleep(0.1)
            heard = [(await ann.events.next(ChatReceived)).text for _ in range(12)]
            assert heard == [f"line {number}" for number in range(12)]


async def test_a_server_that_is_gone_is_a_loss(prosody: Prosody, http: aiohttp.ClientSession) -> None:
    url = f"http://127.0.0.1:{prosody.http_port}/http-bind"
    async with XmppStream(url, Login(DOMAIN, resumable=False), http=http) as stream:
        assert stream.jid.domain == DOMAIN
        await prosody.kill()
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises(ConnectionLostError):
                async for _ in stream.incoming():
                    pass
        with pytest.raises(ConnectionLostError):
            await stream.send(Message(to=Jid(DOMAIN)))


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (404, "", NotAMeetingServerError),
        (200, "<html/>", NotAMeetingServerError),
        (200, "hello", ProtocolError),
        (200, "<body xmlns='http://jabber.org/protocol/httpbind'/>", NotAMeetingServerError),
        (
            200,
            "<body xmlns='http://jabber.org/protocol/httpbind' type='terminate' condition='host-unknown'/>",
            ConnectionLostError,
        ),
        (200, f"<body>{'x' * 300_000}</body>", ProtocolError),
    ],
)
async def test_says_what_is_wrong_with_a_server(
    http: aiohttp.ClientSession, status: int, text: str, kind: type[EyelineError]
) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=text)

    async with serving(answer) as origin:
        with pytest.raises(kind) as caught:
            async with XmppStream(f"{origin}/http-bind?token=geheim", Login(DOMAIN), http=http):
                pass
    assert "geheim" not in str(caught.value)


async def test_the_websockets_failure_is_told_when_nothing_opens(meet: Meet) -> None:
    overrides = without_websocket("http://127.0.0.1:9/http-bind")
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1"):
        async with Joined(meet.room_url(), overrides=overrides):
            pass
