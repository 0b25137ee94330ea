"""The answer to every command."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict

from eyeline.config.errors import EyelineError, UsageError


class OutcomeStatus(StrEnum):
    """How it went. Only `DONE` has changed or told anything; `SUGGESTION` asks whether something else was meant.

    What takes longer is `STARTED`, and another outcome tells how it ended.
    """

    DONE = "done"
    STARTED = "started"
    REFUSED = "refused"
    SUGGESTION = "suggestion"


class Reason(StrEnum):
    """Why something was not done."""

    NOT_ALLOWED = "not_allowed"
    NOT_UNDERSTOOD = "not_understood"
    UNKNOWN = "unknown"
    IMPOSSIBLE = "impossible"
    NOT_BUILT = "not_built"
    NOT_NOW = "not_now"
    WRONG_CODE = "wrong_code"
    FAILED = "failed"


class Outcome(BaseModel):
    """What came of a command; frozen.

    Args:
        status: How it went.
        message: In plain words; one line, but for lists and help.
        reason: Why not; `None` when it was done.
        suggestions: What may have been meant.
    """

    model_config = ConfigDict(frozen=True)

    status: OutcomeStatus
    message: str
    reason: Reason | None = None
    suggestions: tuple[str, ...] = ()

    @classmethod
    def done(cls, message: str) -> Self:
        """It was done, or told."""
        return cls(status=OutcomeStatus.DONE, message=message)

    @classmethod
    def started(cls, message: str) -> Self:
        """It is being done."""
        return cls(status=OutcomeStatus.STARTED, message=message)

    @classmethod
    def refused(cls, reason: Reason, message: str) -> Self:
        """It was not done."""
        return cls(status=OutcomeStatus.REFUSED, message=message, reason=reason)

    @classmethod
    def failed(cls, error: EyelineError) -> Self:
        """It was tried, and nothing has changed."""
        cannot_be = isinstance(error, UsageError)
        return cls.refused(Reason.IMPOSSIBLE if cannot_be else Reason.FAILED, str(error))

    @classmethod
    def suggest(cls, message: str, *suggestions: str, reason: Reason = Reason.UNKNOWN) -> Self:
        """It was not done; one of these may have been meant."""
        return cls(status=OutcomeStatus.SUGGESTION, message=message, reason=reason, suggestions=suggestions)
