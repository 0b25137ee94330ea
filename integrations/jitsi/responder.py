"""Answers to the IQs that reach us in a room: who may ask what, and what happens then."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.caps import Capabilities
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.jingle import JINGLE, JingleAction, SessionInitiate, build_decline, parse_jingle
from eyeline.integrations.jitsi.roster import FOCUS_NICK
from eyeline.integrations.jitsi.stanzas import Iq, IqType, iq_set
from eyeline.integrations.jitsi.xmpp import XmppStream

logger = logging.getLogger(__name__)

_DISCO = ns.qname(ns.DISCO_INFO, "query")
_PING = ns.qname(ns.PING, "ping")
_MUTE = {
    ns.qname(ns.MUTE_AUDIO, "mute"): MediaKind.AUDIO,
    ns.qname(ns.MUTE_VIDEO, "mute"): MediaKind.VIDEO,
}


class Responder:
    """Answers every IQ exactly once (RFC 6120, section 8.2.3).

    Args:
        stream: Where the answers go.
        room: The room's bare address; only its focus may start sessions and mute us.
        caps: What disco#info says.
        on_jingle: Takes an action of the focus, already acknowledged.
        on_mute: Takes an order to mute, already acknowledged, and the address of the moderator or empty.
    """

    def __init__(
        self,
        stream: XmppStream,
        room: Jid,
        caps: Capabilities,
        *,
        on_jingle: Callable[[JingleAction], None],
        on_mute: Callable[[MediaKind, str], Awaitable[None]],
    ) -> None:
        self._stream = stream
        self._focus = room.with_resource(FOCUS_NICK)
        self._caps = caps
        self._on_jingle = on_jingle
        self._on_mute = on_mute

    async def answer(self, iq: Iq) -> None:
        """Answer and act.

        Raises:
            ConnectionLostError: The stream is over.
        """
        tag = "" if iq.payload is None else iq.payload.tag
        match iq.type:
            case IqType.GET if tag == _PING:
                await self._stream.send(iq.result())
            case IqType.GET if tag == _DISCO:
                await self._describe(iq)
            case IqType.SET if tag == JINGLE:
                await self._jingle(iq)
            case IqType.SET if tag in _MUTE and iq.sender == self._focus:
                await self._mute(iq, _MUTE[tag])
            case _:
                await self._stream.send(iq.error("cancel", "service-unavailable"))

    async def _describe(self, iq: Iq) -> None:
        node = None if iq.payload is None else iq.payload.get("node")
        if self._caps.knows(node):
            await self._stream.send(iq.result(self._caps.disco_element(node)))
        else:
            await self._stream.send(iq.error("cancel", "item-not-found"))

    async def _jingle(self, iq: Iq) -> None:
        try:
            action = parse_jingle(iq.children[0])
        except ProtocolError as error:
            logger.warning("refused a Jingle action of %s: %s", iq.sender, error)
            await self._stream.send(iq.error("modify", "bad-request"))
            return
        if iq.sender == self._focus:
            await self._stream.send(iq.result())
            self._on_jingle(action)
        elif isinstance(action, SessionInitiate):
            # Another member's browser wants to talk to us without the bridge; it stays on the bridge when declined.
            await self._stream.send(iq.result())
            await self._stream.send(iq_set(iq.sender, build_decline(action.sid)))
        else:
            await self._stream.send(iq.error("cancel", "item-not-found"))

    async def _mute(self, iq: Iq, kind: MediaKind) -> None:
        """Nobody can switch our camera or microphone on from afar: only `true` is obeyed."""
        order = iq.children[0]
        if (order.text or "").strip() != "true":
            await self._stream.send(iq.error("cancel", "not-allowed"))
            return
        await self._stream.send(iq.result())
        await self._on_mute(kind, order.get("actor", ""))
