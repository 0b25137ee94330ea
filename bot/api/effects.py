"""The picture as a resource, and every other command."""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from eyeline.bot.api.operation import ROOT, Answer, Operation, json_body, model_answer
from eyeline.bot.api.problem import answer, of_outcome
from eyeline.bot.control.backgrounds import as_command
from eyeline.bot.control.caller import Caller, Origin
from eyeline.bot.control.commands import COMMANDS, Command
from eyeline.bot.control.control import Control
from eyeline.bot.control.outcome import Outcome, OutcomeStatus
from eyeline.bot.control.status import StatusReport

OPERATOR = Caller.operating(Origin.REST)


class EffectsPatch(BaseModel):
    """What to change in the picture; what is left out stays."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    background: Annotated[
        str | None,
        Field(
            pattern=r"^(blur:([1-9][0-9]?|100)|color:#[0-9A-Fa-f]{6}|[\w-]{1,64})$",
            description="none, blur, blur:1-100, color:#rrggbb, or the name of a background",
        ),
    ] = None


_PATCH = TypeAdapter(EffectsPatch)
_DONE = Answer("Done", Outcome)
_NOT_DONE = (403, 404, 409, 422, 501, 503)


class Effects:
    """How things stand, and changing them.

    Args:
        control: Does it.
    """

    def __init__(self, control: Control) -> None:
        self._control = control

    def operations(self) -> list[Operation]:
        """What can be done."""
        report = Answer("How things stand", StatusReport)
        return [
            Operation("GET", f"{ROOT}/effects", self._read, "What is done to picture and sound", {200: report}),
            Operation(
                "PATCH",
                f"{ROOT}/effects",
                self._change,
                "Change the picture",
                {200: report},
                problems=_NOT_DONE,
                takes=_PATCH,
            ),
            Operation(
                "POST",
                f"{ROOT}/commands",
                self._command,
                "Ask for anything that can be asked for in the chat",
                {200: _DONE},
                problems=_NOT_DONE,
                takes=COMMANDS,
            ),
        ]

    async def _read(self, _: web.Request) -> web.Response:
        return model_answer(self._control.report)

    async def _change(self, request: web.Request) -> web.Response:
        patch = await json_body(request, _PATCH)
        if patch.background is not None:
            outcome = await self._apply(as_command(patch.background))
            if outcome.status is not OutcomeStatus.DONE:
                return answer(of_outcome(outcome))
        return model_answer(self._control.report)

    async def _command(self, request: web.Request) -> web.Response:
        outcome = await self._apply(await json_body(request, COMMANDS))
        return model_answer(outcome) if outcome.status is OutcomeStatus.DONE else answer(of_outcome(outcome))

    async def _apply(self, command: Command) -> Outcome:
        return await self._control.apply(command, OPERATOR)
