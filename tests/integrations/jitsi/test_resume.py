"""Streams that are lost and resumed, and those that cannot be, on a real Prosody."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from xml.etree.ElementTree import Element

import aiohttp
import pytest
from jitsi.prosody_server import DOMAIN, Prosody, running_prosody
from jitsi_lab.waiting import eventually
from prosody_process import has_prosody

from eyeline.config.errors import EyelineError
from eyeline.integrations.errors import ConnectionLostError
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.negotiation import Login, NotResumedError
from eyeline.integrations.jitsi.sasl import Account
from eyeline.integrations.jitsi.stanzas import Message, MessageType, iq_get
from eyeline.integrations.jitsi.xmpp import XmppStream

ALICE = Account("alice", "geheim")
PING = Element(ns.qname(ns.PING, "ping"))


class Line:
    """A logged-in stream and what its owner notices."""

    def __init__(self, prosody: Prosody, http: aiohttp.ClientSession, login: Login, **options: float) -> None:
        self.changes: list[bool] = []
        self.heard: list[str] = []
        self.error: EyelineError | None = None
        self.stream = XmppStream(prosody.websocket_url, login, http=http, on_connection=self.changes.append, **options)

    async def listen(self) -> None:
        try:
            async for stanza in self.stream.incoming():
                if isinstance(stanza, Message):
                    self.heard.append(stanza.text(ns.CLIENT, "body"))
        except EyelineError as error:
            self.error = error

    async def resumed(self, times: int = 1) -> None:
        await eventually(lambda: self.changes == [False, True] * times, timeout_s=60, what="the resumption")

    async def ended(self) -> EyelineError:
        return await eventually(lambda: self.error, timeout_s=60, what="the end")


@asynccontextmanager
async def line(
    prosody: Prosody, http: aiohttp.ClientSession, login: Login | None = None, **options: float
) -> AsyncIterator[Line]:
    opened = Line(prosody, http, login or Login(DOMAIN), **options)
    async with opened.stream:
        listening = asyncio.create_task(opened.listen())
        yield opened
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


@pytest.fixture
async def resumable(tmp_path: Path) -> AsyncIterator[Prosody]:
    """A server that knows guests again, as Jitsi's does."""
    if not has_prosody():
        pytest.skip("Prosody is not installed (Debian: apt install prosody)")
    async with running_prosody(tmp_path, authentication="lab_anonymous", hibernation_s=5) as prosody:
        yield prosody


def message(to: Jid, text: str) -> Message:
    body = Element(ns.qname(ns.CLIENT, "body"))
    body.text = text
    return Message(to=to, type=MessageType.CHAT, children=(body,))


async def test_a_guest_is_resumed_again_and_again(resumable: Prosody, http: aiohttp.ClientSession) -> None:
    async with line(resumable, http) as ann, line(resumable, http) as bob:
        jid = ann.stream.jid
        for times in (1, 2, 3):
            ann.stream._socket.drop()
            await bob.stream.send(message(jid, f"to you {times}"))
            await ann.stream.send(message(bob.stream.jid, f"from me {times}"))
            await ann.stream.request(iq_get(Jid(DOMAIN), PING))
            await ann.resumed(times)
        await eventually(lambda: len(ann.heard) == len(bob.heard) == 3, what="every line")
        assert ann.heard == ["to you 1", "to you 2", "to you 3"]
        assert bob.heard == ["from me 1", "from me 2", "from me 3"]
        assert ann.stream.jid == jid


async def test_a_connection_is_renewed_though_nothing_is_wrong_with_it(
    resumable: Prosody, http: aiohttp.ClientSession
) -> None:
    async with line(resumable, http) as ann:
        jid = ann.stream.jid
        await ann.stream.renew()
        await ann.resumed()
        await ann.stream.request(iq_get(Jid(DOMAIN), PING))
        assert ann.stream.jid == jid


async def test_a_stream_that_cannot_be_resumed_is_kept_while_it_answers(
    resumable: Prosody, http: aiohttp.ClientSession
) -> None:
    async with line(resumable, http, Login(DOMAIN, resumable=False)) as ann:
        await ann.stream.renew()
        await ann.stream.request(iq_get(Jid(DOMAIN), PING))
        assert ann.changes == []
        assert ann.error is None


async def test_an_account_is_resumed_by_any_prosody(prosody: Prosody, http: aiohttp.ClientSession) -> None:
    await prosody.add_account("alice", ALICE.password)
    async with line(prosody, http, Login("accounts.test", account=ALICE)) as alice:
        alice.stream._socket.drop()
        await alice.stream.request(iq_get(Jid("accounts.test"), PING))
        assert alice.changes == [False, True]


async def test_a_second_login_of_an_account_ends_the_first(prosody: Prosody, http: aiohttp.ClientSession) -> None:
    await prosody.add_account("alice", ALICE.password)
    login = Login("accounts.test", account=ALICE, resource="eyeline-1")
    async with line(prosody, http, login) as first, line(prosody, http, login) as second:
        assert first.stream.jid == second.stream.jid
        assert "conflict" in (await first.ended()).message
        assert first.changes == []  # it does not fight for the place


async def test_a_guest_that_the_server_does_not_know_again_is_lost(
    prosody: Prosody, http: aiohttp.ClientSession
) -> None:
    async with line(prosody, http) as ann:
        ann.stream._socket.drop()
        assert isinstance(await ann.ended(), NotResumedError)
        with pytest.raises(ConnectionLostError):
            await ann.stream.send(message(ann.stream.jid, "still there?"))


async def test_a_session_that_is_kept_no_longer_is_lost(resumable: Prosody, http: aiohttp.ClientSession) -> None:
    async with line(resumable, http) as ann:
        url, ann.stream._url = ann.stream._url, "ws://127.0.0.1:9/nobody"
        ann.stream._socket.drop()
        await eventually(lambda: ann.changes == [False], what="the loss")
        assert isinstance(await ann.ended(), ConnectionLostError)  # after the 5 s that the server keeps it
        assert ann.stream._url != url
        assert ann.changes == [False]


async def test_a_server_that_freezes_for_a_while_is_resumed(resumable: Prosody, http: aiohttp.ClientSession) -> None:
    async with line(resumable, http, ping_interval_s=0.5) as ann:
        resumable.process.send_signal(signal.SIGSTOP)
        try:
            await eventually(lambda: ann.changes[:1] == [False], timeout_s=60, what="the loss")
        finally:
            resumable.process.send_signal(signal.SIGCONT)
        await eventually(lambda: ann.changes[-1], timeout_s=60, what="the resumption")
        await ann.stream.request(iq_get(Jid(DOMAIN), PING))


async def test_a_check_finds_a_dead_connection_at_once(resumable: Prosody, http: aiohttp.ClientSession) -> None:
    async with line(resumable, http) as ann:
        await ann.stream.check()
        assert ann.changes == []
        resumable.process.send_signal(signal.SIGSTOP)
        try:
            await ann.stream.check(timeout_s=0.3)
            await eventually(lambda: ann.changes[:1] == [False], what="the loss")
        finally:
            resumable.process.send_signal(signal.SIGCONT)
        await eventually(lambda: ann.changes[-1], timeout_s=60, what="the resumption")


async def test_a_server_that_was_restarted_has_nothing_to_resume(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    if not has_prosody():
        pytest.skip("Prosody is not installed (Debian: apt install prosody)")
    async with running_prosody(tmp_path, authentication="lab_anonymous") as prosody, line(prosody, http) as ann:
        await prosody.kill()
        await eventually(lambda: ann.changes == [False], what="the loss")
        ports = (prosody.http_port, prosody.c2s_port)
        async with running_prosody(tmp_path, authentication="lab_anonymous", ports=ports):
            assert isinstance(await ann.ended(), NotResumedError)
