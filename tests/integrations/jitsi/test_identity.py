"""Who somebody is, against a real Prosody and against what members can forge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jitsi.listening import Joined
from jitsi.meet import Meet, deployed
from jitsi.prosody_server import MUC, Prosody, running_prosody
from jitsi.witness import Witness, witness
from jitsi_lab.waiting import eventually
from prosody_process import has_prosody
from slixmpp.xmlstream import ET

from eyeline.integrations.events import ChatReceived, Identity, IdentityKind, ParticipantJoined
from eyeline.integrations.jitsi.identity import is_bot, known_identity, real_address
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.stanzas import Presence, parse_stanza
from eyeline.integrations.jitsi.xml import parse_frame

ROOM = f"daily@{MUC}"
OWNERS = Identity(IdentityKind.ACCOUNT, "owner@accounts.test")
FORGED = (
    "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged'/>",
    "<x xmlns='http://jabber.org/protocol/muc#user'><item jid='owner@accounts.test/r' role='moderator'/></x>",
)


def presence(inner: str) -> Presence:
    stanza = parse_stanza(parse_frame(f"<presence xmlns='jabber:client' from='{ROOM}/aaaaaaaa'>{inner}</presence>"))
    assert isinstance(stanza, Presence)
    return stanza


def item(jid: str) -> str:
    return f"<item xmlns='http://jabber.org/protocol/muc#user' jid='{jid}'/>"


def user(*items: str) -> str:
    return f"<x xmlns='http://jabber.org/protocol/muc#user'>{''.join(items)}</x>"


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("ann@meet.test", IdentityKind.ACCOUNT),
        ("ann@guest.meet.test", IdentityKind.GUEST),
        ("0a1b2c3d-1111-4222-8333-444455556666@meet.test", IdentityKind.GUEST),
    ],
)
def test_an_account_is_told_from_a_guest(address: str, kind: IdentityKind) -> None:
    known = known_identity(Jid.parse(address), "occupant", guests="guest.meet.test")
    assert known == Identity(kind, address)


def test_the_occupant_id_is_what_is_left_where_no_address_is_shown() -> None:
    assert known_identity(None, "abc", guests="") == Identity(IdentityKind.OCCUPANT, "abc")
    assert known_identity(None, "", guests="") is None


@pytest.mark.parametrize(
    "inner",
    [
        "",
        user(),
        user(item("")),
        user(item("@@")),
        user(item("meet.test")),
        user(item("ann@meet.test/r"), item("bob@meet.test/r")),
        user(item("ann@meet.test/r")) + user(item("bob@meet.test/r")),
        "<x xmlns='elsewhere'><item jid='ann@meet.test/r'/></x>",
    ],
)
def test_an_address_that_is_not_told_once_is_not_believed(inner: str) -> None:
    assert real_address(presence(inner)) is None


def test_an_address_is_bare() -> None:
    assert real_address(presence(user(item("ann@meet.test/r")))) == Jid("meet.test", "ann")


def test_another_eyeline_is_known_by_its_capabilities() -> None:
    caps = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='{}' ver='x'/>"
    assert is_bot(presence(caps.format("urn:eyeline:jitsi")))
    assert not is_bot(presence(caps.format("https://jitsi.org/jitsi-meet")))
    assert not is_bot(presence(""))


def forge(person: Witness, stanza: Any, *children: str) -> None:
    for child in children:
        stanza.append(ET.fromstring(child))
    stanza.send()


async def enter_forged(person: Witness, nick: str) -> None:
    """Join with a presence that claims to be somebody else."""
    forge(person, person.make_presence(pto=f"{ROOM}/{nick}"), "<x xmlns='http://jabber.org/protocol/muc'/>", *FORGED)


async def hide_addresses(person: Witness) -> None:
    await person.configure(ROOM, whois="moderators")


async def test_an_address_cannot_be_forged(meet: Meet, prosody: Prosody) -> None:
    async with Joined(meet.room_url()) as joined, witness(prosody) as person:
        await enter_forged(person, "aaaaaaaa")
        true = Identity(IdentityKind.GUEST, person.boundjid.bare)
        assert (await joined.events.next(ParticipantJoined)).participant.identity == true
        forge(person, person.make_message(mto=ROOM, mbody="hi", mtype="groupchat"), *FORGED)
        assert (await joined.events.next(ChatReceived)).identity == true
        private = person.make_message(mto=f"{ROOM}/{joined.nick}", mbody="hi", mtype="chat")
        private["from"] = "owner@accounts.test/r"
        forge(person, private, *FORGED)
        line = await joined.events.next(ChatReceived)
        assert (line.identity, line.private) == (true, True)


async def test_an_occupant_id_cannot_be_forged_where_the_room_has_them(meet: Meet, prosody: Prosody) -> None:
    async with witness(prosody) as owner, witness(prosody) as person:
        await owner.enter(ROOM, "bbbbbbbb")
        await hide_addresses(owner)
        await enter_forged(person, "aaaaaaaa")
        async with Joined(meet.room_url()) as joined:
            people = joined.meeting.participants
            await eventually(lambda: "aaaaaaaa" in people and people["aaaaaaaa"].identity, what="an identity")
            true = people["aaaaaaaa"].identity
            assert true is not None
            assert true.kind is IdentityKind.OCCUPANT
            assert true.value != "forged"
            assert true != people["bbbbbbbb"].identity
            forge(person, person.make_message(mto=ROOM, mbody="hi", mtype="groupchat"), *FORGED)
            assert (await joined.events.next(ChatReceived)).identity == true
            forge(person, person.make_message(mto=f"{ROOM}/{joined.nick}", mbody="hi", mtype="chat"), *FORGED)
            assert (await joined.events.next(ChatReceived)).identity == true


async def test_where_the_room_has_no_occupant_ids_a_forged_one_is_nobody(tmp_path: Path) -> None:
    if not has_prosody():
        pytest.skip("Prosody is not installed (Debian: apt install prosody)")
    async with (
        running_prosody(tmp_path, occupant_ids=False) as prosody,
        deployed(prosody) as meet,
        witness(prosody) as owner,
        witness(prosody) as person,
    ):
        await owner.enter(ROOM, "bbbbbbbb")
        await hide_addresses(owner)
        await enter_forged(person, "aaaaaaaa")
        async with Joined(meet.room_url()) as joined:
            await eventually(lambda: "aaaaaaaa" in joined.meeting.participants, what="the forger")
            forge(person, person.make_message(mto=ROOM, mbody="hi", mtype="groupchat"), *FORGED)
            assert (await joined.events.next(ChatReceived)).identity is None
            assert joined.meeting.participants["aaaaaaaa"].identity is None


async def test_a_line_from_outside_the_room_is_not_heard(meet: Meet, prosody: Prosody) -> None:
    async with Joined(meet.room_url()) as joined, witness(prosody) as member, witness(prosody) as outsider:
        await member.enter(ROOM, "aaaaaaaa")
        await joined.events.next(ParticipantJoined)
        own = str(joined.meeting._membership().stream.jid)
        for kind in ("chat", "groupchat", "normal"):
            outsider.send_message(mto=own, mbody="from outside", mtype=kind)
            forged = outsider.make_message(mto=own, mbody="from outside", mtype=kind)
            forged["from"] = f"{ROOM}/aaaaaaaa"
            forge(outsider, forged)
        outsider.send_message(mto=f"{ROOM}/{joined.nick}", mbody="from outside", mtype="chat")
        member.send_message(mto=ROOM, mbody="from inside", mtype="groupchat")
        assert (await joined.events.next(ChatReceived)).text == "from inside"


async def test_a_nick_that_changes_hands_is_another_person(meet: Meet, prosody: Prosody) -> None:
    async with Joined(meet.room_url()) as joined:
        async with witness(prosody) as alice:
            await alice.enter(ROOM, "aaaaaaaa")
            alice.send_message(mto=ROOM, mbody="I am Alice", mtype="groupchat")
            first = await joined.events.next(ChatReceived)
        async with witness(prosody) as mallory:
            await mallory.enter(ROOM, "aaaaaaaa")
            mallory.send_message(mto=ROOM, mbody="I am Alice", mtype="groupchat")
            second = await joined.events.next(ChatReceived)
    assert (first.sender_id, first.sender_name) == (second.sender_id, second.sender_name)
    assert first.identity != second.identity
    assert None not in (first.identity, second.identity)
