from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from jitsi.wire import xmpp_frames

from eyeline.integrations.events import (
    Identity,
    IdentityKind,
    Participant,
    ParticipantChanged,
    ParticipantJoined,
    ParticipantLeft,
)
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.roster import MAX_OCCUPANTS, Roster, display_name
from eyeline.integrations.jitsi.source_info import parse_source_info
from eyeline.integrations.jitsi.stanzas import Presence, parse_stanza
from eyeline.integrations.jitsi.xml import parse_frame

ROOM = Jid("conference.meet.test", "room")
INFO = '{"aaaaaaaa-a0":{"muted":false},"aaaaaaaa-v0":{"muted":true}}'


def presence(nick: str, *, name: str = "Ann", info: str = "{}", kind: str = "", role: str = "participant") -> Presence:
    text = info.replace("&", "&amp;").replace("<", "&lt;")
    stanza = parse_stanza(
        parse_frame(
            f"<presence xmlns='jabber:client' type='{kind}' from='{ROOM}/{nick}'><SourceInfo>{text}</SourceInfo>"
            f"<nick xmlns='http://jabber.org/protocol/nick'>{name}</nick>"
            "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='stable'/><x xmlns='http://jabber.org/protocol/muc#user'>"
            f"<item affiliation='none' role='{role}' jid='{nick}@meet.test/r'/></x></presence>"
        )
    )
    assert isinstance(stanza, Presence)
    return stanza


def test_follows_somebody_from_coming_to_going() -> None:
    roster = Roster(ROOM)
    who = Identity(IdentityKind.ACCOUNT, "aaaaaaaa@meet.test")
    ann = Participant("aaaaaaaa", "Ann", identity=who)
    assert roster.apply(presence("aaaaaaaa")) == [ParticipantJoined(ann)]
    assert roster.apply(presence("aaaaaaaa")) == []
    talking = Participant("aaaaaaaa", "Ann", audio_muted=False, identity=who)
    assert roster.apply(presence("aaaaaaaa", info=INFO)) == [ParticipantChanged(talking)]
    moderator = Participant("aaaaaaaa", "Ann B.", moderator=True, audio_muted=False, identity=who)
    assert roster.apply(presence("aaaaaaaa", name="Ann B.", info=INFO, role="moderator")) == [
        ParticipantChanged(moderator)
    ]
    assert dict(roster.participants) == {"aaaaaaaa": moderator}
    assert roster.occupants["aaaaaaaa"].occupant_id == "stable"
    assert roster.apply(presence("aaaaaaaa", kind="unavailable")) == [ParticipantLeft(moderator)]
    assert roster.apply(presence("aaaaaaaa", kind="unavailable")) == []
    assert not roster.participants


def test_the_focus_and_other_rooms_are_nobody() -> None:
    roster = Roster(ROOM)
    assert roster.apply(presence("focus")) == []
    elsewhere = parse_stanza(
        parse_frame("<presence xmlns='jabber:client' from='other@conference.meet.test/bbbbbbbb'/>")
    )
    assert isinstance(elsewhere, Presence)
    assert roster.apply(elsewhere) == []


def test_a_crowd_without_end_is_cut_off() -> None:
    roster = Roster(ROOM)
    for number in range(MAX_OCCUPANTS + 10):
        roster.apply(presence(f"{number:08x}"))
    assert len(roster.participants) == MAX_OCCUPANTS


def test_names_are_one_printable_line() -> None:
    assert display_name(" A\n\tB\u202e\x00 ", "x") == "A B"
    assert display_name("\n", "abcd1234") == "abcd1234"
    assert len(display_name("a" * 1000, "x")) == 100


@given(st.text() | st.from_regex(r'\{"[a-z0-9]+-[av]0": ?(\{"muted": ?(true|1|\[\])\}|null|3)\}', fullmatch=True))
def test_any_source_info_is_harmless(text: str) -> None:
    for source in parse_source_info(text):
        assert isinstance(source.muted, bool)


def test_deep_or_huge_json_is_harmless() -> None:
    assert parse_source_info("[" * 100_000) == ()
    assert parse_source_info("9" * 10_000) == ()
    many = "{" + ",".join(f'"{n}-v0":{{"muted":false}}' for n in range(1000)) + "}"
    assert len(parse_source_info(many)) == 64


def test_follows_every_recorded_room(recordings: Path) -> None:
    rosters: dict[tuple[str, Jid], Roster] = {}
    events = []
    for frame in xmpp_frames(recordings):
        stanza = parse_stanza(parse_frame(frame.text))
        if frame.from_server and isinstance(stanza, Presence) and stanza.sender is not None:
            room = stanza.sender.bare
            roster = rosters.setdefault((frame.file, room), Roster(room))
            events += roster.apply(stanza)
            assert "focus" not in roster.participants
    assert sum(isinstance(event, ParticipantJoined) for event in events) > 50
    assert sum(isinstance(event, ParticipantLeft) for event in events) > 20
    named = [e.participant for e in events if isinstance(e, ParticipantChanged)]
    assert any(not p.audio_muted and not p.video_muted for p in named)
    assert any(p.video_muted and not p.audio_muted for p in named)
