"""Who is heard in a chat, and what is answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from jitsi_lab.waiting import eventually
from steering_lab import RoomInMemory, StillStage, person, still_stage

from eyeline.bot.chat.desk import MAX_AT_ONCE, MAX_TOLD, ChatDesk
from eyeline.bot.chat.limits import MAX_PEOPLE
from eyeline.bot.claim import ClaimCode
from eyeline.bot.control.control import Control
from eyeline.bot.control.people import People
from eyeline.bot.owner import Owners
from eyeline.integrations.events import ChatReceived, Participant

ALICE, BOB, OTHER_BOT = person("aaaaaaaa", "Alice"), person("bbbbbbbb", "Bob"), person("cccccccc", "Eve", bot=True)


def line(text: str, by: Participant = ALICE, *, private: bool = False) -> ChatReceived:
    return ChatReceived(by.id, by.name, text, private=private, identity=by.identity, bot=by.bot)


@dataclass
class Lab:
    """A desk in a room."""

    desk: ChatDesk
    stage: StillStage
    room: RoomInMemory
    codes: list[str]

    async def hears(self, *events: ChatReceived) -> list[str]:
        """What is answered to these lines."""
        before = len(self.room.said)
        for event in events:
            self.desk.hear(event)
        await eventually(lambda: not self.desk._answering, what="all answers")
        return [text for text, _ in self.room.said[before:]]

    async def claim(self, by: Participant = ALICE) -> None:
        [answer] = await self.hears(line(f"!claim {self.codes[-1]}", by, private=True))
        assert "in charge" in answer


@asynccontextmanager
async def lab_of(tmp_path: Path, *people: Participant, cooldown_s: float = 0.0) -> AsyncIterator[Lab]:
    codes: list[str] = []
    code = ClaimCode(codes.append)
    code.renew()
    async with still_stage(tmp_path) as stage:
        control = Control(stage, People(Owners(code)), emit=lambda _: None)
        desk = ChatDesk(control, name="Ada L.", cooldown_s=cooldown_s)
        room = RoomInMemory({each.id: each for each in people})
        await control.settle_in(room)
        async with desk.attend(room):
            yield Lab(desk, stage, room, codes)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab_of(tmp_path, ALICE, BOB) as lab:
        yield lab


async def test_the_owner_is_obeyed_and_answered_privately(lab: Lab) -> None:
    await lab.claim()
    assert await lab.hears(line("!bg beach")) == ["Background: beach."]
    assert lab.stage.background == "beach"
    assert lab.room.said[-1][1] == ALICE.id
    assert await lab.hears(line("/undo", private=True)) == ["Taken back. Background: colour #808080."]


async def test_a_code_may_be_said_to_all(lab: Lab) -> None:
    assert "in charge" in (await lab.hears(line(f"!claim {lab.codes[-1]}")))[0]


async def test_a_stranger_is_refused_once(lab: Lab) -> None:
    assert "Only the person" in (await lab.hears(line("!bg beach")))[0]
    assert await lab.hears(line("!bg beach"), line("!leave"), line("!undo", private=True)) == []
    assert await lab.hears(line("!oops")) == []
    assert lab.stage.background == "color:#808080"


async def test_a_stranger_may_ask_for_status_and_help(lab: Lab) -> None:
    assert "#808080" in (await lab.hears(line("!status", BOB)))[0]
    [overview] = await lab.hears(line("!help", BOB))
    assert len(overview) < 500
    assert "Write !bg" in (await lab.hears(line("!help bg", BOB)))[0]


async def test_typos_of_the_owner_are_answered(lab: Lab) -> None:
    await lab.claim()
    assert await lab.hears(line("!bg beech")) == ["There is no background 'beech'. Did you mean beach or peach?"]
    assert "Did you mean !status" in (await lab.hears(line("!stauts")))[0]
    assert await lab.hears(line("/me waves")) == []


@pytest.mark.parametrize(
    "change",
    [
        {"history": True, "identity": None},
        {"history": True},
        {"bot": True},
        {"identity": None},
        {"identity": BOB.identity},
        {"sender_id": BOB.id, "identity": BOB.identity},
    ],
    ids=["history", "history with a known sender", "a bot", "nobody", "another under her nick", "another of her name"],
)
async def test_what_is_not_hers_now_is_not_obeyed(lab: Lab, change: dict[str, object]) -> None:
    await lab.claim()
    await lab.hears(replace(line("!bg beach"), **change))
    await lab.hears(replace(line("!panic"), **change))
    assert lab.stage.background == "color:#808080"
    assert not lab.stage.video.hidden


async def test_an_answer_goes_to_nobody_who_took_the_nick(lab: Lab) -> None:
    await lab.claim()
    lab.stage.preparing.clear()
    lab.desk.hear(line("!bg beach"))
    await asyncio.sleep(0.05)
    lab.room.participants = {ALICE.id: replace(ALICE, identity=BOB.identity)}
    lab.stage.preparing.set()
    assert await lab.hears() == []
    assert lab.stage.background == "beach"


async def test_only_lines_that_address_us_or_nobody_are_ours(lab: Lab) -> None:
    await lab.claim()
    assert await lab.hears(line("!bg@eve beach")) == []
    assert await lab.hears(line("!bg@adal beach")) == ["Background: beach."]
    assert await lab.hears(line('!bg@"Ada L." peach')) == ["Background: peach."]


async def test_among_several_bots_a_stranger_is_somebody_elses_owner(tmp_path: Path) -> None:
    async with lab_of(tmp_path, ALICE, BOB, OTHER_BOT) as lab:
        await lab.claim()
        assert await lab.hears(line("!bg beach", BOB), line("!status", BOB), line("!claim 000000", BOB)) == []
        assert await lab.hears(line("!bg beach")) == ["Background: beach."]
        assert "Only the person" in (await lab.hears(line("!bg@adal peach", BOB)))[0]
        assert "beach" in (await lab.hears(line("!status", BOB, private=True)))[0]


async def test_bots_do_not_talk_to_each_other(tmp_path: Path) -> None:
    async with lab_of(tmp_path, ALICE, OTHER_BOT) as lab:
        assert await lab.hears(line("!status", OTHER_BOT, private=True)) == []
        assert await lab.hears(line(f"!claim {lab.codes[-1]}", OTHER_BOT, private=True)) == []


async def test_the_denied_hear_nothing(lab: Lab) -> None:
    await lab.claim()
    await lab.hears(line("!deny @Bob"))
    assert await lab.hears(line("!status", BOB, private=True), line("!help", BOB)) == []


async def test_too_fast_is_said_once_but_panic_is_heard(tmp_path: Path) -> None:
    async with lab_of(tmp_path, ALICE, cooldown_s=60.0) as lab:
        await lab.claim()
        answers = await lab.hears(*[line("!status")] * 50)
        assert len(answers) == 4
        assert "too fast" in answers[-1]
        assert await lab.hears(line("!bg beach")) == []
        assert "card" in (await lab.hears(line("!panic")))[0]
        assert lab.stage.video.hidden
        assert await lab.hears(*[line("!panic")] * 50) == []


async def test_a_panic_does_not_wait_for_other_commands(lab: Lab) -> None:
    await lab.claim()
    lab.stage.preparing.clear()
    for _ in range(3 * MAX_AT_ONCE):
        lab.desk.hear(line("!bg beach"))
    assert len(lab.desk._answering) == MAX_AT_ONCE
    lab.desk.hear(line("!panic"))
    await asyncio.sleep(0)
    assert lab.stage.video.hidden
    lab.stage.preparing.set()
    await lab.hears()


async def test_a_flood_leaves_nothing_behind(lab: Lab) -> None:
    for number in range(20_000):
        lab.desk.hear(line("talk " * 50, person(f"{number:08x}", "Stranger")))
    assert lab.desk.kept == 0
    for number in range(20_000):
        lab.desk.hear(line("!bg beach", person(f"{number:08x}", "Stranger")))
    assert lab.desk.kept <= MAX_PEOPLE + MAX_TOLD + MAX_AT_ONCE + 1
    await lab.hears()
    assert len(lab.room.said) <= 8


async def test_answers_end_with_the_meeting(tmp_path: Path) -> None:
    async with lab_of(tmp_path, ALICE) as lab:
        await lab.claim()
        lab.stage.preparing.clear()
        lab.desk.hear(line("!bg beach"))
        await asyncio.sleep(0)
    assert not lab.desk._answering
    lab.desk.hear(line("!bg beach"))
    assert not lab.desk._answering


async def test_a_code_is_not_told_of(lab: Lab) -> None:
    assert lab.desk.masked(line("!claim 482913")).text == "!claim ******"
