"""What can be done at which address: one table that routes requests and describes them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, TypeAdapter

from eyeline.bot.api.problem import refuse
from eyeline.bot.loopback import JSON, Handler

ROOT = "/api/v1"
MAX_BODY_BYTES = 64 * 1024
BODY_TIMEOUT_S = 10.0

Form = TypeVar("Form")


@dataclass(frozen=True, slots=True)
class Answer:
    """One way in which an operation ends well.

    Args:
        what: In plain words.
        model: Of the JSON body.
        media_type: Of the body, where it is no JSON.
        headers: Names, with what they tell.
    """

    what: str
    model: type[BaseModel] | TypeAdapter[Any] | None = None
    media_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address.

    Args:
        method: Upper case.
        path: With `{names}` for parts of it.
        handler: Answers.
        summary: One line.
        answers: By status, where it is done.
        problems: Statuses of what can go wrong, beyond what can everywhere.
        takes: Model of a JSON body.
        takes_form: Schema of a multipart body.
        public: Needs no token.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    answers: Mapping[int, Answer]
    problems: tuple[int, ...] = ()
    takes: type[BaseModel] | TypeAdapter[Any] | None = None
    takes_form: Mapping[str, Any] | None = None
    public: bool = False


async def json_body(request: web.Request, form: TypeAdapter[Form]) -> Form:
    """Read and check a JSON body.

    Raises:
        ApiError: It is of another type, or comes too slowly.
        ValidationError: It is not what the form says.
        HTTPRequestEntityTooLarge: It is too long.
    """
    if request.content_type != JSON:
        raise refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"This address takes {JSON}.")
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            body = await request.read()
    except TimeoutError:
        raise refuse(HTTPStatus.REQUEST_TIMEOUT, "The body did not come in time.") from None
    return form.validate_json(body)


def model_answer(model: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A model as an answer."""
    return web.Response(status=status, text=model.model_dump_json(), content_type=JSON, headers=headers)
