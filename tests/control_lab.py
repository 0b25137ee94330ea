"""A control that steers a still stage, with two people in its room."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from steering_lab import RoomInMemory, StillStage, Told, person, still_stage

from eyeline.bot.claim import ClaimCode
from eyeline.bot.control import commands as say
from eyeline.bot.control.caller import Caller, Origin
from eyeline.bot.control.control import Control, Remembering
from eyeline.bot.control.memory import EffectMemory
from eyeline.bot.control.outcome import Outcome, OutcomeStatus
from eyeline.bot.control.people import People as Steerers
from eyeline.bot.owner import OwnerFile, Owners

OPERATOR = Caller.operating(Origin.REST)
ALICE, BOB = person("aaaaaaaa", "Alice"), person("bbbbbbbb", "Bob")
BY_ALICE = Caller(Origin.CHAT, "Alice", ALICE.identity)
BY_BOB = Caller(Origin.CHAT, "Bob", BOB.identity)
BY_NOBODY = Caller(Origin.CHAT, "Alice", None)
SERVER = "https://meet.test"


@dataclass
class ControlLab:
    """A control and what it steers."""

    stage: StillStage
    control: Control
    room: RoomInMemory
    memory: EffectMemory
    codes: list[str]
    events: Told = field(default_factory=list)

    async def asks(self, command: say.Command, caller: Caller = OPERATOR) -> Outcome:
        """Give a command; what came of it."""
        return await self.control.apply(command, caller)

    async def does(self, command: say.Command, caller: Caller = OPERATOR) -> str:
        """Give a command that has to work; its answer."""
        outcome = await self.asks(command, caller)
        assert outcome.status is OutcomeStatus.DONE, outcome
        return outcome.message

    async def refuses(self, command: say.Command, caller: Caller = OPERATOR) -> Outcome:
        """Give a command that must not work."""
        outcome = await self.asks(command, caller)
        assert outcome.status is not OutcomeStatus.DONE, outcome
        return outcome


@asynccontextmanager
async def control_lab(tmp_path: Path) -> AsyncIterator[ControlLab]:
    """One that has settled in."""
    codes: list[str] = []
    events: Told = []
    async with still_stage(tmp_path) as stage:
        code = ClaimCode(codes.append)
        code.renew()
        memory = EffectMemory(tmp_path / "effects.json")
        people = Steerers(Owners(code), SERVER, OwnerFile(tmp_path / "owners.json"))
        control = Control(stage, people, emit=events.append, remembering=Remembering(memory, "Ada"))
        room = RoomInMemory({"aaaaaaaa": ALICE, "bbbbbbbb": BOB})
        await control.settle_in(room)
        yield ControlLab(stage, control, room, memory, codes, events)
