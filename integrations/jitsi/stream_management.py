"""What survives the loss of a connection (XEP-0198): who counted what, and what the server has not confirmed."""

from __future__ import annotations

from collections import deque
from xml.etree.ElementTree import Element

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.fields import line, number
from eyeline.integrations.jitsi.stanzas import Stanza

MAX_UNCONFIRMED = 500
_ASK_EVERY = 20
_COUNTS = 2**32
_LONGEST_S = 3600
_DEFAULT_S = 60.0


class StreamManagement:
    """The counters of one session of a server, from its first connection to its last.

    Args:
        resume_id: What the server knows the session by; empty where it cannot be resumed.
        limit_s: How long the server keeps a session that lost its connection.
    """

    def __init__(self, resume_id: str = "", limit_s: float = _DEFAULT_S) -> None:
        self.resume_id = resume_id
        self.limit_s = limit_s
        self._handled = 0
        self._confirmed = 0
        self._unconfirmed: deque[Stanza] = deque()

    @classmethod
    def of(cls, enabled: Element) -> StreamManagement:
        """From the server's `<enabled/>`.

        Raises:
            ProtocolError: It is malformed.
        """
        can_resume = enabled.get("resume") in ("true", "1")
        limit_s = number(enabled, "max", _LONGEST_S * 1000, int(_DEFAULT_S))
        return cls(line(enabled, "id", "") if can_resume else "", min(limit_s, _LONGEST_S))

    @property
    def unconfirmed(self) -> tuple[Stanza, ...]:
        """What was sent and may be lost, oldest first."""
        return tuple(self._unconfirmed)

    @property
    def full(self) -> bool:
        """Whether more is unconfirmed than a pause of the network explains."""
        return len(self._unconfirmed) >= MAX_UNCONFIRMED

    def sending(self, stanza: Stanza) -> bool:
        """Note a stanza before it is sent; whether it is time to ask for a confirmation."""
        self._unconfirmed.append(stanza)
        return len(self._unconfirmed) % _ASK_EVERY == 0

    def received(self) -> None:
        """A stanza of the server was taken over."""
        self._handled = (self._handled + 1) % _COUNTS

    def confirm(self, answer: Element) -> None:
        """The server says how much it has (`<a/>`, `<resumed/>`).

        Raises:
            ProtocolError: It confirms what was never sent.
        """
        count = number(answer, "h", _COUNTS - 1)
        news = (count - self._confirmed) % _COUNTS
        if news > len(self._unconfirmed):
            raise ProtocolError("The server confirms stanzas that were never sent.")
        self._confirmed = count
        for _ in range(news):
            self._unconfirmed.popleft()

    def answer(self) -> Element:
        """`<a/>`: how much we have."""
        return Element(ns.qname(ns.SM, "a"), {"h": str(self._handled)})

    def resume(self) -> Element:
        """`<resume/>`: go on where the last connection ended."""
        return Element(ns.qname(ns.SM, "resume"), {"previd": self.resume_id, "h": str(self._handled)})


def enable() -> Element:
    """`<enable/>`: ask for a session that can be resumed."""
    return Element(ns.qname(ns.SM, "enable"), {"resume": "true"})


def ask() -> Element:
    """`<r/>`: ask for a confirmation."""
    return Element(ns.qname(ns.SM, "r"))
