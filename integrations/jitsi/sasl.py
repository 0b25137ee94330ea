"""Logging in (RFC 6120, section 6): anonymously, as every guest of a meeting does.

A JSON Web Token travels in the WebSocket's URL; the mechanism stays ANONYMOUS.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from eyeline.integrations.errors import LoginError
from eyeline.integrations.jitsi import ns

_MECHANISM = "ANONYMOUS"
_MAX_TEXT_CHARS = 300


def choose_mechanism(features: Element) -> str:
    """The mechanism to log in with.

    Raises:
        LoginError: The server offers none that needs no account.
    """
    offered = [element.text or "" for element in features.iter(ns.qname(ns.SASL, "mechanism"))]
    if _MECHANISM in offered:
        return _MECHANISM
    if not offered:
        raise LoginError("The server offers no way to log in.", hint="Ask who runs the server.")
    raise LoginError(
        f"The server wants an account ({', '.join(offered)[:80]}) and lets nobody in without one.",
        hint="Use a link with a token (?jwt=...), or a server that admits guests.",
    )


def auth_element(mechanism: str) -> Element:
    """The request to log in."""
    return Element(ns.qname(ns.SASL, "auth"), {"mechanism": mechanism})


def login_error(failure: Element, *, has_token: bool) -> LoginError:
    """What a `<failure/>` means for a person."""
    text = failure.findtext(ns.qname(ns.SASL, "text"))
    conditions = (child.tag.rpartition("}")[2] for child in failure)
    reason = text or next(conditions, "no reason given")
    hint = "Ask for a new link: the token in this one is not accepted." if has_token else "Use a link with a token."
    return LoginError(f"The server refused the login: {reason[:_MAX_TEXT_CHARS]}.", hint=hint)
