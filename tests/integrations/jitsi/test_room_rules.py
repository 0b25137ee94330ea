from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jitsi.wire import xmpp_frames

from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.room_rules import Leave, Moderation, MoveTo, StartMuted, parse_announcement
from eyeline.integrations.jitsi.stanzas import Message, parse_stanza
from eyeline.integrations.jitsi.xml import parse_frame

SERVER = Jid("metadata.meet.test")


def announcement(text: str, sender: Jid | None = SERVER) -> Message:
    element = Element(ns.qname(ns.JITMEET, "json-message"))
    element.text = text
    return Message(sender=sender, children=(element,))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{"type":"room_metadata","metadata":{"startMuted":{"audio":true,"video":false}}}',
            StartMuted(frozenset({MediaKind.AUDIO})),
        ),
        ('{"metadata":{}}', None),
        (
            '{"type":"av_moderation","enabled":true,"mediaType":"video","actor":"r@c/a"}',
            Moderation(MediaKind.VIDEO, True, "r@c/a"),
        ),
        ('{"type":"av_moderation","enabled":false,"mediaType":"audio"}', Moderation(MediaKind.AUDIO, False)),
        ('{"type":"av_moderation","approved":true,"mediaType":"video"}', Leave(MediaKind.VIDEO, True)),
        ('{"type":"av_moderation","removed":true,"mediaType":"video"}', Leave(MediaKind.VIDEO, False)),
        ('{"type":"av_moderation","enabled":true,"mediaType":"desktop"}', None),
        (
            '{"type":"features/breakout-rooms/move-to-room","roomJid":"b1@breakout.meet.test"}',
            MoveTo(Jid("breakout.meet.test", "b1")),
        ),
        ('{"type":"features/breakout-rooms/move-to-room","roomJid":"b1@evil.test"}', None),
        ('{"type":"features/breakout-rooms/move-to-room","roomJid":7}', None),
    ],
)
def test_reads_what_the_server_says(text: str, said: object) -> None:
    assert parse_announcement(announcement(text), server="meet.test") == said


@pytest.mark.parametrize(
    "sender",
    [
        Jid("conference.meet.test", "room", "aaaaaaaa"),
        Jid("meet.test", "somebody", "x"),
        Jid("evil.test"),
        Jid("evilmeet.test"),
        None,
    ],
)
def test_believes_nobody_else(sender: Jid | None) -> None:
    text = '{"type":"av_moderation","removed":true,"mediaType":"video"}'
    assert parse_announcement(announcement(text, sender), server="meet.test") is None


@given(
    st.text()
    | st.sampled_from(["[" * 9999, "3", '{"metadata":[]}', '{"metadata":{"startMuted":1}}', '{"type":"av_moderation"}'])
)
def test_any_text_is_harmless(text: str) -> None:
    assert parse_announcement(announcement(text), server="meet.test") is None


def test_understands_the_recorded_ones(recordings: Path) -> None:
    said = set()
    for frame in xmpp_frames(recordings):
        stanza = parse_stanza(parse_frame(frame.text))
        if frame.from_server and isinstance(stanza, Message):
            said.add(parse_announcement(stanza, server="meet.local"))
    kinds = {type(each) for each in said}
    assert {StartMuted, Moderation, Leave} <= kinds
    assert {Leave(MediaKind.VIDEO, True), Leave(MediaKind.VIDEO, False)} & said
