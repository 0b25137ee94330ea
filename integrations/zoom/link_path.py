"""What a link of Zoom's leads to: its path, read strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NoReturn
from urllib.parse import SplitResult, unquote

from eyeline.integrations.errors import MeetingUrlError
from eyeline.integrations.zoom.errors import NotAMeetingError, StartLinkError
from eyeline.integrations.zoom.meeting_number import read_meeting_number
from eyeline.integrations.zoom.unwrap import query_of

_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PAGES: Final = {
    "register": "The link leads to a registration, not into a meeting.",
    "rec": "The link leads to a recording, not into a meeting.",
    "recording": "The link leads to a recording, not into a meeting.",
}
_REGISTERED: Final = "Register there; the link of the confirmation (…/j/… or …/w/…) can be joined."
_RECORDED: Final = "Ask for the invitation to a meeting (…/j/…)."


@dataclass(frozen=True, slots=True)
class Destination:
    """A meeting by number, or by the name of a personal link."""

    number: int = 0
    vanity_id: str = ""
    webinar: bool = False


def destination_of(parts: SplitResult) -> Destination | None:
    """What the link of a host of Zoom's leads to; `None` where it is no business of ours (help, dial-in numbers, ...).

    Raises:
        StartLinkError: It makes whoever has it the host.
        NotAMeetingError: It leads to a registration, a recording or an event.
        MeetingUrlError: The meeting's number is none.
    """
    if "zak" in query_of(parts.query):
        _refuse_start()
    if parts.scheme in ("zoommtg", "zoomus"):
        return _of_the_app(parts)
    segments = [unquote(segment) for segment in parts.path.split("/") if segment]
    _refuse_pages((parts.hostname or "").lower(), segments)
    match segments:
        case ["j", number, *_] | ["wc", "join", number, *_] | ["wc", number, "join", *_]:
            return Destination(read_meeting_number(number))
        case ["w", number, *_]:
            return Destination(read_meeting_number(number), webinar=True)
        case ["s", _, *_] | ["wc", _, "start", *_]:
            _refuse_start()
        case ["my", name, *_]:
            return Destination(vanity_id=_vanity(name))
        case ["j" | "w" | "my" | "wc"]:
            raise MeetingUrlError("The link names no meeting.", hint="Copy the whole link from the invitation again.")
    return None


def _of_the_app(parts: SplitResult) -> Destination:
    """`zoommtg://zoom.us/join?action=join&confno=...`, which browsers hand to Zoom's own client."""
    query = query_of(parts.query)
    if parts.path.strip("/") == "start" or query.get("action", "join") == "start":
        _refuse_start()
    if parts.path.strip("/") != "join" or query.get("action", "join") != "join":
        raise NotAMeetingError("The link opens Zoom's client, but joins no meeting.", hint=_RECORDED)
    return Destination(read_meeting_number(query.get("confno", "")))


def _refuse_pages(host: str, segments: list[str]) -> None:
    if host.startswith("events."):
        raise NotAMeetingError("The link leads to Zoom Events, which cannot be joined by programs.", hint=_RECORDED)
    for segment in segments[:2]:
        if segment in _PAGES:
            raise NotAMeetingError(_PAGES[segment], hint=_REGISTERED if segment == "register" else _RECORDED)


def _refuse_start() -> NoReturn:
    raise StartLinkError(
        "The link starts the meeting and holds its host's key.",
        hint="Give it to nobody, and take the link for guests (…/j/…); zoom.zak is where a key of your own goes.",
    )


def _vanity(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise MeetingUrlError("The personal link's name has signs that Zoom does not allow.", hint="Copy it again.")
    return name
