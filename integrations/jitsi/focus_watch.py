"""Calling the focus back: after a restart it joins a room only when somebody asks for a conference there."""

from __future__ import annotations

import asyncio
import logging

from eyeline.config.errors import EyelineError
from eyeline.integrations.jitsi.focus import ConferenceRequest
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.roster import FOCUS_NICK
from eyeline.integrations.jitsi.stanzas import Presence, PresenceType
from eyeline.integrations.pauses import pauses_s

logger = logging.getLogger(__name__)

FIRST_RETRY_S, RETRY_S = 0.5, 3.0


class FocusWatch:
    """Notices that the focus left the room. The media go on meanwhile; an offer follows when it is back.

    Args:
        room: The room's bare address.
        request: Asked until the focus is back.
        first_retry_s: Pause before the first request, after which pauses grow.
        retry_s: Longest pause between requests.
    """

    def __init__(
        self, room: Jid, request: ConferenceRequest, *, first_retry_s: float = FIRST_RETRY_S, retry_s: float = RETRY_S
    ) -> None:
        self._focus = room.with_resource(FOCUS_NICK)
        self._request = request
        self._pauses_s = (first_retry_s, retry_s)
        self._gone = asyncio.Event()

    def notice(self, presence: Presence) -> None:
        """Take in a presence of the room."""
        if presence.sender != self._focus:
            return
        match presence.type:
            case PresenceType.UNAVAILABLE:
                logger.warning("the focus left the room; calling it back")
                self._gone.set()
            case PresenceType.AVAILABLE:
                self._gone.clear()

    async def run(self) -> None:
        """Call back whenever it is gone, until cancelled."""
        while True:
            await self._gone.wait()
            first_s, most_s = self._pauses_s
            for pause_s in pauses_s(first_s, most_s=most_s):
                await asyncio.sleep(pause_s)
                if not self._gone.is_set():
                    break
                try:
                    await self._request.ask()
                except EyelineError as error:
                    logger.info("the focus is not back yet: %s", error)
