"""The picture as a resource, and every other command."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web
from pydantic import TypeAdapter

from eyeline.bot.api.operation import ROOT, Answer, Operation, json_body, model_answer
from eyeline.bot.api.problem import answer, of_outcome
from eyeline.bot.control.caller import Caller, Origin
from eyeline.bot.control.commands import COMMANDS, Command, EffectsPatch, SetEffects
from eyeline.bot.control.control import Control
from eyeline.bot.control.outcome import Outcome, OutcomeStatus
from eyeline.bot.control.status import StatusReport

OPERATOR = Caller.operating(Origin.REST)


_PATCH = TypeAdapter(EffectsPatch)
_DONE = Answer("Done", Outcome)
_STARTED = Answer("It takes longer: an event tells how it ended", Outcome)
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
                {200: _DONE, 202: _STARTED},
                problems=_NOT_DONE,
                takes=COMMANDS,
            ),
        ]

    async def _read(self, _: web.Request) -> web.Response:
        return model_answer(self._control.report)

    async def _change(self, request: web.Request) -> web.Response:
        patch = await json_body(request, _PATCH)
        if patch.model_dump(exclude_none=True):
            outcome = await self._apply(SetEffects.model_validate(patch.model_dump()))
            if outcome.status is not OutcomeStatus.DONE:
                return answer(of_outcome(outcome))
        return model_answer(self._control.report)

    async def _command(self, request: web.Request) -> web.Response:
        command = await json_body(request, COMMANDS)
        outcome = await self._apply(command)
        match outcome.status:
            case OutcomeStatus.DONE:
                return model_answer(outcome)
            case OutcomeStatus.STARTED:
                return model_answer(outcome, HTTPStatus.ACCEPTED)
            case _:
                return answer(of_outcome(outcome))

    async def _apply(self, command: Command) -> Outcome:
        return await self._control.apply(command, OPERATOR)
