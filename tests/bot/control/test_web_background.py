"""A background from the web as a command: begun at once, ended later, and gone with the run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from api_lab import TOKEN, served
from jitsi_lab.waiting import eventually
from steering_lab import RoomInMemory, StillStage, person, still_stage
from web_lab import INSIDE_ADDRESS, PUBLIC, Web, png, running_web

from eyeline.bot.chat.desk import ChatDesk
from eyeline.bot.claim import ClaimCode
from eyeline.bot.control import commands as say
from eyeline.bot.control.caller import Caller, Origin
from eyeline.bot.control.control import Control, Remembering
from eyeline.bot.control.memory import EffectMemory
from eyeline.bot.control.outcome import Outcome, OutcomeStatus, Reason
from eyeline.bot.control.people import People
from eyeline.bot.control.web_background import WebBackgrounds
from eyeline.bot.events import BotEvent, CommandAnswered
from eyeline.bot.owner import Owners
from eyeline.bot.web_picture.shelf import MAX_KEPT, Shelf
from eyeline.integrations.events import ChatReceived
from eyeline.processing.effects import FileBackground

OPERATOR = Caller.operating(Origin.REST)
ALICE, BOB = person("aaaaaaaa", "Alice"), person("bbbbbbbb", "Bob")


@dataclass
class Lab:
    """A control that fetches from servers of the test."""

    control: Control
    stage: StillStage
    world: Web
    ended: list[Outcome] = field(default_factory=list)
    events: list[BotEvent] = field(default_factory=list)

    async def begins(self, url: str | None = None) -> Outcome:
        command = say.FetchBackground(url=self.world.url() if url is None else url)
        return await self.control.apply(command, OPERATOR, self.ended.append)

    async def end(self) -> Outcome:
        await eventually(lambda: self.ended, what="the end of fetching")
        return self.ended.pop()

    @property
    def path(self) -> Path:
        background = self.stage.effects.background
        assert isinstance(background, FileBackground)
        return background.path


@asynccontextmanager
async def fetching(tmp_path: Path) -> AsyncIterator[Lab]:
    events: list[BotEvent] = []
    async with running_web(tmp_path) as world, still_stage(tmp_path) as stage:
        memory = Remembering(EffectMemory(tmp_path / "effects.json"), "Ada")
        web_backgrounds = WebBackgrounds(world.fetcher())
        control = Control(stage, People(), emit=events.append, remembering=memory, web=web_backgrounds)
        try:
            yield Lab(control, stage, world, events=events)
        finally:
            await control.close()
            assert world.reached == []


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with fetching(tmp_path) as lab:
        yield lab


def held(world: Web) -> asyncio.Event:
    """A picture that comes once this is set."""
    going_on = asyncio.Event()

    async def answer(_: web.Request) -> web.Response:
        await going_on.wait()
        return web.Response(body=png())

    world.answers["/x.png"] = answer
    return going_on


async def test_a_picture_from_the_web(lab: Lab) -> None:
    begun = await lab.begins()
    assert (begun.status, begun.message) == (OutcomeStatus.STARTED, f"Fetching the picture from {PUBLIC}.")
    assert lab.stage.background == "color:#808080"
    ended = await lab.end()
    assert (ended.status, ended.message) == (OutcomeStatus.DONE, "Background: a picture from the web.")
    assert lab.path.exists()
    assert "a picture from the web" in lab.control.report.words()
    answered = [event.status for event in lab.events if isinstance(event, CommandAnswered)]
    assert answered == ["started", "done"]
    assert [entry.outcome.status.value for entry in lab.control.audit.entries] == answered


async def test_undo_goes_back_to_it_and_from_it(lab: Lab) -> None:
    await lab.begins()
    await lab.end()
    path = lab.path
    await lab.control.apply(say.SetBlur(), OPERATOR)
    await lab.control.apply(say.Undo(), OPERATOR)
    assert lab.path == path
    await lab.control.apply(say.Undo(), OPERATOR)
    assert lab.stage.background == "color:#808080"


async def test_nothing_of_it_outlives_the_run(tmp_path: Path) -> None:
    async with fetching(tmp_path) as lab:
        await lab.begins()
        await lab.end()
        path = lab.path
        assert path.parent.stat().st_mode & 0o077 == 0
    assert not path.parent.exists()
    assert not (tmp_path / "effects.json").exists()
    assert {each.name for each in (tmp_path / "gallery").iterdir()} == {"beach.png", "beacon.png", "peach.png"}


@pytest.mark.parametrize("url", ["http://pictures.example/x.png", "https://127.0.0.2/", "nonsense", "https://x"])
async def test_urls_that_are_not_gone_to(lab: Lab, url: str) -> None:
    outcome = await lab.begins(url)
    assert (outcome.status, outcome.reason) == (OutcomeStatus.REFUSED, Reason.IMPOSSIBLE)
    assert lab.world.looked_up == []


async def test_what_cannot_be_had_changes_nothing(lab: Lab) -> None:
    lab.world.names[PUBLIC] = [INSIDE_ADDRESS]
    assert (await lab.begins()).status is OutcomeStatus.STARTED
    ended = await lab.end()
    assert (ended.status, "private network" in ended.message) == (OutcomeStatus.REFUSED, True)
    assert lab.stage.background == "color:#808080"
    lab.world.names.pop(PUBLIC)
    await lab.begins()
    assert (await lab.end()).status is OutcomeStatus.REFUSED


async def test_off_unless_the_settings_have_it_on(tmp_path: Path) -> None:
    async with still_stage(tmp_path) as stage:
        control = Control(stage, People(), emit=lambda _: None)
        outcome = await control.apply(say.FetchBackground(url=f"https://{PUBLIC}/x.png"), OPERATOR)
        assert outcome.reason is Reason.NOT_ALLOWED
        assert "effects.url_backgrounds" in outcome.message


async def test_other_commands_go_on_meanwhile(lab: Lab) -> None:
    going_on = held(lab.world)
    await lab.begins()
    assert (await lab.begins()).reason is Reason.NOT_NOW
    assert (await lab.control.apply(say.Panic(), OPERATOR)).status is OutcomeStatus.DONE
    going_on.set()
    assert "card stays" in (await lab.end()).message
    assert lab.stage.video.hidden


async def test_a_newer_choice_wins(lab: Lab) -> None:
    going_on = held(lab.world)
    await lab.begins()
    await lab.control.apply(say.SetBackground(name="beach"), OPERATOR)
    going_on.set()
    assert (await lab.end()).reason is Reason.NOT_NOW
    assert lab.stage.background == "beach"


async def test_fetching_ends_with_the_run(tmp_path: Path) -> None:
    async with fetching(tmp_path) as lab:
        held(lab.world)
        await lab.begins()
    assert lab.ended == []


async def test_only_the_owner_has_this_machine_fetch_and_hears_of_it_twice(tmp_path: Path) -> None:
    codes: list[str] = []
    code = ClaimCode(codes.append)
    code.renew()
    async with running_web(tmp_path) as world, still_stage(tmp_path) as stage:
        control = Control(stage, People(Owners(code)), emit=lambda _: None, web=WebBackgrounds(world.fetcher()))
        desk, room = ChatDesk(control, name="Ada", cooldown_s=0), RoomInMemory({ALICE.id: ALICE, BOB.id: BOB})
        await control.settle_in(room)

        async def said(text: str, by: str = "aaaaaaaa", answers: int = 1) -> list[str]:
            before, who = len(room.said), room.participants[by]
            desk.hear(ChatReceived(by, who.name, text, identity=who.identity))
            await eventually(lambda: len(room.said) >= before + answers, what=f"answers to {text}")
            assert {to for _, to in room.said[before:]} == {by}
            return [line for line, _ in room.said[before:]]

        async with desk.attend(room):
            await said(f"!claim {codes[-1]}")
            await said("!allow Bob")
            assert "Only the person" in (await said(f"!bg {world.url()}", "bbbbbbbb"))[0]
            assert world.asked == []
            assert await said(f"!bg {world.url()}", answers=2) == [
                f"Fetching the picture from {PUBLIC}.",
                "Background: a picture from the web.",
            ]
        await control.close()


async def test_over_rest_it_is_accepted_and_an_event_tells_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_web(tmp_path) as world:
        monkeypatch.setattr("eyeline.bot.steering.PictureFetcher", world.fetcher)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with (
            served(tmp_path, effects__url_backgrounds=True) as api,
            aiohttp.ClientSession(api.url, headers=headers) as http,
        ):
            body = {"kind": "web_background", "url": world.url()}
            async with http.post("/api/v1/commands", json=body) as told:
                assert (told.status, (await told.json())["status"]) == (202, "started")

            def ended() -> list[str]:
                answered = [event for event in api.events if isinstance(event, CommandAnswered)]
                return [event.message for event in answered if event.status == "done"]

            await eventually(ended, what="the end of fetching")
            assert ended() == ["Background: a picture from the web."]


def test_the_shelf_is_finite() -> None:
    shelf = Shelf()
    paths = [shelf.put(b"x") for _ in range(MAX_KEPT + 2)]
    assert [path.exists() for path in paths] == [False, False] + [True] * MAX_KEPT
    shelf.close()
    assert not paths[-1].parent.exists()
