from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from jitsi.scripted_server import accept_xmpp, log_in, serving

from eyeline.integrations.errors import LoginError, NotAMeetingServerError, UnreachableError
from eyeline.integrations.events import Waiting, WaitingFor
from eyeline.integrations.jitsi.errors import StanzaError
from eyeline.integrations.jitsi.focus import ConferenceRequest
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.negotiation import Login
from eyeline.integrations.jitsi.patience import Patience
from eyeline.integrations.jitsi.xmpp import XmppStream

ROOM = Jid("conference.meet.test", "Room")
QUICK = Patience(0.01, 0.02, ready_limit_s=0.1, moderator_retry_s=0.01, people_limit_s=5)
JSON = (
    '{{"room":"room@conference.meet.test","ready":{},"focusJid":"focus@auth.meet.test",'
    '"properties":{{"authentication":"false","visitors-supported":"false"}},"new":1}}'
)
READY = (
    "<conference xmlns='http://jitsi.org/protocol/focus' room='room@conference.meet.test' ready='true' "
    "focusjid='focus@auth.meet.test'><property name='authentication' value='true'/></conference>"
)
STANZAS = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"
NOT_AUTHORIZED = (
    f"<error type='auth'><not-authorized {STANZAS}/><text xml:lang='en'>not authorized user domain</text></error>"
)
UNAVAILABLE = f"<error type='cancel'><service-unavailable {STANZAS}/></error>"
NOT_ACCEPTABLE = f"<error type='modify'><not-acceptable {STANZAS}/><text {STANZAS}>invalid room</text></error>"


class Focus:
    """Answers by HTTP and by IQ what it was told to, the last answer again and again, and notes what was asked."""

    def __init__(self, http: list[tuple[int, str]], iq: list[str]) -> None:
        self._http, self._iq = http, iq
        self.asked: list[str] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/conference-request":
            self.asked.append("http")
            body = await request.json()
            assert body["room"] == str(ROOM)
            assert len(body["machineUid"]) == 32
            status, text = self._http.pop(0) if len(self._http) > 1 else self._http[0]
            return web.Response(status=status, text=text)
        socket = await accept_xmpp(request)
        await log_in(socket)
        async for message in socket:
            if "conference" in message.data:
                self.asked.append("iq")
                request_id = message.data.split('id="')[1].split('"')[0]
                answer = self._iq.pop(0) if len(self._iq) > 1 else self._iq[0]
                kind = "error" if answer.startswith("<error") else "result"
                await socket.send_str(
                    f"<iq xmlns='jabber:client' type='{kind}' id='{request_id}' from='focus.meet.test'>{answer}</iq>"
                )
        return socket


@asynccontextmanager
async def asking(focus: Focus, *, token: str = "", by_http: bool = True) -> AsyncIterator[ConferenceRequest]:
    async with serving(focus.handle) as origin, aiohttp.ClientSession() as http:
        url = f"{origin.replace('http', 'ws')}/xmpp-websocket"
        async with XmppStream(url, Login("meet.test"), http=http) as stream:
            http_url = f"{origin}/conference-request" if by_http else ""
            yield ConferenceRequest(ROOM, stream, Jid("focus.meet.test"), http, http_url, token)


async def test_asks_by_http_and_takes_the_rooms_name_from_the_answer() -> None:
    focus = Focus([(200, JSON.format("true"))], [READY])
    waiting: list[Waiting] = []
    async with asking(focus) as request:
        ticket = await request.obtain(waiting.append, QUICK)
    assert ticket.room == Jid("conference.meet.test", "room")
    assert ticket.focus == Jid("auth.meet.test", "focus")
    assert not ticket.authentication
    assert focus.asked == ["http"]
    assert not waiting


@pytest.mark.parametrize(
    "answer",
    [
        (400, "Bad request"),
        (403, ""),
        (404, ""),
        (502, ""),
        (302, ""),
        (200, "<html>"),
        (200, "{}"),
        (200, '{"room":3}'),
    ],
)
async def test_falls_back_to_the_iq(answer: tuple[int, str]) -> None:
    focus = Focus([answer], [READY])
    async with asking(focus) as request:
        ticket = await request.obtain(lambda _: None, QUICK)
    assert ticket.authentication
    assert focus.asked == ["http", "iq"]


async def test_a_token_asks_by_iq_first() -> None:
    focus = Focus([(200, JSON.format("true"))], [READY])
    async with asking(focus, token="a.b.c") as request:
        await request.obtain(lambda _: None, QUICK)
        assert "a.b.c" not in repr(request)
    assert focus.asked == ["iq"]
    focus = Focus([(200, JSON.format("true"))], [UNAVAILABLE])
    async with asking(focus, token="a.b.c") as request:
        await request.obtain(lambda _: None, QUICK)
    assert focus.asked == ["iq", "http"]


async def test_asks_again_until_the_focus_is_ready() -> None:
    focus = Focus([(200, JSON.format("false")), (200, JSON.format("false")), (200, JSON.format("true"))], [READY])
    waiting: list[Waiting] = []
    async with asking(focus) as request:
        assert (await request.obtain(waiting.append, QUICK)).ready
    assert focus.asked == ["http"] * 3
    assert waiting == [Waiting("waiting for the server to get ready")]


async def test_a_focus_that_is_never_ready_is_given_up() -> None:
    async with asking(Focus([(200, JSON.format("false"))], [READY])) as request:
        with pytest.raises(UnreachableError, match="ready"):
            await request.obtain(lambda _: None, QUICK)


async def test_waits_for_a_moderator() -> None:
    focus = Focus([(400, "")], [NOT_AUTHORIZED, NOT_AUTHORIZED, READY])
    waiting: list[Waiting] = []
    async with asking(focus) as request:
        await request.obtain(waiting.append, QUICK)
    assert waiting == [Waiting("waiting for a moderator to open the room", WaitingFor.MODERATOR)]
    assert focus.asked.count("iq") == 3


async def test_waiting_for_a_moderator_has_an_end() -> None:
    async with asking(Focus([(400, "")], [NOT_AUTHORIZED])) as request:
        with pytest.raises(LoginError, match="No moderator"):
            await request.obtain(lambda _: None, Patience(moderator_retry_s=0.01, people_limit_s=0.2))


async def test_says_that_nobody_opens_rooms_there() -> None:
    async with asking(Focus([(404, "")], [UNAVAILABLE]), by_http=False) as request:
        with pytest.raises(NotAMeetingServerError, match=r"focus\.meet\.test"):
            await request.obtain(lambda _: None, QUICK)


async def test_a_refused_room_is_said_so() -> None:
    async with asking(Focus([(404, "")], [NOT_ACCEPTABLE])) as request:
        with pytest.raises(StanzaError, match="invalid room"):
            await request.obtain(lambda _: None, QUICK)


async def test_an_answer_that_is_none_is_refused() -> None:
    async with asking(Focus([(404, "")], ["<a xmlns='b'/>"])) as request:
        with pytest.raises(NotAMeetingServerError, match="something else"):
            await request.obtain(lambda _: None, QUICK)
