"""Who is in the room, and what we learn about ourselves: a pure state machine over presences (XEP-0045)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from eyeline.integrations.events import (
    MediaKind,
    MeetingEvent,
    Participant,
    ParticipantChanged,
    ParticipantJoined,
    ParticipantLeft,
)
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.identity import is_bot, known_identity, occupant_id_of, real_address
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.source_info import all_muted, parse_source_info
from eyeline.integrations.jitsi.stanzas import Presence, PresenceType

FOCUS_NICK = "focus"
MAX_OCCUPANTS = 5000
_MAX_NAME_CHARS = 100


@dataclass(frozen=True, slots=True)
class Occupant:
    """One member of the room.

    Args:
        participant: What everybody may see.
        address: The bare address behind it, where the room shows it.
        occupant_id: Stays the same when somebody comes back (XEP-0421), or empty; means nothing in a room that does
            not announce it.
    """

    participant: Participant
    address: Jid | None = None
    occupant_id: str = ""


def display_name(text: str, fallback: str) -> str:
    """A name as one line of printable text; `fallback` when nothing is left of it."""
    cleaned = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(cleaned.split())[:_MAX_NAME_CHARS] or fallback


def status_codes(presence: Presence) -> frozenset[str]:
    """Status codes of XEP-0045: `110` is ourselves, `307` kicked, `301` banned, `333` connection lost."""
    user = presence.child(ns.MUC_USER, "x")
    return (
        frozenset(s.get("code", "") for s in user.findall(ns.qname(ns.MUC_USER, "status")))
        if user is not None
        else frozenset()
    )


class Roster:
    """The others. The focus is a part of the server and no participant; neither are we.

    Args:
        room: Presences from elsewhere are not looked at.
        guests: As in `known_identity`.
        ghost: Nick of an old connection of ours, which is nobody; or empty.

    Attributes:
        has_ghost: Whether that one is still in the room.
    """

    def __init__(self, room: Jid, *, guests: str = "", ghost: str = "") -> None:
        self.has_ghost = False
        self._ghost = ghost
        self._room = room
        self._guests = guests
        self._occupants: dict[str, Occupant] = {}
        self._participants: dict[str, Participant] = {}
        self._has_occupant_ids = False

    @property
    def occupants(self) -> Mapping[str, Occupant]:
        """By nick, which is the endpoint id."""
        return MappingProxyType(self._occupants)

    @property
    def participants(self) -> Mapping[str, Participant]:
        """By endpoint id; a live view."""
        return MappingProxyType(self._participants)

    def apply(self, presence: Presence) -> list[MeetingEvent]:
        """Take in one presence and say what it changed."""
        sender = presence.sender
        if sender is None or sender.bare != self._room or sender.resource in ("", FOCUS_NICK):
            return []
        if "110" in status_codes(presence):
            return []
        if sender.resource == self._ghost:
            self.has_ghost = presence.type is PresenceType.AVAILABLE
            return []
        match presence.type:
            case PresenceType.AVAILABLE:
                return self._available(sender.resource, _occupant(sender.resource, presence))
            case PresenceType.UNAVAILABLE:
                return self._gone(sender.resource)
        return []

    def trust_occupant_ids(self) -> list[MeetingEvent]:
        """The room announces XEP-0421, so it overwrites whatever ids its members claim for themselves."""
        self._has_occupant_ids = True
        return [event for nick, occupant in list(self._occupants.items()) for event in self._available(nick, occupant)]

    def clear(self) -> list[MeetingEvent]:
        """We are out: nobody is here any more."""
        return [event for nick in list(self._occupants) for event in self._gone(nick)]

    def _available(self, nick: str, occupant: Occupant) -> list[MeetingEvent]:
        known = self._occupants.get(nick)
        if known is None and len(self._occupants) >= MAX_OCCUPANTS:
            return []
        occupant_id = occupant.occupant_id if self._has_occupant_ids else ""
        identity = known_identity(occupant.address, occupant_id, guests=self._guests)
        occupant = replace(occupant, participant=replace(occupant.participant, identity=identity))
        self._occupants[nick] = occupant
        self._participants[nick] = occupant.participant
        if known is None:
            return [ParticipantJoined(occupant.participant)]
        return [ParticipantChanged(occupant.participant)] if known.participant != occupant.participant else []

    def _gone(self, nick: str) -> list[MeetingEvent]:
        known = self._occupants.pop(nick, None)
        self._participants.pop(nick, None)
        return [ParticipantLeft(known.participant)] if known else []


def _occupant(nick: str, presence: Presence) -> Occupant:
    user = presence.child(ns.MUC_USER, "x")
    item = user.find(ns.qname(ns.MUC_USER, "item")) if user is not None else None
    sources = parse_source_info(presence.text(ns.CLIENT, "SourceInfo"))
    participant = Participant(
        id=nick,
        name=display_name(presence.text(ns.NICK, "nick"), nick),
        moderator=item is not None and item.get("role") == "moderator",
        audio_muted=all_muted(sources, MediaKind.AUDIO),
        video_muted=all_muted(sources, MediaKind.VIDEO),
        bot=is_bot(presence),
        encrypted=presence.text(ns.CLIENT, "jitsi_participant_e2ee.enabled") == "true",
    )
    return Occupant(participant, address=real_address(presence), occupant_id=occupant_id_of(presence))
