"""Errors as every address of the interface tells them: RFC 9457, problem details for HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eyeline.bot.control.outcome import Outcome, Reason
from eyeline.bot.picture_check import PictureKindError
from eyeline.config.errors import (
    EyelineError,
    MediaError,
    ModelError,
    NetworkError,
    RefusedError,
    UsageError,
)

PROBLEM_JSON = "application/problem+json"
_MAX_COMPLAINTS = 10

_BRANCHES: tuple[tuple[type[EyelineError], HTTPStatus], ...] = (
    (PictureKindError, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (UsageError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (RefusedError, HTTPStatus.FORBIDDEN),
    (NetworkError, HTTPStatus.BAD_GATEWAY),
    (ModelError, HTTPStatus.SERVICE_UNAVAILABLE),
    (MediaError, HTTPStatus.SERVICE_UNAVAILABLE),
)
_REASONS = {
    Reason.NOT_ALLOWED: HTTPStatus.FORBIDDEN,
    Reason.NOT_UNDERSTOOD: HTTPStatus.UNPROCESSABLE_ENTITY,
    Reason.IMPOSSIBLE: HTTPStatus.UNPROCESSABLE_ENTITY,
    Reason.UNKNOWN: HTTPStatus.NOT_FOUND,
    Reason.NOT_BUILT: HTTPStatus.NOT_IMPLEMENTED,
    Reason.NOT_NOW: HTTPStatus.CONFLICT,
    Reason.WRONG_CODE: HTTPStatus.FORBIDDEN,
    Reason.FAILED: HTTPStatus.SERVICE_UNAVAILABLE,
}


class Complaint(BaseModel):
    """What is wrong with one part of a body.

    Args:
        where: A JSON pointer (RFC 6901).
        what: In plain words.
    """

    where: str
    what: str


class Problem(BaseModel):
    """Why something was not done (RFC 9457).

    Args:
        title: The same for every problem of its status.
        status: Of the answer.
        detail: What happened and why.
        hint: What to do next.
        code: For programs.
        reason: Why a command was not done.
        suggestions: What may have been meant.
        errors: What is wrong with the body.
    """

    model_config = ConfigDict(frozen=True)

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    hint: str = ""
    code: str = ""
    reason: Reason | None = None
    suggestions: tuple[str, ...] = Field(())
    errors: tuple[Complaint, ...] = Field(())


class ApiError(Exception):
    """Ends a request with a problem."""

    def __init__(self, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(problem.detail)
        self.problem = problem
        self.headers = headers or {}


def refuse(
    status: HTTPStatus, detail: str, *, hint: str = "", code: str = "http", headers: Mapping[str, str] | None = None
) -> ApiError:
    """A problem to be raised."""
    return ApiError(Problem(title=status.phrase, status=status, detail=detail, hint=hint, code=code), headers)


def of_error(error: EyelineError) -> Problem:
    """What an error of ours is to a caller."""
    status = next((status for branch, status in _BRANCHES if isinstance(error, branch)), HTTPStatus(500))
    return Problem(title=status.phrase, status=status, detail=error.message, hint=error.hint, code=error.code)


def of_outcome(outcome: Outcome) -> Problem:
    """What a command that was not done is to a caller."""
    reason = outcome.reason or Reason.FAILED
    status = _REASONS[reason]
    return Problem(
        title=status.phrase,
        status=status,
        detail=outcome.message,
        code=f"command_{outcome.status.value}",
        reason=reason,
        suggestions=outcome.suggestions,
    )


def of_validation(error: ValidationError) -> Problem:
    """What is wrong with a body; what it held is not repeated."""
    details = error.errors(include_url=False, include_context=False, include_input=False)
    not_json = any(detail["type"] == "json_invalid" for detail in details)
    status = HTTPStatus.BAD_REQUEST if not_json else HTTPStatus.UNPROCESSABLE_ENTITY
    complaints = tuple(
        Complaint(where="".join(f"/{part}" for part in detail["loc"]), what=detail["msg"])
        for detail in details[:_MAX_COMPLAINTS]
    )
    told = "The body is not JSON." if not_json else "The body is not what this address takes."
    return Problem(title=status.phrase, status=status, detail=told, code="body", errors=complaints)


def answer(problem: Problem, headers: Mapping[str, str] | None = None) -> web.Response:
    """A problem as an answer."""
    body = problem.model_dump_json(exclude_defaults=True).encode()
    return web.Response(status=problem.status, body=body, content_type=PROBLEM_JSON, headers=headers)
