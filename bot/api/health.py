"""Whether the program is alive and fit to be used, for whatever watches over it."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web
from pydantic import BaseModel

from eyeline.bot.api.operation import Answer, Operation, model_answer
from eyeline.bot.host import Host
from eyeline.bot.state import SessionState

MAX_LAG_P99_MS = 1000.0


class Health(BaseModel):
    """It answers."""

    alive: bool = True


class Readiness(BaseModel):
    """Whether it can do its work.

    Args:
        ready: It can.
        meeting: Where the running stay stands; `None` where there is none.
        detail: Why not.
    """

    ready: bool
    meeting: SessionState | None
    detail: str = ""


class HealthChecks:
    """The two checks.

    Args:
        host: Is checked.
    """

    def __init__(self, host: Host) -> None:
        self._host = host

    def operations(self) -> list[Operation]:
        """What can be done."""
        ready = {200: Answer("It is ready", Readiness), 503: Answer("It is not", Readiness)}
        return [
            Operation("GET", "/healthz", self._alive, "Whether it answers", {200: Answer("Yes", Health)}, public=True),
            Operation("GET", "/readyz", self._ready, "Whether it can work", ready, public=True),
        ]

    async def _alive(self, _: web.Request) -> web.Response:
        return model_answer(Health())

    async def _ready(self, _: web.Request) -> web.Response:
        stay, studio = self._host.current, self._host.stage.studio
        lag = studio.loop_lag.percentiles() if studio else None
        late = lag is not None and lag.p99_ms > MAX_LAG_P99_MS
        told = Readiness(
            ready=not late,
            meeting=stay.state if stay else None,
            detail="The event loop is late by more than a second." if late else "",
        )
        return model_answer(told, HTTPStatus.SERVICE_UNAVAILABLE if late else HTTPStatus.OK)
