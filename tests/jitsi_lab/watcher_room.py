"""What a watcher notices of the room: who is there, what they say of themselves, what they say."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from jitsi_lab import xml
from jitsi_lab.room import FOCUS_NICK


@dataclass(frozen=True, slots=True)
class ChatLine:
    """One line of chat from somebody else."""

    sender: str
    text: str
    private: bool


@dataclass(slots=True)
class Seen:
    """Another member.

    Attributes:
        name: Display name.
        moderator: As the room says.
        source_info: What it says of its sources, by source name.
        presence: Its newest presence.
    """

    name: str = ""
    moderator: bool = False
    source_info: dict[str, Any] = field(default_factory=dict)
    presence: Element | None = None

    def says_muted(self, source: str) -> bool | None:
        """Whether its newest presence says so of a source; `None` while none speaks of it.

        The source itself may be known before: the focus spreads it as soon as it is accepted, the presence comes later.
        """
        return self.source_info.get(source, {}).get("muted")


class WatchedRoom:
    """The room as one member sees it.

    Args:
        own_nick: Ours, to be left out.

    Attributes:
        chat: What the others said, oldest first.
        participants: The others, by endpoint id; without the focus.
        joined: Done once we are in; failed when the room refused.
    """

    def __init__(self, own_nick: str) -> None:
        self.chat: list[ChatLine] = []
        self.participants: dict[str, Seen] = {}
        self.joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._own_nick = own_nick

    def on_presence(self, presence: Element) -> None:
        """Somebody came, changed or went."""
        nick = presence.get("from", "").partition("/")[2]
        if nick == self._own_nick:
            self._on_own(presence)
        elif nick == FOCUS_NICK:
            return
        elif presence.get("type") == "unavailable":
            self.participants.pop(nick, None)
        else:
            self._update(self.participants.setdefault(nick, Seen()), presence)

    def _on_own(self, presence: Element) -> None:
        if self.joined.done():
            return
        if presence.get("type") == "error":
            self.joined.set_exception(RuntimeError(f"the watcher cannot join: {xml.excerpt(presence)}"))
        else:
            self.joined.set_result(None)

    @staticmethod
    def _update(seen: Seen, presence: Element) -> None:
        item = presence.find(f"{{{xml.MUC_USER}}}x/{{{xml.MUC_USER}}}item")
        seen.presence = presence
        seen.name = presence.findtext(f"{{{xml.NICK}}}nick") or ""
        seen.moderator = item is not None and item.get("role") == "moderator"
        seen.source_info = json.loads(presence.findtext("{*}SourceInfo") or "{}")

    def on_message(self, message: Element) -> None:
        """Somebody said something."""
        nick = message.get("from", "").partition("/")[2]
        text = message.findtext("{*}body")
        if text is not None and nick and nick != self._own_nick:
            self.chat.append(ChatLine(nick, text, private=message.get("type") == "chat"))
