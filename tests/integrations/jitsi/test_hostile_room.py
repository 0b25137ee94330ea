"""A room whose members mean harm, on a real Prosody, while media flow: nobody but the server can end our membership."""

from __future__ import annotations

import asyncio
import json
from xml.etree.ElementTree import Element

import numpy as np
import psutil
import pytest
from aiohttp import web
from jitsi.listening import PATIENCE_S, Joined
from jitsi.scripted_server import accept_xmpp, log_in, serving
from jitsi_lab import xml
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.tracks import PlainPicture
from jitsi_lab.waiting import eventually
from jitsi_lab.watcher import Watcher
from raw_member import RawMember, raw_member

from eyeline.integrations.events import ChatReceived, MediaConnected, Participant, ParticipantJoined
from eyeline.integrations.jitsi.roster import MAX_OCCUPANTS
from eyeline.integrations.jitsi.xmpp import XmppStream

GREEN = (40, 200, 60)
ROOM = "Daily"
PRESENCES, MESSAGES, CHUNK = 1_000, 1_000, 100
MARKUP = "<b>&amp;\u202eevil\u2066\n\t</b><script>alert(1)</script>" + "x" * 500


def custom_presence(hostile: RawMember, nick: str, room: str, *children: Element) -> Element:
    return hostile.link.stanza("presence", *children, to=f"{room}/{nick}")


def deep(levels: int) -> Element:
    outer = inner = xml.element("urn:evil", "a")
    for _ in range(levels):
        child = xml.element("urn:evil", "a")
        inner.append(child)
        inner = child
    return outer


def wide(number: int) -> Element:
    return xml.element("urn:evil", "a", *(xml.element("urn:evil", "b") for _ in range(number)))


async def still_works(ann: Joined, watcher: Watcher, word: str) -> None:
    """Chat reaches us, and our picture the others."""
    watcher.say(word)
    async with asyncio.timeout(PATIENCE_S):
        while (await ann.events.next(ChatReceived)).text != word:
            pass
    frame = await watcher.frame(PATIENCE_S, of=ann.nick)
    assert np.abs(frame[90, 160].astype(int) - GREEN).max() < 25


def newest(ann: Joined, nick: str, name: str) -> Participant | None:
    """A member once its name begins so."""
    known = ann.meeting.participants.get(nick)
    return known if known is not None and known.name.startswith(name) else None


async def test_floods_do_not_end_our_stay(jitsi_lab: JitsiLab) -> None:
    room = jitsi_lab.room_jid(ROOM)
    async with Watcher(jitsi_lab, ROOM, name="Wendy") as watcher:
        async with (
            Joined(jitsi_lab.url(ROOM), "Ann", video=PlainPicture(GREEN)) as ann,
            raw_member(jitsi_lab) as hostile,
        ):
            await ann.events.next(MediaConnected)
            nick = await hostile.enter()
            await still_works(ann, watcher, "before")
            memory = psutil.Process()
            before_mb = memory.memory_info().rss / 2**20
            for number in range(PRESENCES):
                name = xml.element(xml.NICK, "nick", text=f"{number} {MARKUP}")
                hostile.link.send(custom_presence(hostile, nick, room, name))
                if number % CHUNK == 0:
                    await asyncio.sleep(0.05)
            evil = await eventually(lambda: newest(ann, nick, f"{PRESENCES - 1} "), timeout_s=60, what="the presences")
            await still_works(ann, watcher, "after the presences")
            for number in range(MESSAGES):
                hostile.say(f"{number} {MARKUP}")
                if number % CHUNK == 0:
                    await asyncio.sleep(0.05)
            last = f"{MESSAGES - 1} "
            await eventually(lambda: hostile.heard()[-1].startswith(last), timeout_s=60, what="the messages")
            await still_works(ann, watcher, "after the messages")
            assert memory.memory_info().rss / 2**20 - before_mb < 300  # of this process, senders and stand-ins included
            assert len(evil.name) <= 100
            assert evil.name.isprintable()
        await eventually(lambda: watcher.media_state == "closed", what="the end of the session")


async def test_stanzas_over_every_limit_are_dropped_alone(jitsi_lab: JitsiLab) -> None:
    room = jitsi_lab.room_jid(ROOM)
    async with Watcher(jitsi_lab, ROOM, name="Wendy") as watcher:
        async with (
            Joined(jitsi_lab.url(ROOM), "Ann", video=PlainPicture(GREEN)) as ann,
            raw_member(jitsi_lab) as hostile,
        ):
            await ann.events.next(MediaConnected)
            nick = await hostile.enter()
            me = ann.nick
            hostile.say("deep", deep(60))
            hostile.say("wide", wide(9000))
            hostile.say("large", xml.element("urn:evil", "a", text="x" * 255_000))
            await still_works(ann, watcher, "after the large ones")
            claims = {f"{me}-v0": {"muted": True}, f"{me}-a0": {"muted": True}, "x" * 5000: {"muted": "no"}}
            info = hostile.link.custom("SourceInfo", text=json.dumps(claims))
            hostile.link.send(custom_presence(hostile, nick, room, info))
            for text in ("[" * 50_000, '{"metadata":{"startMuted":{"video":true}}}', '{"type":"av_moderation"}'):
                hostile.say("", xml.element(xml.JITMEET, "json-message", text=text))
            moving = '{"type":"features/breakout-rooms/move-to-room","roomJid":"evil@breakout.meet.test"}'
            hostile.say("", xml.element(xml.JITMEET, "json-message", text=moving), to=me)
            mute = xml.element(f"{xml.JITMEET}/video", "mute", text="true")
            hostile.link.send(hostile.link.stanza("iq", mute, type="set", id="m", to=f"{room}/{me}"))
            await still_works(ann, watcher, "after the claims")
            assert ann.nick == me
        await eventually(lambda: watcher.media_state == "closed", what="the end of the session")


async def test_a_huge_stanza_ends_only_its_sender(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, ROOM, name="Wendy") as watcher:
        async with Joined(jitsi_lab.url(ROOM), "Ann", video=PlainPicture(GREEN)) as ann:
            async with raw_member(jitsi_lab) as hostile:
                await ann.events.next(MediaConnected)
                await hostile.enter()
                await ann.events.next(ParticipantJoined)
                hostile.say("x" * 1_000_000)
                await still_works(ann, watcher, "after the megabyte")
            await still_works(ann, watcher, "after its end")
        await eventually(lambda: watcher.media_state == "closed", what="the end of the session")


async def test_ten_thousand_of_each_at_once_leave_us_in_the_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """As fast as the server can send, which is faster than any real room. It answers no pings meanwhile."""
    defaults = XmppStream.__init__.__kwdefaults__ | {"ping_interval_s": 120.0}
    monkeypatch.setattr(XmppStream.__init__, "__kwdefaults__", defaults)
    room = "daily@conference.meet.test"
    config = "var config = { hosts: { domain: 'meet.test' }, websocket: '/ws', conferenceRequestUrl: '/request' }"
    self_presence = "<x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x>"

    async def flood(socket: web.WebSocketResponse) -> None:
        await socket.receive_str()
        await socket.send_str(f"<presence xmlns='jabber:client' from='{room}/0123abcd'>{self_presence}</presence>")
        for number in range(10_000):
            nick = f"<nick xmlns='http://jabber.org/protocol/nick'>evil {number}</nick>"
            await socket.send_str(f"<presence xmlns='jabber:client' from='{room}/n{number}'>{nick}</presence>")
        for number in range(10_000):
            body = f"<body>line {number}</body>"
            await socket.send_str(f"<message xmlns='jabber:client' type='groupchat' from='{room}/n1'>{body}</message>")
        async for _ in socket:
            pass

    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/ws":
            socket = await accept_xmpp(request)
            await log_in(socket)
            await flood(socket)
        if request.path == "/request":
            return web.json_response({"room": room, "ready": True})
        return web.Response(text=config)

    async with serving(handler) as origin, Joined(f"{origin}/daily", "Ann") as ann:
        async with asyncio.timeout(60):
            while (await ann.events.next(ChatReceived)).text != "line 9999":
                pass
        assert len(ann.meeting.participants) == MAX_OCCUPANTS
