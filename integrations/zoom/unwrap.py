"""Links within links, as mail programs make them to check every click."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from eyeline.integrations.errors import MeetingUrlError

_MAX_LAYERS: Final = 2
_HTTP: Final = re.compile(r"https?://", re.IGNORECASE)
_SAFELINKS: Final = (".safelinks.protection.outlook.com", ".safelinks.protection.office365.us")
_GOOGLE: Final = frozenset({"google.com", "www.google.com"})


def query_of(query: str) -> dict[str, str]:
    """The first value of each name. A `+` stays what it is, since passcodes may hold one."""
    values: dict[str, str] = {}
    for item in query.split("&"):
        name, _, value = item.partition("=")
        values.setdefault(name, unquote(value))
    return values


def split_url(url: str) -> SplitResult:
    """Take a URL apart.

    Raises:
        MeetingUrlError: It is none, names a user or another port than its own.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if not host or parts.username is not None or port not in (None, 443):
        # The text is not shown: a link's query is a key to the meeting.
        raise MeetingUrlError("The link is no valid URL.", hint="Copy the whole link from the invitation again.")
    return parts


def unwrapped(url: str) -> SplitResult:
    """The link that Outlook (Safe Links) or Google wrapped, once or twice; any other link as it is.

    Raises:
        MeetingUrlError: It is no URL, or wrapped more often than that.
    """
    parts = split_url(url.replace("&amp;", "&"))  # as HTML writes it
    for _ in range(_MAX_LAYERS):
        inner = _inner(parts)
        if inner is None:
            return parts
        parts = split_url(inner)
    if _inner(parts) is not None:
        raise MeetingUrlError(
            f"The link is wrapped in other links more than {_MAX_LAYERS} times.",
            hint="Open it, and copy the address that begins with Zoom's name.",
        )
    return parts


def _inner(parts: SplitResult) -> str | None:
    host, query = (parts.hostname or "").lower(), query_of(parts.query)
    wrapped = ""
    if host.endswith(_SAFELINKS):
        wrapped = query.get("url", "")
    elif host in _GOOGLE and parts.path == "/url":
        wrapped = query.get("q") or query.get("url", "")
    return wrapped if _HTTP.match(wrapped) else None
