"""The link to a Zoom meeting, or whatever else people paste, taken apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import SplitResult

from eyeline.integrations.errors import MeetingUrlError
from eyeline.integrations.zoom.errors import AmbiguousMeetingError, NotAMeetingError, NotZoomError, StartLinkError
from eyeline.integrations.zoom.hosts import DEFAULT_WEB_DOMAIN, imitates_zoom, web_domain_of
from eyeline.integrations.zoom.invitation import MAX_CHARS, links_in, number_in
from eyeline.integrations.zoom.link_path import destination_of
from eyeline.integrations.zoom.unwrap import query_of, unwrapped

_BEWARE: Final = "Do not open it; ask whoever sent it for the meeting's number instead."
_EXAMPLE: Final = "Example: https://zoom.us/j/81234567890?pwd=…"
_MAX_PASSCODE_CHARS: Final = 256
_MAX_TOKEN_CHARS: Final = 8192
_MAX_NAME_CHARS: Final = 80
_VISIBLE: Final = re.compile(r"[\x21-\x7e]+")
_MEETING_PATH: Final = re.compile(r"/(?:[jws]|wc/join)/[0-9]{6,}|/my/|/wc/[0-9]{6,}/")


@dataclass(frozen=True, slots=True)
class ZoomLink:
    """Which meeting, and what opens it.

    Args:
        meeting_number: Of 9 to 11 digits; 0 where `vanity_id` names the meeting.
        vanity_id: The name of a personal link, or empty.
        passcode: What Zoom's SDK takes as `psw`: as it stands in the link (where it is encoded), or as somebody typed
            it. A secret: no text form shows it.
        token: `tk` of somebody who registered; a secret, too.
        webinar: Whether it is a webinar.
        name_hint: Whom the link was made for; empty mostly.
        web_domain: The cloud it is in, which the SDK has to know before anything else.
    """

    meeting_number: int
    vanity_id: str = ""
    passcode: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    webinar: bool = False
    name_hint: str = ""
    web_domain: str = DEFAULT_WEB_DOMAIN

    @classmethod
    def parse(cls, text: str) -> Self:
        """Find the meeting in a link, an invitation or a number with its passcode.

        Raises:
            NotZoomError: The link leads elsewhere, perhaps to somebody who imitates Zoom.
            StartLinkError: The link is its host's.
            NotAMeetingError: The link leads to a registration, a recording or an event.
            AmbiguousMeetingError: There is more than one meeting in the text.
            MeetingUrlError: There is none, or it is written in a way that cannot be.
        """
        if len(text) > MAX_CHARS:
            raise MeetingUrlError(f"The text has more than {MAX_CHARS} characters.", hint=_EXAMPLE)
        link, fault = cls._of_links(links_in(text))
        if link is not None:
            return link
        found = number_in(text)
        if found is None:
            raise fault or MeetingUrlError("There is no Zoom meeting in the text.", hint=_EXAMPLE)
        return cls(found.number, passcode=_secret(found.passcode, "passcode", _MAX_PASSCODE_CHARS))

    def __str__(self) -> str:
        if self.vanity_id:
            return f"{self.web_domain}/my/{self.vanity_id}"
        return f"{self.web_domain}/{'w' if self.webinar else 'j'}/{self.meeting_number}"

    @classmethod
    def _of_links(cls, links: Sequence[str]) -> tuple[Self | None, MeetingUrlError | None]:
        """The one meeting that all these links lead to, and what is wrong with one that is badly written.

        Raises:
            MeetingUrlError: They lead to several, or to none though one of them is clearly meant to be followed.
        """
        meetings: list[Self] = []
        faults: list[MeetingUrlError] = []
        for link in links:
            try:
                meeting = cls._of_link(unwrapped(link))
            except MeetingUrlError as error:
                faults.append(error)
            else:
                meetings += [meeting] if meeting is not None else []
        if len({(each.meeting_number, each.vanity_id) for each in meetings}) > 1:
            raise AmbiguousMeetingError("The text has links to several meetings.", hint="Give the link of one.")
        if meetings:
            return next((each for each in meetings if each.passcode), meetings[0]), None
        for fault in faults:
            if isinstance(fault, NotZoomError | StartLinkError | NotAMeetingError):
                raise fault
        return None, next(iter(faults), None)

    @classmethod
    def _of_link(cls, parts: SplitResult) -> Self | None:
        host = (parts.hostname or "").lower()
        web_domain = web_domain_of(host)
        if web_domain is None:
            if _pretends(parts):
                raise NotZoomError(f"{host!r} is not a server of Zoom's, though the link looks like it.", hint=_BEWARE)
            return None
        destination = destination_of(parts)
        if destination is None:
            return None
        query = query_of(parts.query)
        return cls(
            destination.number,
            vanity_id=destination.vanity_id,
            passcode=_secret(query.get("pwd", ""), "passcode", _MAX_PASSCODE_CHARS),
            token=_secret(query.get("tk", ""), "token", _MAX_TOKEN_CHARS),
            webinar=destination.webinar,
            name_hint=_name(query.get("uname", "")),
            web_domain=web_domain,
        )


def looks_like_zoom(text: str) -> bool:
    """Whether a text is for `ZoomLink.parse` to judge, and no room of another platform.

    True also for what it will refuse, such as a link of somebody who imitates Zoom.
    """
    if any(_is_about_zoom(link) for link in links_in(text[:MAX_CHARS])):
        return True
    try:
        return number_in(text[:MAX_CHARS]) is not None
    except MeetingUrlError:
        return True


def _is_about_zoom(link: str) -> bool:
    try:
        parts = unwrapped(link)
    except MeetingUrlError:
        return "zoom" in link.lower()
    return web_domain_of((parts.hostname or "").lower()) is not None or _pretends(parts)


def _pretends(parts: SplitResult) -> bool:
    """Whether a link that is not Zoom's is made to be taken for one."""
    host = (parts.hostname or "").lower()
    return parts.scheme in ("zoommtg", "zoomus") or (imitates_zoom(host) and bool(_MEETING_PATH.match(parts.path)))


def _secret(value: str, what: str, max_chars: int) -> str:
    if value and (len(value) > max_chars or not _VISIBLE.fullmatch(value)):
        raise MeetingUrlError(f"The meeting's {what} has signs that none can have, or too many.", hint="Copy it again.")
    return value


def _name(value: str) -> str:
    name = value.replace("+", " ").strip()
    return name if name.isprintable() and len(name) <= _MAX_NAME_CHARS else ""
