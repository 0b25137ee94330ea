"""What a part of the server says of a room, said by a component of a real Prosody, and what our client does then."""

from __future__ import annotations

import json

from jitsi.listening import Joined
from jitsi_lab import xml
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.prosody import FOCUS_DOMAIN
from jitsi_lab.tracks import PlainPicture, Tone
from jitsi_lab.waiting import eventually
from jitsi_lab.watcher import Watcher
from raw_member import raw_member

from eyeline.integrations.errors import MovedError
from eyeline.integrations.events import Advice, Ended, MediaConnected, MediaKind, Muted, ParticipantJoined
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.place import Place

ROOM = "Daily"


def announce(lab: JitsiLab, who: Joined, **said: object) -> None:
    """Say it as a part of the server does: from a domain, to one member."""
    link = lab.focus._link
    message = xml.element(xml.JITMEET, "json-message", text=json.dumps(said))
    to = str(who.meeting._membership().stream.jid)
    link.send(link.stanza("message", message, from_=FOCUS_DOMAIN, to=to))


async def test_is_told_who_may_send(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, ROOM) as watcher:
        async with Joined(jitsi_lab.url(ROOM), "Ann", video=PlainPicture((0, 0, 0)), audio=Tone()) as ann:
            await ann.events.next(MediaConnected)
            announce(jitsi_lab, ann, type="av_moderation", enabled=True, mediaType="video", actor="x")
            told = await ann.events.next(Advice)
            assert told == Advice("moderation_on", "Only those whom a moderator allows may send video.")
            announce(jitsi_lab, ann, type="av_moderation", approved=True, mediaType="video")
            assert (await ann.events.next(Advice)).code == "may_unmute"
            announce(jitsi_lab, ann, type="av_moderation", removed=True, mediaType="video")
            assert await ann.events.next(Muted) == Muted(MediaKind.VIDEO, True, by="the room's rules")
            await eventually(
                lambda: watcher.participants[ann.nick].says_muted(f"{ann.nick}-v0"), what="others to know of the mute"
            )
            announce(jitsi_lab, ann, type="av_moderation", enabled=False, mediaType="video")
            assert (await ann.events.next(Advice)).code == "moderation_off"
        await eventually(lambda: watcher.media_state == "closed", what="the end of the session")
    assert jitsi_lab.complaints == []


async def test_goes_to_the_breakout_room_it_is_sent_to_and_back_when_that_is_closed(jitsi_lab: JitsiLab) -> None:
    place, breakout = Place(), Jid.parse(jitsi_lab.room_jid("breakout1"))
    async with Joined(jitsi_lab.url(ROOM), "Ann", place=place) as ann:
        announce(jitsi_lab, ann, type="features/breakout-rooms/move-to-room", roomJid=str(breakout))
        ended = await ann.events.ended()
        assert isinstance(ended.error, MovedError)
    async with Joined(jitsi_lab.url(ROOM), "Ann", place=place) as ann:
        assert ann.meeting._membership().room.jid == breakout
        destroy = xml.element("http://jabber.org/protocol/muc#owner", "destroy")
        query = xml.element("http://jabber.org/protocol/muc#owner", "query", destroy)
        await jitsi_lab.focus._link.request(str(breakout), "set", query)
        assert "breakout" in str((await ann.events.ended()).error)
    assert place.room is None
    async with Joined(jitsi_lab.url(ROOM), "Ann", place=place) as ann:
        assert str(ann.meeting._membership().room.jid) == jitsi_lab.room_jid(ROOM)
    assert await ann.events.ended() == Ended(None)


async def test_tells_once_that_somebody_encrypts_end_to_end(jitsi_lab: JitsiLab) -> None:
    async with Joined(jitsi_lab.url(ROOM), "Ann") as ann, raw_member(jitsi_lab, ROOM) as other:
        nick = await other.enter(name="Eve")
        assert (await ann.events.next(ParticipantJoined)).participant.id == nick
        for _ in range(3):
            encrypted = other.link.custom("jitsi_participant_e2ee.enabled", text="true")
            name = xml.element(xml.NICK, "nick", text="Eve")
            address = f"{jitsi_lab.room_jid(ROOM)}/{nick}"
            other.link.send(other.link.stanza("presence", encrypted, name, to=address))
        told = await ann.events.next(Advice)
        assert told.code == "end_to_end_encryption"
        assert told.text.startswith("Eve uses end-to-end encryption")
        await eventually(lambda: ann.meeting.participants[nick].encrypted, what="the presence")
        announce(jitsi_lab, ann, type="av_moderation", enabled=True, mediaType="audio")
        assert (await ann.events.next(Advice)).code == "moderation_on"  # and not the same again
