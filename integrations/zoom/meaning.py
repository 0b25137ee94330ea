"""From a word of the SDK's to its situation, with what we know besides."""

from __future__ import annotations

from typing import Final

from eyeline.config.errors import RefusedError
from eyeline.integrations.errors import ConnectionLostError, LoginError, MeetingEndedError, NotAdmittedError
from eyeline.integrations.zoom.errors import ZoomUnavailableError
from eyeline.integrations.zoom.situations import (
    ABSENT,
    AUTHENTICATION,
    CALLS,
    CREDENTIALS_HINT,
    DENIED,
    ENDINGS,
    FAILURES,
    LOADING,
    NO_PASSCODE,
    PASSING,
    Again,
    Situation,
)

_PASSCODE_ERR: Final = 4  # of `MeetingFailCode`, as `_UNKNOWN`
_UNKNOWN: Final = 65535
_KICK_BY_HOST: Final = 1  # of `MeetingEndReason`

_SDK_BROKEN: Final = "Is the SDK whole? eyeline doctor zoom"


def authentication(result: str) -> Situation | None:
    """What an `AuthResult` means; `None` where all is well."""
    if result in AUTHENTICATION:
        return AUTHENTICATION[result]
    return Situation(
        LoginError, f"Zoom does not accept our credentials: {result}, which is new to us.", CREDENTIALS_HINT
    )


def failure(code: int, *, on_behalf: bool, has_passcode: bool) -> Situation:
    """What a `MeetingFailCode` means.

    Args:
        code: As the SDK gave it.
        on_behalf: Whether we join on somebody's behalf: Zoom then has no reason for us while that person is absent.
        has_passcode: Whether we gave one.
    """
    if code == _UNKNOWN and on_behalf:
        return ABSENT
    if code == _PASSCODE_ERR and not has_passcode:
        return NO_PASSCODE
    return FAILURES.get(code) or Situation(
        NotAdmittedError,
        f"Zoom does not let us in, for a reason that is new to us (number {code}).",
        "Ask the host.",
    )


def ending(reason: int, *, in_waiting_room: bool) -> Situation:
    """What a `MeetingEndReason` means.

    Args:
        reason: As the SDK gave it.
        in_waiting_room: Whether we were still there.
    """
    if in_waiting_room and reason == _KICK_BY_HOST:
        return DENIED
    return ENDINGS.get(reason) or Situation(
        MeetingEndedError, f"The meeting ended for a reason that is new to us (number {reason}).", "Join again."
    )


def refused_call(call: str, error: str) -> Situation:
    """What it means that a call which begins something was refused at once."""
    if known := CALLS.get((call, error)):
        return known
    if call == "import":
        return _not_loaded(error)
    if error in PASSING:
        return Situation(
            ConnectionLostError, f"Zoom's SDK cannot work now ({call}: {error}).", "Try again later.", Again.SOON
        )
    if error in LOADING:
        return Situation(RefusedError, f"Zoom's SDK does not work on this machine ({call}: {error}).", _SDK_BROKEN)
    return Situation(RefusedError, f"Zoom's SDK refused to go on ({call}: {error}).", _SDK_BROKEN)


def _not_loaded(what: str) -> Situation:
    """Zoom's SDK could not be loaded, for want of a library or of itself."""
    if what.startswith("lib"):
        sentence = f"Zoom's SDK needs a library that this system lacks: {what}."
        return Situation(ZoomUnavailableError, sentence, "eyeline doctor zoom says which package has it.")
    return Situation(
        ZoomUnavailableError,
        f"Zoom's SDK cannot be loaded ({what}).",
        "Install the extra eyeline[zoom], or run: python -m pip install zoom-meeting-sdk PyJWT",
    )
