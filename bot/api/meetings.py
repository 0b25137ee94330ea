"""Meetings as resources: joining makes one, deleting it leaves."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter

from eyeline.bot.api.operation import ROOT, Answer, Operation, json_body, model_answer
from eyeline.bot.api.problem import refuse
from eyeline.bot.host import BusyError, Host, Stay
from eyeline.bot.state import SessionState
from eyeline.config.schema import MeetingName, MeetingNotice, Settings


class Joining(BaseModel):
    """Which meeting to join; what is left out is as the settings say."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: Annotated[str, Field(min_length=1, max_length=16_384, description="Of the room")]
    name: MeetingName | None = None
    notice: MeetingNotice | None = None
    password: Annotated[SecretStr, Field(max_length=1024)] | None = None

    def over(self, settings: Settings) -> Settings:
        """Settings with this on top."""
        given = {name: value for name in ("name", "notice", "password") if (value := getattr(self, name)) is not None}
        return settings.model_copy(update={"meeting": settings.meeting.model_copy(update=given)})


class MeetingError(BaseModel):
    """Why a stay failed."""

    code: str
    message: str
    hint: str


class MeetingState(BaseModel):
    """One stay in one meeting."""

    id: str
    url: str
    state: SessionState
    reason: str
    since: datetime
    error: MeetingError | None

    @classmethod
    def of(cls, stay: Stay) -> MeetingState:
        """As it is now."""
        failed = stay.error
        error = MeetingError(code=failed.code, message=failed.message, hint=failed.hint) if failed else None
        return cls(id=stay.id, url=stay.room, state=stay.state, reason=stay.reason, since=stay.since, error=error)


class MeetingList(BaseModel):
    """The running stay and the newest past ones, oldest first."""

    meetings: tuple[MeetingState, ...]


_JOINING = TypeAdapter(Joining)


class Meetings:
    """Goes into meetings and out of them.

    Args:
        host: Does it.
    """

    def __init__(self, host: Host) -> None:
        self._host = host

    def operations(self) -> list[Operation]:
        """What can be done."""
        one, state = f"{ROOT}/meetings/{{id}}", Answer("The stay", MeetingState)
        joined = Answer(
            "Joining has begun; what comes of it is read at `Location`",
            MeetingState,
            headers={"Location": "Where to read it"},
        )
        return [
            Operation(
                "POST", f"{ROOT}/meetings", self._join, "Join a meeting", {201: joined}, (409, 422), takes=_JOINING
            ),
            Operation("GET", f"{ROOT}/meetings", self._list, "All stays", {200: Answer("They are", MeetingList)}),
            Operation("GET", one, self._read, "One stay", {200: state}, (404,)),
            Operation("DELETE", one, self._leave, "Leave", {200: state}, (404,)),
        ]

    async def _join(self, request: web.Request) -> web.Response:
        joining = await json_body(request, _JOINING)
        try:
            stay = self._host.join(joining.url, joining.over(self._host.settings))
        except BusyError as error:
            raise refuse(HTTPStatus.CONFLICT, error.message, hint=error.hint, code=error.code) from error
        return model_answer(MeetingState.of(stay), 201, {"Location": f"{ROOT}/meetings/{stay.id}"})

    async def _list(self, _: web.Request) -> web.Response:
        return model_answer(MeetingList(meetings=tuple(MeetingState.of(stay) for stay in self._host.stays)))

    async def _read(self, request: web.Request) -> web.Response:
        return model_answer(MeetingState.of(self._found(request)))

    async def _leave(self, request: web.Request) -> web.Response:
        stay = self._found(request)
        await self._host.leave(stay)
        return model_answer(MeetingState.of(stay))

    def _found(self, request: web.Request) -> Stay:
        stay = self._host.stay(request.match_info["id"])
        if stay is None:
            raise refuse(HTTPStatus.NOT_FOUND, "There is no such stay.")
        return stay
