"""Keeps secrets out of everything that is shown or logged."""

from __future__ import annotations

import re
from collections.abc import Mapping

MASK = "********"

_WORD = r"(?:password|passwd|passphrase|passcode|pwd|psw|token|jwt|zak|secret|credential|authorization|api_?key)"
_SECRET_KEY = re.compile(rf"(?:^|[_.\-\s]){_WORD}$", re.IGNORECASE)

_IN_TEXT = (
    # https://user:password@host
    (re.compile(r"((?<![\w+.-])[a-z][a-z0-9+.-]*://)[^/?#\s\"'<>]*@", re.IGNORECASE), rf"\1{MASK}@"),
    # ?jwt=..., &pwd=..., password='...'; also the attributes of a candidate or a TURN service
    (
        re.compile(rf"((?<![\w-])[\w-]*{_WORD}=)(?:\"[^\"]*\"|'[^']*'|[^\s&#;,\"'<>)]+)", re.IGNORECASE),
        rf"\1{MASK}",
    ),
    # The token of somebody who registered for a meeting of Zoom's
    (re.compile(r"([?&;]tk=)[^\s&#;,\"'<>)]+", re.IGNORECASE), rf"\1{MASK}"),
    # "password": "...", as JSON and Python write it
    (
        re.compile(rf"([\"'][\w-]*{_WORD}[\"']\s*:\s*)(?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')", re.IGNORECASE),
        rf"\1{MASK}",
    ),
    # <password>...</password> of a MUC (XEP-0045), <auth>, <response> of SASL (RFC 6120)
    (re.compile(r"(<(?:\w+:)?(password|auth|response)\b[^<>]*(?<!/)>)[^<]+", re.IGNORECASE), rf"\1{MASK}"),
    # Authorization: Bearer ...
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE), rf"\1 {MASK}"),
    # A JWT (RFC 7519) anywhere: its header always begins with {" in base64
    (re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), MASK),
)


def is_secret_key(key: str) -> bool:
    """Whether what stands under this key must not be shown: `password`, `access_token`, `Authorization`, ..."""
    return _SECRET_KEY.search(key) is not None


def redact_text(text: str) -> str:
    """A text without the passwords, tokens and logins in its URLs, headers, JSON and XML."""
    for pattern, replacement in _IN_TEXT:
        text = pattern.sub(replacement, text)
    return text


def redact(value: object) -> object:
    """Any value, fit to be logged: containers are searched, objects become their redacted text."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return redact_text(value)
        case Mapping():
            return {str(key): MASK if is_secret_key(str(key)) else redact(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [redact(item) for item in value]
    return redact_text(str(value))
