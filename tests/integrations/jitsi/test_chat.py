from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jitsi.wire import xmpp_frames

from eyeline.config.errors import UsageError
from eyeline.integrations.events import ChatReceived, Identity, IdentityKind, Participant
from eyeline.integrations.jitsi.chat import MAX_TEXT_CHARS, chat_message, parse_chat
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.stanzas import Message, MessageType, parse_stanza
from eyeline.integrations.jitsi.xml import parse_frame, serialize

ROOM = Jid("conference.meet.test", "room")
ANN = Participant("aaaaaaaa", "Ann")
DELAY = "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z' from='{}'/>"


OCCUPANT = "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='{}'/>"


def hear(
    inner: str,
    *,
    sender: str = f"{ROOM}/aaaaaaaa",
    kind: str = "groupchat",
    people: Mapping[str, Participant] = MappingProxyType({"aaaaaaaa": ANN}),
) -> ChatReceived | None:
    text = f"<message xmlns='jabber:client' type='{kind}' from='{sender}'>{inner}</message>"
    message = parse_stanza(parse_frame(text))
    assert isinstance(message, Message)
    return parse_chat(message, room=ROOM, own_nick="bbbbbbbb", participants=people)


def test_hears_the_room_and_whispers() -> None:
    assert hear("<body> hi </body>") == ChatReceived("aaaaaaaa", "Ann", "hi")
    assert hear("<body>hi</body>", kind="chat") == ChatReceived("aaaaaaaa", "Ann", "hi", private=True)


@pytest.mark.parametrize(
    ("inner", "sender", "kind"),
    [
        ("<body>hi</body>", f"{ROOM}/bbbbbbbb", "groupchat"),
        ("<body>hi</body>", f"{ROOM}/cccccccc", "groupchat"),
        ("<body>hi</body>", f"{ROOM}/focus", "groupchat"),
        ("<body>hi</body>", str(ROOM), "groupchat"),
        ("<body>hi</body>", "aaaaaaaa@meet.test/x", "chat"),
        ("<body>hi</body>", "mallory@meet.test/aaaaaaaa", "chat"),
        ("<body>hi</body>", f"{ROOM}/aaaaaaaa", "error"),
        ("<body>hi</body>", f"{ROOM}/aaaaaaaa", "normal"),
        ("<body> </body>", f"{ROOM}/aaaaaaaa", "groupchat"),
        ("<subject>s</subject>", f"{ROOM}/aaaaaaaa", "groupchat"),
        ("<body xmlns='x'>hi</body>", f"{ROOM}/aaaaaaaa", "groupchat"),
    ],
    ids=[
        "echo",
        "stranger",
        "focus",
        "room",
        "outside",
        "outside as a nick",
        "error",
        "normal",
        "empty",
        "subject",
        "namespace",
    ],
)
def test_does_not_hear_what_is_no_chat_of_a_member(inner: str, sender: str, kind: str) -> None:
    assert hear(inner, sender=sender, kind=kind) is None


def test_only_the_room_makes_history() -> None:
    by_room = hear("<body>old</body>" + DELAY.format(ROOM))
    assert by_room == ChatReceived("aaaaaaaa", "Ann", "old", history=True)
    gone = hear("<body>old</body>" + DELAY.format(ROOM), sender=f"{ROOM}/cccccccc")
    assert gone == ChatReceived("cccccccc", "cccccccc", "old", history=True)
    assert hear("<body>old</body>" + DELAY.format(ROOM), sender=f"{ROOM}/bbbbbbbb") is None
    late = hear("<body>while away</body>" + DELAY.format("0123abcd@meet.test"))
    assert late == ChatReceived("aaaaaaaa", "Ann", "while away")


def test_a_delay_beside_the_rooms_does_not_hide_that_a_line_is_old() -> None:
    line = hear("<body>old</body>" + DELAY.format("0123abcd@meet.test") + DELAY.format(ROOM))
    assert line is not None
    assert line.history


def test_who_said_it_is_who_holds_the_nick() -> None:
    who = Identity(IdentityKind.GUEST, "guest@meet.test")
    by_ann = replace(ANN, identity=who, bot=True)
    line = hear("<body>hi</body>" + OCCUPANT.format("of somebody else"), people={"aaaaaaaa": by_ann})
    assert line == ChatReceived("aaaaaaaa", "Ann", "hi", identity=who, bot=True)
    old = hear("<body>hi</body>" + DELAY.format(ROOM), people={"aaaaaaaa": by_ann})
    assert old == ChatReceived("aaaaaaaa", "Ann", "hi", history=True, bot=True)


@pytest.mark.parametrize(
    ("carried", "known"),
    [(("id",), True), ((), False), (("another",), False), (("id", "id"), False), (("another", "id"), False)],
)
def test_a_line_with_another_occupant_id_is_nobodys(carried: tuple[str, ...], known: bool) -> None:
    who = Identity(IdentityKind.OCCUPANT, "id")
    ids = "".join(OCCUPANT.format(each) for each in carried)
    line = hear(f"<body>hi</body>{ids}", people={"aaaaaaaa": replace(ANN, identity=who)})
    assert line is not None
    assert line.identity == (who if known else None)


def test_long_lines_are_cut() -> None:
    line = hear(f"<body>{'a' * 100_000}</body>")
    assert line is not None
    assert len(line.text) == MAX_TEXT_CHARS


def test_says_a_line_to_all_or_to_one() -> None:
    group, private = chat_message("a < \x00b", room=ROOM), chat_message("psst", room=ROOM, to="aaaaaaaa")
    assert (group.type, group.to) == (MessageType.GROUPCHAT, ROOM)
    assert (private.type, private.to) == (MessageType.CHAT, ROOM.with_resource("aaaaaaaa"))
    assert "<body>a &lt; b</body>" in serialize(group.to_xml())


@pytest.mark.parametrize("text", ["", " \n", "\x00", "a" * (MAX_TEXT_CHARS + 1)])
def test_refuses_lines_that_are_none(text: str) -> None:
    with pytest.raises(UsageError):
        chat_message(text, room=ROOM)


@given(st.text(max_size=100))
def test_any_line_arrives_as_xml_can_carry_it(text: str) -> None:
    try:
        message = chat_message(text, room=ROOM)
    except UsageError:
        return
    again = parse_stanza(parse_frame(serialize(message.to_xml())))
    assert isinstance(again, Message)
    sent = message.text("jabber:client", "body")
    assert again.text("jabber:client", "body") == sent.replace("\r\n", "\n").replace("\r", "\n")


def test_hears_every_recorded_line(recordings: Path) -> None:
    heard = []
    for frame in xmpp_frames(recordings):
        stanza = parse_stanza(parse_frame(frame.text))
        if frame.from_server and isinstance(stanza, Message) and stanza.sender and stanza.sender.resource:
            own = stanza.to.local[:8] if stanza.to else ""
            people = {nick: Participant(nick, nick) for nick in [stanza.sender.resource]}
            heard.append(parse_chat(stanza, room=stanza.sender.bare, own_nick=own, participants=people))
    lines = [line for line in heard if line]
    assert "hi bot" in {line.text for line in lines}
    assert any(line.private for line in lines)
    assert any(line.text == "while you were away 1" and not line.history for line in lines)
