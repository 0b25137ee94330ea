"""The URL of a room, taken apart.

`https://HOST[:PORT][/TENANT]/ROOM[?jwt=TOKEN][#...]`; the scheme may be left out, and `http` is for this machine alone.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from eyeline.integrations.errors import MeetingUrlError

_EXAMPLE = "Example: https://meet.example.org/MyRoom"
_MAX_NAME_CHARS = 200
_MAX_TOKEN_CHARS = 8192
# What Jitsi's own clients drop from a room's name; a silent drop would lead into another room than the one asked for.
_ILLEGAL = frozenset(":?#[]@!$&'()*+,;=></\"\\")
_HOST = re.compile(r"[\w.-]{1,253}")
_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class JitsiUrl:
    """Where a room is.

    Args:
        scheme: `https`, or `http` on loopback.
        host: Lower case, without brackets.
        port: As written, or `None` for the scheme's own.
        tenant: The first of two path segments, or empty.
        room: Decoded and in lower case, as a person reads it.
        token: JSON Web Token that lets us in, or empty. A secret: no text form shows it.
    """

    scheme: str
    host: str
    port: int | None
    tenant: str
    room: str
    token: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take a URL apart.

        Raises:
            MeetingUrlError: The text is not the URL of a room.
        """
        text = text.strip()
        parts = _split(text if "://" in text else f"https://{text}")
        segments = [segment for segment in parts.path.split("/") if segment]
        if not segments:
            raise MeetingUrlError(f"{_shown(text)} names a server but no room.", hint=_EXAMPLE)
        if len(segments) > 2:
            raise MeetingUrlError(f"{_shown(text)} has {len(segments)} path parts, a room at most two.", hint=_EXAMPLE)
        tenant = _name(segments[0], "tenant") if len(segments) == 2 else ""
        room = _name(segments[-1], "room").lower()
        return cls(parts.scheme, parts.hostname or "", parts.port, tenant, room, _token(parts.query))

    @property
    def authority(self) -> str:
        """`host[:port]` as it is written in a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """`scheme://host[:port]`."""
        return f"{self.scheme}://{self.authority}"

    @property
    def room_node(self) -> str:
        """The room's name as the server knows it: NFKC, lower case, percent-encoded (as Jitsi's own clients do)."""
        return _node(self.room)

    @property
    def tenant_node(self) -> str:
        """The tenant's name as the server knows it, or empty."""
        return _node(self.tenant)

    def __str__(self) -> str:
        tenant = f"/{quote(self.tenant)}" if self.tenant else ""
        return f"{self.origin}{tenant}/{quote(self.room)}{'?jwt=***' if self.token else ''}"


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        host, has_user = parts.hostname or "", parts.username is not None
        _ = parts.port
    except ValueError as error:
        raise MeetingUrlError(f"{_shown(text)} is not a URL: {error}.", hint=_EXAMPLE) from error
    if parts.scheme not in ("https", "http"):
        raise MeetingUrlError(f"A room's URL starts with https, not {parts.scheme!r}.", hint=_EXAMPLE)
    if has_user or not (_HOST.fullmatch(host) or _is_address(host)):
        raise MeetingUrlError(f"{_shown(text)} has no valid host.", hint=_EXAMPLE)
    if parts.scheme == "http" and not is_loopback(host):
        raise MeetingUrlError(
            f"http would send the call's keys to {host} unencrypted.", hint="Use https; http is for this machine alone."
        )
    return parts


def _shown(text: str) -> str:
    """The text for a message: short, without query and fragment, where tokens live."""
    bare = re.split(r"[?#]", text, maxsplit=1)[0]
    return repr(bare if len(bare) <= 80 else f"{bare[:80]}...")


def _name(segment: str, what: str) -> str:
    try:
        name = unicodedata.normalize("NFKC", unquote(segment, errors="strict"))
    except UnicodeDecodeError as error:
        raise MeetingUrlError(f"The {what} {segment[:80]!r} is not encoded as UTF-8.", hint=_EXAMPLE) from error
    illegal = sorted({c for c in name if c in _ILLEGAL or not (c.isprintable() or c == " ")})
    if illegal:
        shown = " ".join(c if c.isprintable() else repr(c) for c in illegal)
        raise MeetingUrlError(
            f"The {what} {name[:80]!r} has characters that Jitsi does not allow: {shown}", hint="Leave them out."
        )
    if not name.strip() or len(name) > _MAX_NAME_CHARS:
        raise MeetingUrlError(f"The {what} must have 1 to {_MAX_NAME_CHARS} characters.", hint=_EXAMPLE)
    return name


def _token(query: str) -> str:
    token = parse_qs(query).get("jwt", [""])[-1]
    if token and (len(token) > _MAX_TOKEN_CHARS or not _TOKEN.fullmatch(token)):
        raise MeetingUrlError("The token in the URL (jwt=) is not a JSON Web Token.", hint="Copy the whole link again.")
    return token


def _node(name: str) -> str:
    return quote(name.lower(), safe="!'()*~").lower()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return _is_address(host) and ipaddress.ip_address(host).is_loopback
