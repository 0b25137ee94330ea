from __future__ import annotations

from xml.etree.ElementTree import Element

from hypothesis import given
from hypothesis import strategies as st

from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.room_rules import start_muted
from eyeline.integrations.jitsi.stanzas import Message

SERVER = Jid("metadata.meet.test")


def announcement(text: str, sender: Jid = SERVER) -> Message:
    element = Element(ns.qname(ns.JITMEET, "json-message"))
    element.text = text
    return Message(sender=sender, children=(element,))


def test_reads_the_rule_of_the_server() -> None:
    rule = '{"type":"room_metadata","metadata":{"startMuted":{"audio":true,"video":false}}}'
    assert start_muted(announcement(rule)) == {MediaKind.AUDIO}
    assert start_muted(announcement(rule, Jid("conference.meet.test", "room", "aaaaaaaa"))) == frozenset()
    assert start_muted(announcement('{"metadata":{}}')) == frozenset()


@given(st.text() | st.sampled_from(["[" * 9999, "3", '{"metadata":[]}', '{"metadata":{"startMuted":1}}']))
def test_any_text_is_harmless(text: str) -> None:
    assert start_muted(announcement(text)) == frozenset()
