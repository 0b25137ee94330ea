"""A logged-in XMPP stream of slixmpp, used for whole stanzas as XML.

slixmpp does the stream, the login and the parsing. Its stanza classes and automatic answers are bypassed: stand-ins
must say exactly what the recordings say, and must see exactly what a client sent.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Self
from xml.etree.ElementTree import Element

from slixmpp import ClientXMPP, ComponentXMPP, Iq, Message, Presence
from slixmpp.xmlstream import StanzaBase

from jitsi_lab import xml

LOGIN_TIMEOUT_S = 90.0
REPLY_TIMEOUT_S = 60.0


class IqError(Exception):
    """The other side answered with an error.

    Attributes:
        condition: Name of the stanza error, such as `bad-request`.
        text: What it said.
    """

    def __init__(self, reply: Element) -> None:
        error = reply.find("{*}error")
        children = list(error) if error is not None else []
        self.condition = next((xml.local_name(c.tag) for c in children if xml.local_name(c.tag) != "text"), "")
        self.text = next((c.text or "" for c in children if xml.local_name(c.tag) == "text"), "")
        super().__init__(f"{self.condition}: {self.text}")


class XmppLink:
    """One stream. Entering logs in; leaving closes.

    Args:
        stream: A slixmpp client or component that is not connected yet.
        host: Where to connect.
        port: Where to connect.
        on_stanza: Takes each stanza that is not a reply to `request`; must not block.
        sender: Full address that a component speaks as; a client's is known to the server.
    """

    def __init__(
        self,
        stream: ClientXMPP | ComponentXMPP,
        host: str,
        port: int,
        on_stanza: Callable[[Element], None],
        *,
        sender: str | None = None,
    ) -> None:
        self._stream = stream
        self._address = (host, port)
        self._on_stanza = on_stanza
        self._sender = sender
        self._ids = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Element]] = {}

    @classmethod
    def anonymous(cls, domain: str, host: str, port: int, on_stanza: Callable[[Element], None]) -> Self:
        """A client without an account (SASL ANONYMOUS), without TLS."""
        stream = ClientXMPP(domain, "", sasl_mech="ANONYMOUS")
        stream.enable_starttls = stream.enable_direct_tls = False
        stream.enable_plaintext = True
        return cls(stream, host, port, on_stanza)

    @classmethod
    def account(cls, jid: str, host: str, port: int, on_stanza: Callable[[Element], None]) -> Self:
        """A client with an account, without TLS."""
        stream = ClientXMPP(jid, "a password", sasl_mech="PLAIN")
        stream.enable_starttls = stream.enable_direct_tls = False
        stream.enable_plaintext = True
        stream.plugin["feature_mechanisms"].unencrypted_plain = True
        return cls(stream, host, port, on_stanza)

    @classmethod
    def component(cls, user: str, secret: str, host: str, port: int, on_stanza: Callable[[Element], None]) -> Self:
        """An external component (XEP-0114) that speaks as `user`, a full address of its domain."""
        domain = user.partition("@")[2].partition("/")[0]
        stream: ComponentXMPP = ComponentXMPP(domain, secret)  # type: ignore[no-untyped-call]
        return cls(stream, host, port, on_stanza, sender=user)

    @property
    def jid(self) -> str:
        """Our full address."""
        return self._sender or str(self._stream.boundjid.full)

    async def __aenter__(self) -> Self:
        started = self._stream.wait_until("session_start", LOGIN_TIMEOUT_S)
        waiting = asyncio.ensure_future(started)
        await asyncio.sleep(0)  # let it subscribe before the login can be over
        self._stream.connect(*self._address)
        await waiting
        self._stream.add_filter("in", self._take)
        return self

    async def __aexit__(self, *_: object) -> None:
        for reply in self._waiting.values():
            reply.cancel()
        await self._stream.disconnect()
        runner = self._stream._run_out_filters
        if runner is not None:
            runner.cancel()
            await asyncio.gather(runner, return_exceptions=True)

    def _take(self, stanza: StanzaBase) -> StanzaBase | None:
        if not isinstance(stanza, Iq | Message | Presence):
            return stanza
        received = stanza.xml
        waiting = None
        if xml.local_name(received.tag) == "iq" and received.get("type") in ("result", "error"):
            waiting = self._waiting.pop(received.get("id", ""), None)
        if waiting is None:
            self._on_stanza(received)
        elif not waiting.done():
            waiting.set_result(received)
        return None

    def stanza(self, name: str, *children: Element, **attributes: str | None) -> Element:
        """A stanza from us; attributes as in `xml.element`."""
        return xml.element(str(self._stream.default_ns), name, *children, **{"from_": self._sender, **attributes})

    def custom(self, name: str, *children: Element, text: str | None = None) -> Element:
        """An element in the stream's own namespace, as Jitsi's additions to presence are."""
        return xml.element(str(self._stream.default_ns), name, *children, text=text)

    def send(self, stanza: Element) -> None:
        """Send a stanza."""
        self._stream.send_xml(stanza)

    def reply(self, to: Element, *children: Element) -> None:
        """Answer an IQ with a result."""
        self.send(self.stanza("iq", *children, **self._back(to), type="result"))

    def refuse(self, to: Element, condition: str, text: str = "", *, kind: str = "cancel") -> None:
        """Answer an IQ with a stanza error (RFC 6120, section 8.3)."""
        error = self.custom("error", xml.element(xml.STANZAS, condition))
        error.set("type", kind)
        if text:
            error.append(xml.element(xml.STANZAS, "text", text=text))
        self.send(self.stanza("iq", error, *to, **self._back(to), type="error"))

    @staticmethod
    def _back(to: Element) -> dict[str, str | None]:
        return {"from_": to.get("to"), "to": to.get("from"), "id": to.get("id")}

    async def request(self, to: str, kind: str, payload: Element, *, timeout_s: float = REPLY_TIMEOUT_S) -> Element:
        """Send an IQ and wait for its reply.

        Raises:
            IqError: The reply is an error.
            TimeoutError: There was none.
        """
        stanza_id = f"lab-{next(self._ids)}"
        reply = asyncio.get_running_loop().create_future()
        self._waiting[stanza_id] = reply
        try:
            self.send(self.stanza("iq", payload, type=kind, to=to, id=stanza_id))
            async with asyncio.timeout(timeout_s):
                answer: Element = await reply
        finally:
            self._waiting.pop(stanza_id, None)
        if answer.get("type") == "error":
            raise IqError(answer)
        return answer
