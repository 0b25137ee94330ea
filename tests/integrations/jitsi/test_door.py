"""Everything that can stand between us and a room, on a real Prosody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from jitsi.listening import PATIENCE_S, Joined
from jitsi.meet import Meet, deployed
from jitsi.prosody_server import DOMAIN, MUC, Prosody, running_prosody
from jitsi.witness import Witness, witness
from prosody_process import has_prosody

from eyeline.config.errors import EyelineError
from eyeline.integrations.errors import (
    LobbyDeniedError,
    LobbyTimeoutError,
    MeetingEndedError,
    PasswordNeededError,
    RoomFullError,
    WrongPasswordError,
)
from eyeline.integrations.events import Ended, ParticipantJoined, Waiting, WaitingFor
from eyeline.integrations.jitsi.patience import Patience

ROOM = f"daily@{MUC}"
LOBBY = f"daily@lobby.{DOMAIN}"
QUICK = Patience(seat_retry_s=0.1)


@asynccontextmanager
async def moderator(prosody: Prosody, **options: str) -> AsyncIterator[Witness]:
    """Somebody who owns the room, and its lobby."""
    async with witness(prosody) as person:
        await person.enter(ROOM, "aaaaaaaa")
        if options:
            await person.configure(ROOM, **options)
        await person.enter(LOBBY, "aaaaaaaa")
        yield person


@asynccontextmanager
async def knocking(meet: Meet, **options: object) -> AsyncIterator[tuple[Joined, asyncio.Task[Joined]]]:
    """Somebody who is on the way in."""
    guest = Joined(meet.room_url(), "Ann", **options)
    task = asyncio.create_task(guest.__aenter__())
    try:
        yield guest, task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await guest.__aexit__(None, None, None)


async def knocker(person: Witness) -> tuple[str, str]:
    """Who waits in the lobby: the nick and the real address."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            presence = await person.seen.get()
            is_other = presence["from"].bare == LOBBY and presence["from"].resource != "aaaaaaaa"
            if is_other and presence["type"] == "available":
                item = presence.xml.find(".//{http://jabber.org/protocol/muc#user}item")
                return presence["from"].resource, item.get("jid")


async def waits_in_lobby(guest: Joined) -> None:
    while (waiting := await guest.events.next(Waiting)).what is not WaitingFor.LOBBY:
        pass
    assert waiting.reason == "waiting in the lobby for a moderator to let us in"


async def fails(task: asyncio.Task[Joined], kind: type[EyelineError], words: str, code: str) -> EyelineError:
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(kind, match=words) as caught:
            await task
    assert caught.value.code == code
    assert caught.value.hint
    return caught.value


async def test_is_let_in_from_the_lobby(meet: Meet, prosody: Prosody) -> None:
    async with moderator(prosody, membersonly="1") as person, knocking(meet) as (guest, task):
        await waits_in_lobby(guest)
        nick, address = await knocker(person)
        invitation = f"<x xmlns='http://jabber.org/protocol/muc#user'><invite to='{address}'/></x>"
        person.send_raw(f"<message to='{ROOM}'>{invitation}</message>")
        await task
        assert (await guest.events.next(ParticipantJoined)).participant.id == "aaaaaaaa"
        assert guest.nick == nick
        async with asyncio.timeout(PATIENCE_S):
            while True:  # and is not left behind in the lobby
                gone = await person.seen.get()
                if gone["from"] == f"{LOBBY}/{nick}" and gone["type"] == "unavailable":
                    break


async def test_the_moderator_reads_our_name_in_the_lobby(meet: Meet, prosody: Prosody) -> None:
    async with moderator(prosody, membersonly="1") as person, knocking(meet):
        async with asyncio.timeout(PATIENCE_S):
            while True:
                presence = await person.seen.get()
                if presence["from"].bare == LOBBY and presence["from"].resource != "aaaaaaaa":
                    break
        assert presence.xml.findtext("{http://jabber.org/protocol/nick}nick") == "Ann"


async def test_is_turned_away_in_the_lobby(meet: Meet, prosody: Prosody) -> None:
    async with moderator(prosody, membersonly="1") as person, knocking(meet) as (guest, task):
        nick, _ = await knocker(person)
        await person.order(
            LOBBY,
            f"<query xmlns='http://jabber.org/protocol/muc#admin'><item nick='{nick}' role='none'>"
            "<reason>not now</reason></item></query>",
        )
        error = await fails(task, LobbyDeniedError, "turned us away in the lobby: not now", "lobby_denied")
        assert await guest.events.ended() == Ended(error)


async def test_nobody_comes_to_the_lobby(meet: Meet, prosody: Prosody) -> None:
    async with (
        moderator(prosody, membersonly="1") as person,
        knocking(meet, patience=Patience(people_limit_s=1.0)) as (_, task),
    ):
        nick, _ = await knocker(person)
        await fails(task, LobbyTimeoutError, "Nobody let us in", "lobby_timeout")
        async with asyncio.timeout(PATIENCE_S):
            while (gone := await person.seen.get())["from"] != f"{LOBBY}/{nick}" or gone["type"] != "unavailable":
                pass


async def test_the_lobby_is_switched_off_meanwhile(meet: Meet, prosody: Prosody) -> None:
    async with moderator(prosody, membersonly="1") as person, knocking(meet) as (guest, task):
        await knocker(person)
        await person.configure(ROOM, membersonly="0")
        await person.order(
            LOBBY, f"<query xmlns='http://jabber.org/protocol/muc#owner'><destroy jid='{ROOM}'/></query>"
        )
        await task
        assert (await guest.events.next(ParticipantJoined)).participant.id == "aaaaaaaa"


async def test_the_meeting_ends_while_we_wait_in_the_lobby(meet: Meet, prosody: Prosody) -> None:
    async with moderator(prosody, membersonly="1") as person, knocking(meet) as (_, task):
        await knocker(person)
        await person.order(LOBBY, "<query xmlns='http://jabber.org/protocol/muc#owner'><destroy/></query>")
        await fails_without_hint(task)


async def fails_without_hint(task: asyncio.Task[Joined]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(MeetingEndedError):
            await task


async def test_asks_a_person_for_the_password_until_it_is_right(meet: Meet, prosody: Prosody) -> None:
    answers, asked = ["falsch", "geheim"], []

    async def ask(why: str) -> str | None:
        asked.append(why)
        return answers.pop(0)

    async with (
        moderator(prosody, passwordprotectedroom="1", roomsecret="geheim"),
        knocking(meet, ask_password=ask) as (guest, task),
    ):
        assert (await guest.events.next(Waiting)).what is WaitingFor.PASSWORD
        await task
        assert asked == ["The room wants a password.", "The room's password is another one."]


@pytest.mark.parametrize(
    ("answers", "kind", "code"),
    [
        ([None], PasswordNeededError, "password_needed"),
        (["a", "b", "c"], WrongPasswordError, "password_wrong"),
    ],
)
async def test_asking_for_a_password_has_an_end(
    meet: Meet, prosody: Prosody, answers: list[str | None], kind: type[EyelineError], code: str
) -> None:
    async def ask(_: str) -> str | None:
        return answers.pop(0)

    async with (
        moderator(prosody, passwordprotectedroom="1", roomsecret="geheim"),
        knocking(meet, ask_password=ask) as (_, task),
    ):
        await fails(task, kind, "password", code)
    assert not answers


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[Prosody]:
    """A server whose rooms have two seats."""
    if not has_prosody():
        pytest.skip("Prosody is not installed (Debian: apt install prosody)")
    async with running_prosody(tmp_path, max_occupants=2) as prosody:
        yield prosody


async def test_waits_for_a_seat_in_a_full_room(small: Prosody) -> None:
    async with deployed(small) as meet, witness(small) as person, witness(small) as other:
        await person.enter(ROOM, "aaaaaaaa")
        await other.enter(ROOM, "bbbbbbbb")
        async with knocking(meet, patience=QUICK) as (guest, task):
            assert (await guest.events.next(Waiting)).what is WaitingFor.SEAT
            assert not task.done()
            other.plugin["xep_0045"].leave_muc(ROOM, "bbbbbbbb")
            await task


async def test_a_room_that_stays_full_is_given_up(small: Prosody) -> None:
    async with deployed(small) as meet, witness(small) as person, witness(small) as other:
        await person.enter(ROOM, "aaaaaaaa")
        await other.enter(ROOM, "bbbbbbbb")
        async with knocking(meet, patience=Patience(seat_retry_s=0.1, people_limit_s=0.35)) as (_, task):
            await fails(task, RoomFullError, "full", "room_full")


async def test_a_server_that_goes_away_ends_the_wait_in_the_lobby(meet: Meet, prosody: Prosody) -> None:
    async with moderator(prosody, membersonly="1") as person, knocking(meet) as (_, task):
        await knocker(person)
        await prosody.kill()
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises(EyelineError) as caught:
                await task
        assert caught.value.code == "connection_lost"
