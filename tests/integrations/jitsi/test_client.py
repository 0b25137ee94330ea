from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from aiohttp import web
from jitsi.listening import PATIENCE_S, Joined, Listener
from jitsi.meet import Meet
from jitsi.prosody_server import MUC, Prosody
from jitsi.scripted_server import accept_xmpp, log_in, self_signed_context, serving
from jitsi.witness import Witness, witness
from slixmpp.exceptions import IqError

from eyeline.config.errors import EyelineError, UsageError
from eyeline.integrations.errors import (
    CertificateError,
    ConnectionLostError,
    MeetingUrlError,
    MembersOnlyError,
    NotAdmittedError,
    NotAMeetingServerError,
    PasswordError,
    RemovedError,
)
from eyeline.integrations.events import (
    Advice,
    ChatReceived,
    Ended,
    Identity,
    IdentityKind,
    MediaKind,
    Muted,
    ParticipantJoined,
    ParticipantLeft,
    Waiting,
)
from eyeline.integrations.jitsi.client import JitsiMeeting
from eyeline.integrations.jitsi.deployment import DeploymentOverrides
from eyeline.integrations.jitsi.patience import Patience
from eyeline.integrations.meeting import Meeting

ROOM = f"daily@{MUC}"
OFFER = (Path(__file__).resolve().parents[2] / "data/jitsi/session-initiate.xml").read_text()


async def heard(person: Witness) -> tuple[str, str, str]:
    async with asyncio.timeout(PATIENCE_S):
        return await person.heard.get()


async def presence_of(person: Witness, nick: str, kind: str = "available") -> Any:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            presence = await person.seen.get()
            if presence["from"] == f"{ROOM}/{nick}" and presence["type"] == kind:
                return presence


async def test_joins_an_empty_room_and_leaves_it(meet: Meet) -> None:
    async with Joined(meet.room_url()) as joined:
        assert (await joined.events.next(Waiting)).reason == "waiting for others"
        assert not joined.meeting.participants
        assert meet.requests[0]["room"] == ROOM
    assert await joined.events.rest() == [Ended(None)]


async def test_meets_others_as_they_come_change_and_go(meet: Meet) -> None:
    async with Joined(meet.room_url(), "Ann") as ann:
        async with Joined(meet.room_url(), "Bob") as bob:
            came = (await ann.events.next(ParticipantJoined)).participant
            assert came.name == "Bob"
            assert (await bob.events.next(ParticipantJoined)).participant.name == "Ann"
            assert ann.meeting.participants[came.id] == came
        assert (await ann.events.next(ParticipantLeft)).participant == came
        assert (await ann.events.next(Waiting)).reason == "waiting for others"
        assert not ann.meeting.participants


async def test_an_independent_client_sees_what_jitsi_needs(meet: Meet, prosody: Prosody) -> None:
    async with witness(prosody) as person:
        await person.enter(ROOM, "aaaaaaaa")
        async with Joined(meet.room_url(), "Ann") as ann:
            came = await ann.events.next(ParticipantJoined)
            assert came.participant.id == "aaaaaaaa"
            nick = ann.nick
            presence = (await presence_of(person, nick)).xml
            assert presence.findtext("{jabber:client}jitsi_participant_codecList") == "vp8,h264"
            assert presence.findtext("{http://jabber.org/protocol/nick}nick") == "Ann"
            assert presence.findtext("{jabber:client}SourceInfo") == "{}"
            caps = presence.find("{http://jabber.org/protocol/caps}c")
            node = f"{caps.get('node')}#{caps.get('ver')}"
            reply = await person.order(
                f"{ROOM}/{nick}", f"<query xmlns='http://jabber.org/protocol/disco#info' node='{node}'/>", "get"
            )
            features = {f.get("var") for f in reply.xml.iter("{http://jabber.org/protocol/disco#info}feature")}
            assert "http://jitsi.org/source-name" in features
            await person.order(f"{ROOM}/{nick}", "<ping xmlns='urn:xmpp:ping'/>", "get")
        await presence_of(person, nick, "unavailable")


async def test_talks_to_all_and_to_one(meet: Meet, prosody: Prosody) -> None:
    async with witness(prosody) as person, Joined(meet.room_url(), "Ann") as ann:
        await person.enter(ROOM, "aaaaaaaa")
        await ann.events.next(ParticipantJoined)
        nick = ann.nick
        await ann.meeting.send_chat("hello <all>")
        assert await heard(person) == ("groupchat", nick, "hello <all>")
        await ann.meeting.send_chat("psst", to="aaaaaaaa")
        assert await heard(person) == ("chat", nick, "psst")
        person.send_message(mto=ROOM, mbody="good day", mtype="groupchat")
        who = Identity(IdentityKind.GUEST, person.boundjid.bare)
        line = await ann.events.next(ChatReceived)
        assert line == ChatReceived("aaaaaaaa", "aaaaaaaa", "good day", identity=who)
        person.send_message(mto=f"{ROOM}/{nick}", mbody="hush", mtype="chat")
        line = await ann.events.next(ChatReceived)
        assert line == ChatReceived("aaaaaaaa", "aaaaaaaa", "hush", private=True, identity=who)
        with pytest.raises(UsageError, match="Nobody"):
            await ann.meeting.send_chat("psst", to="bbbbbbbb")


async def test_old_lines_are_history(meet: Meet, prosody: Prosody) -> None:
    async with witness(prosody) as person:
        await person.enter(ROOM, "aaaaaaaa")
        person.send_message(mto=ROOM, mbody="!background none", mtype="groupchat")
        await heard(person)
        async with Joined(meet.room_url()) as late:
            assert (await late.events.next(ChatReceived)).history


async def test_a_room_with_a_password_wants_the_right_one(meet: Meet, prosody: Prosody) -> None:
    async with witness(prosody) as person:
        await person.enter(ROOM, "aaaaaaaa")
        await person.configure(ROOM, passwordprotectedroom="1", roomsecret="geheim")
        with pytest.raises(PasswordError, match="wants a password"):
            async with Joined(meet.room_url()):
                pass
        with pytest.raises(PasswordError, match="another one"):
            async with Joined(meet.room_url(), password="falsch"):
                pass
        async with Joined(meet.room_url(), password="geheim") as joined:
            await joined.events.next(ParticipantJoined)


async def test_a_refused_join_ends_the_events_with_the_reason(meet: Meet, prosody: Prosody) -> None:
    async with witness(prosody) as person:
        await person.enter(f"closed@{MUC}", "aaaaaaaa")  # a room without a lobby
        await person.configure(f"closed@{MUC}", membersonly="1")
        refused = Joined(meet.room_url("Closed"))
        with pytest.raises(MembersOnlyError, match="members") as caught:
            async with refused:
                pass
        assert (await refused.events.rest())[-1] == Ended(caught.value)


async def test_a_taken_nick_is_replaced(meet: Meet, prosody: Prosody, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eyeline.integrations.jitsi.muc.endpoint_id", lambda _: "aaaaaaaa")
    async with witness(prosody) as person:
        await person.enter(ROOM, "aaaaaaaa")
        async with Joined(meet.room_url()) as joined:
            assert (await joined.events.next(ParticipantJoined)).participant.id == "aaaaaaaa"
            assert joined.nick != "aaaaaaaa"


@pytest.mark.parametrize("prosody", [True], indirect=True)
async def test_a_room_that_is_not_open_yet_is_asked_for_again(meet: Meet) -> None:
    with pytest.raises(NotAdmittedError, match="not opened"):
        async with Joined(meet.room_url(), patience=Patience(open_pause_s=0.01)):
            pass
    assert len(meet.requests) == Patience().open_tries


@pytest.mark.parametrize(
    ("query", "words"),
    [("role='none'", "removed us from the room: because"), ("affiliation='outcast'", "banned us")],
)
async def test_being_thrown_out_ends_the_meeting(meet: Meet, prosody: Prosody, query: str, words: str) -> None:
    async with witness(prosody) as person:
        await person.enter(ROOM, "aaaaaaaa")
        async with Joined(meet.room_url()) as joined:
            who = (
                f"nick='{joined.nick}'" if "role" in query else f"jid='{joined.meeting._membership().stream.jid.bare}'"
            )
            await person.order(
                ROOM,
                f"<query xmlns='http://jabber.org/protocol/muc#admin'><item {who} {query}>"
                "<reason>because</reason></item></query>",
            )
            ended = (await joined.events.rest())[-1]
            assert isinstance(ended, Ended)
            assert isinstance(ended.error, RemovedError)
            assert words in ended.error.message
            with pytest.raises(ConnectionLostError):
                await joined.meeting.send_chat("still there?")


async def test_the_end_of_the_room_is_the_end(meet: Meet, prosody: Prosody) -> None:
    async with witness(prosody) as person:
        await person.enter(ROOM, "aaaaaaaa")
        async with Joined(meet.room_url()) as joined:
            await person.order(
                ROOM,
                "<query xmlns='http://jabber.org/protocol/muc#owner'><destroy><reason>Over</reason></destroy></query>",
            )
            ended = (await joined.events.rest())[-1]
    assert isinstance(ended, Ended)
    assert isinstance(ended.error, RemovedError)
    assert "ended: Over" in ended.error.message


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_a_server_that_goes_away_ends_the_meeting(meet: Meet, prosody: Prosody, how: str) -> None:
    async with Joined(meet.room_url()) as joined:
        await joined.events.next(Waiting)
        await getattr(prosody, how)()
        ended = (await joined.events.rest())[-1]
        assert isinstance(ended, Ended)
        assert isinstance(ended.error, ConnectionLostError)


async def test_only_the_focus_mutes_us(meet: Meet, prosody: Prosody) -> None:
    order = "<mute xmlns='http://jitsi.org/jitmeet/{}' actor='{}/aaaaaaaa'>{}</mute>"
    async with witness(prosody) as person, witness(prosody) as focus:
        await person.enter(ROOM, "aaaaaaaa")
        await focus.enter(ROOM, "focus")
        async with Joined(meet.room_url()) as joined:
            await joined.events.next(ParticipantJoined)
            me = f"{ROOM}/{joined.nick}"
            with pytest.raises(IqError):
                await person.order(me, order.format("audio", ROOM, "true"))
            with pytest.raises(IqError):
                await focus.order(me, order.format("audio", ROOM, "false"))
            await focus.order(me, order.format("video", ROOM, "true"))
            assert await joined.events.next(Muted) == Muted(MediaKind.VIDEO, True, by="aaaaaaaa")
            await joined.meeting.set_muted(MediaKind.AUDIO, True)
            assert await joined.events.next(Muted) == Muted(MediaKind.AUDIO, True)


async def test_other_requests_get_exactly_one_answer(meet: Meet, prosody: Prosody) -> None:
    jingle = "<jingle xmlns='urn:xmpp:jingle:1' action='{}' sid='s1'>{}</jingle>"
    async with witness(prosody) as person, Joined(meet.room_url()) as joined:
        await person.enter(ROOM, "aaaaaaaa")
        await joined.events.next(ParticipantJoined)
        me = f"{ROOM}/{joined.nick}"
        for xml, kind, condition in (
            ("<query xmlns='jabber:iq:version'/>", "get", "service-unavailable"),
            ("<query xmlns='http://jabber.org/protocol/disco#info' node='x#y'/>", "get", "item-not-found"),
            (jingle.format("source-add", ""), "set", "item-not-found"),
            (jingle.format("session-initiate", ""), "set", "bad-request"),
        ):
            with pytest.raises(IqError) as caught:
                await person.order(me, xml, kind)
            assert caught.value.condition == condition


async def test_declines_a_session_past_the_bridge(meet: Meet, prosody: Prosody) -> None:
    jingle = ET.tostring(next(ET.fromstring(OFFER).iter("{urn:xmpp:jingle:1}jingle")), "unicode")
    async with witness(prosody) as person, Joined(meet.room_url()) as joined:
        await person.enter(ROOM, "aaaaaaaa")
        await joined.events.next(ParticipantJoined)
        await person.order(f"{ROOM}/{joined.nick}", jingle)
        async with asyncio.timeout(PATIENCE_S):
            answer = await person.commands.get()
        terminate = answer.xml.find("{urn:xmpp:jingle:1}jingle")
        assert terminate.get("action") == "session-terminate"
        assert terminate.find("{urn:xmpp:jingle:1}reason/{urn:xmpp:jingle:1}decline") is not None


async def test_leaving_is_clean_when_cancelled(meet: Meet, prosody: Prosody) -> None:
    inside = asyncio.Event()

    async def attend() -> None:
        async with Joined(meet.room_url()):
            inside.set()
            await asyncio.sleep(3600)

    async with witness(prosody) as person:
        await person.enter(ROOM, "aaaaaaaa")
        task = asyncio.create_task(attend())
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(PATIENCE_S):
            while (await person.seen.get())["type"] != "unavailable":
                pass


async def sleeping(_: web.WebSocketResponse) -> None:
    await asyncio.sleep(3600)


@asynccontextmanager
async def deaf_deployment(
    script: Callable[[web.WebSocketResponse], Awaitable[None]] = sleeping,
) -> AsyncIterator[str]:
    """Logs everybody in, opens every room, and then follows the script, which never answers."""
    config = "var config = {{ hosts: {{ domain: 'meet.test' }}, websocket: '/ws', conferenceRequestUrl: '/request' }}"

    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/ws":
            socket = await accept_xmpp(request)
            await log_in(socket)
            await script(socket)
        if request.path == "/request":
            return web.json_response({"room": "daily@conference.meet.test", "ready": True})
        return web.Response(text=config.replace("{{", "{").replace("}}", "}"))

    async with serving(handler) as origin:
        yield f"{origin}/daily"


async def test_leaving_a_server_that_sleeps_takes_bounded_time() -> None:
    entered = (
        "<presence xmlns='jabber:client' from='daily@conference.meet.test/0123abcd'>"
        "<x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>"
    )

    async def asleep(socket: web.WebSocketResponse) -> None:
        await socket.receive_str()
        await socket.send_str(entered)
        await asyncio.sleep(3600)

    async with deaf_deployment(asleep) as url:
        meeting = JitsiMeeting(url, name="Ann")
        async with meeting:
            events = Listener(meeting)
            await events.next(Waiting)
            leaving = asyncio.current_task()
            assert leaving is not None
            asyncio.get_running_loop().call_later(PATIENCE_S, leaving.cancel)
        assert await events.rest() == [Ended(None)]


async def test_a_server_that_ends_while_we_join_says_why() -> None:
    async def shut_down(socket: web.WebSocketResponse) -> None:
        await socket.receive_str()
        await socket.send_str(
            "<stream:error xmlns:stream='http://etherx.jabber.org/streams'>"
            "<system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
        )
        await asyncio.sleep(3600)

    async with deaf_deployment(shut_down) as url:
        meeting = JitsiMeeting(url, name="Ann")
        with pytest.raises(ConnectionLostError, match="system-shutdown") as caught:
            async with asyncio.timeout(PATIENCE_S), meeting:
                pass
        assert await Listener(meeting).rest() == [Ended(caught.value)]


async def test_a_room_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eyeline.integrations.jitsi.muc.Room.join.__kwdefaults__", {"timeout_s": 0.2})
    async with deaf_deployment() as url:
        with pytest.raises(EyelineError, match="room daily did not answer"):
            async with asyncio.timeout(PATIENCE_S), JitsiMeeting(url, name="Ann"):
                pass


async def test_cancelling_a_join_ends_the_events() -> None:
    async with deaf_deployment() as url:
        meeting = JitsiMeeting(url, name="Ann")
        task = asyncio.create_task(meeting.__aenter__())
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await Listener(meeting).rest() == [Ended(None)]


async def test_an_html_page_is_no_jitsi() -> None:
    async def page(_: web.Request) -> web.StreamResponse:
        return web.Response(text="<!DOCTYPE html><title>Shop</title>", content_type="text/html")

    async with serving(page) as origin:
        meeting = JitsiMeeting(f"{origin}/daily", name="Ann")
        with pytest.raises(NotAMeetingServerError) as caught:
            async with meeting:
                pass
        assert await Listener(meeting).rest() == [Ended(caught.value)]


async def test_trusts_a_certificate_only_when_told_to(tmp_path: Path) -> None:
    async def page(_: web.Request) -> web.StreamResponse:
        return web.Response(text="<html/>")

    context, certificate = self_signed_context(tmp_path)
    async with serving(page, context) as origin:
        with pytest.raises(CertificateError):
            async with JitsiMeeting(f"{origin}/daily", name="Ann"):
                pass
        with pytest.raises(NotAMeetingServerError):  # trusted now, but still no Jitsi
            async with JitsiMeeting(f"{origin}/daily", name="Ann", ca_file=certificate):
                pass
        loud = Joined(f"{origin}/daily", insecure=True)
        with pytest.raises(NotAMeetingServerError):
            async with loud:
                pass
        assert (await loud.events.next(Advice)).code == "insecure"
        with pytest.raises(UsageError, match="CA file"):
            async with JitsiMeeting(f"{origin}/daily", name="Ann", ca_file=tmp_path / "none.pem"):
                pass


async def test_overrides_reach_a_server_without_a_web_side(prosody: Prosody) -> None:
    overrides = DeploymentOverrides(domain="meet.test", muc=MUC, websocket_url=prosody.websocket_url)
    meeting = JitsiMeeting("http://127.0.0.1:9/daily", name="Ann", overrides=overrides)
    with pytest.raises(NotAMeetingServerError, match=r"Nobody opens rooms at focus\.meet\.test"):
        async with meeting:
            pass


def test_a_bad_url_is_refused_at_once() -> None:
    with pytest.raises(MeetingUrlError):
        JitsiMeeting("https://meet.example.org/", name="Ann")


def test_is_a_meeting() -> None:
    meeting: Meeting = JitsiMeeting("https://meet.example.org/daily", name="Ann")
    assert not meeting.participants
    with contextlib.suppress(StopAsyncIteration):
        assert meeting.events() is not None
