"""Logging in (RFC 6120, section 6): as a guest, as every browser does, or with an account.

A JSON Web Token travels in the stream's URL; the mechanism stays ANONYMOUS.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from eyeline.config.errors import UsageError
from eyeline.integrations.errors import AccountNeededError, LoginError, ProtocolError, TokenError, WrongLoginError
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.scram import HASHES, Scram, saslprep

_ANONYMOUS, _PLAIN = "ANONYMOUS", "PLAIN"
_MAX_TEXT_CHARS = 300
_WRONG = ("not-authorized", "account-disabled", "credentials-expired")


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the deployment.

    Args:
        username: Without `@domain`.
        password: A secret.
    """

    username: str
    password: str = field(repr=False)

    @classmethod
    def of(cls, username: str, password: str) -> Account:
        """From what a person wrote, `name` or `name@domain`.

        Raises:
            UsageError: One of them is missing.
        """
        name = username.partition("@")[0].strip()
        if not name or not password:
            raise UsageError(
                "An account takes a user name and a password.",
                hint="Set jitsi.username, and EYELINE_JITSI__PASSWORD or jitsi.password_file.",
            )
        return cls(name, password)


class Mechanism:
    """One login by one mechanism: what is sent, and what its answers have to be."""

    name = _ANONYMOUS

    def first(self) -> bytes | None:
        """What the login begins with, if anything."""
        return None

    def answer(self, challenge: bytes) -> bytes:
        """The answer to a challenge.

        Raises:
            ProtocolError: None is due, or it is malformed.
        """
        raise ProtocolError(f"The server sent a challenge of {len(challenge)} bytes where none was due.")

    def verify(self, success: bytes) -> None:
        """Check what came with the success.

        Raises:
            ProtocolError: The server is not who it should be.
        """


class _Plain(Mechanism):
    name = _PLAIN

    def __init__(self, account: Account) -> None:
        self._account = account

    def first(self) -> bytes:
        return f"\0{saslprep(self._account.username)}\0{saslprep(self._account.password)}".encode()


class _Scram(Mechanism):
    def __init__(self, name: str, account: Account) -> None:
        self.name = name
        self._scram = Scram(name, account.username, account.password)

    def first(self) -> bytes:
        return self._scram.first()

    def answer(self, challenge: bytes) -> bytes:
        return self._scram.final(challenge)

    def verify(self, success: bytes) -> None:
        self._scram.verify(success)


def offered_mechanisms(features: Element) -> list[str]:
    """The names that the server offers."""
    return [element.text or "" for element in features.iter(ns.qname(ns.SASL, "mechanism"))]


def choose_mechanism(features: Element, account: Account | None = None, *, encrypted: bool = False) -> Mechanism:
    """The mechanism to log in with.

    Args:
        features: Of the stream.
        account: To log in with, or `None` for a guest.
        encrypted: Whether nobody can listen in; PLAIN shows the password to whoever can.

    Raises:
        AccountNeededError: The server lets nobody in without an account.
        LoginError: The server offers nothing that we can do.
    """
    offered = offered_mechanisms(features)
    if not offered:
        raise LoginError("The server offers no way to log in.", hint="Ask who runs the server.")
    if account is not None:
        return _for_account(offered, account, encrypted=encrypted)
    if _ANONYMOUS in offered:
        return Mechanism()
    raise AccountNeededError(
        f"The server wants an account ({', '.join(offered)[:80]}) and lets nobody in without one.",
        hint="Use a link with a token (?jwt=...), or set jitsi.username and its password.",
    )


def _for_account(offered: Sequence[str], account: Account, *, encrypted: bool) -> Mechanism:
    for name in HASHES:
        if name in offered:
            return _Scram(name, account)
    if _PLAIN in offered and encrypted:
        return _Plain(account)
    if _PLAIN in offered:
        raise LoginError("The server wants the password unencrypted.", hint="Use https.")
    raise LoginError(
        f"The server takes no password here ({', '.join(offered)[:80]}).",
        hint="Join as a guest, without jitsi.username; or set jitsi.domain to the domain of accounts.",
    )


def auth_element(mechanism: Mechanism) -> Element:
    """The request to log in."""
    element = Element(ns.qname(ns.SASL, "auth"), {"mechanism": mechanism.name})
    first = mechanism.first()
    if first is not None:
        element.text = base64.b64encode(first).decode()
    return element


def response_element(text: bytes) -> Element:
    """The answer to a challenge."""
    element = Element(ns.qname(ns.SASL, "response"))
    element.text = base64.b64encode(text).decode()
    return element


def content_of(element: Element) -> bytes:
    """What a challenge or a success carries.

    Raises:
        ProtocolError: It is not base64.
    """
    try:
        return base64.b64decode((element.text or "").strip(), validate=True)
    except (ValueError, binascii.Error) as error:
        raise ProtocolError("The server's part of the login is not base64.") from error


def login_error(failure: Element, *, has_token: bool, has_account: bool = False) -> LoginError:
    """What a `<failure/>` means for a person."""
    text = failure.findtext(ns.qname(ns.SASL, "text"))
    condition = next((name for child in failure if (name := child.tag.rpartition("}")[2]) != "text"), "")
    reason = (text or condition or "no reason given")[:_MAX_TEXT_CHARS].rstrip(".")
    if has_account and condition in _WRONG:
        return WrongLoginError(
            f"The server refused user name or password: {reason}.", hint="Check jitsi.username and its password."
        )
    message = f"The server refused the login: {reason}."
    if has_token:
        return TokenError(message, hint="Ask for a new link: the token in this one is not accepted.")
    return LoginError(message, hint="Use a link with a token.")
