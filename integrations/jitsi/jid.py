"""Addresses of XMPP (RFC 7622), as far as a client needs them: taken apart and put together, never normalised."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from eyeline.integrations.errors import ProtocolError

_MAX_PART_BYTES = 1023


@dataclass(frozen=True, slots=True)
class Jid:
    """`local@domain/resource`; the first and the last part may be empty."""

    domain: str
    local: str = ""
    resource: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take an address apart.

        Raises:
            ProtocolError: The domain is missing or a part is too long.
        """
        bare, _, resource = text.partition("/")
        local, separator, domain = bare.rpartition("@")
        parts = (domain, local, resource)
        if not domain or "@" in local or (separator and not local):
            raise ProtocolError(f"{text[:80]!r} is not an XMPP address.")
        if any(len(part.encode("utf-8", "replace")) > _MAX_PART_BYTES for part in parts):
            raise ProtocolError(f"The XMPP address {text[:40]!r}... is too long.")
        return cls(domain, local, resource)

    @property
    def bare(self) -> Jid:
        """The address without its resource."""
        return replace(self, resource="")

    def with_resource(self, resource: str) -> Jid:
        """The same account or room, with another resource or nick."""
        return replace(self, resource=resource)

    def __str__(self) -> str:
        local = f"{self.local}@" if self.local else ""
        resource = f"/{self.resource}" if self.resource else ""
        return f"{local}{self.domain}{resource}"
