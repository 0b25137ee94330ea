"""What XMPP adds to the words of `eyeline.integrations.errors`."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from eyeline.config.errors import NetworkError, RefusedError


class StanzaError(RefusedError):
    """The other side answered with an error (RFC 6120, section 8.3).

    Args:
        kind: `auth`, `cancel`, `continue`, `modify` or `wait`.
        condition: The defined condition, such as `not-allowed`.
        text: What the server says about it; may be empty.
        number: The legacy number that some of Jitsi's modules send, or empty.
        details: The application's own elements inside and beside the error.
    """

    code = "stanza"

    def __init__(
        self, kind: str, condition: str, text: str = "", *, number: str = "", details: tuple[Element, ...] = ()
    ) -> None:
        reason = f"{condition} ({text})" if text else condition
        super().__init__(f"The server refused a request: {reason}.")
        self.kind = kind
        self.condition = condition
        self.text = text
        self.number = number
        self.details = details

    def detail(self, name: str) -> Element | None:
        """The first application element with the qualified name `name`."""
        return next((element for element in self.details if element.tag == name), None)


class NoReplyError(NetworkError):
    """A request was sent and nobody answered in time."""

    code = "no_reply"
