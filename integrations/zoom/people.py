"""Who is in the meeting, by what the bridge says."""

from __future__ import annotations

from collections.abc import Mapping

from eyeline.integrations.events import (
    Identity,
    IdentityKind,
    Participant,
    ParticipantChanged,
    ParticipantJoined,
    ParticipantLeft,
)
from eyeline.integrations.zoom.bridge.messages import Person

_MAX_NAME_CHARS = 100


class People:
    """The others.

    Zoom's user ids change with each join and with each breakout room; its persistent ids are good for one meeting and
    mean somebody else in the next. So nobody here is an `ACCOUNT`, who would be obeyed for ever:
    https://developers.zoom.us/docs/meeting-sdk/linux/custom-ui/basic-features/in-meeting-user-info/
    """

    def __init__(self) -> None:
        self._people: dict[str, Participant] = {}
        self._authorized = ""

    @property
    def participants(self) -> Mapping[str, Participant]:
        """By Zoom's user id, as text."""
        return self._people

    def identity(self, user_id: int) -> Identity | None:
        """Who somebody is; `None` for whoever is not there."""
        known = self._people.get(str(user_id))
        return known.identity if known else None

    def is_authorized(self, user_id: int) -> bool:
        """Whether we are in on this person's behalf."""
        return str(user_id) == self._authorized

    def put(self, person: Person) -> ParticipantJoined | ParticipantChanged | None:
        """Somebody came or changed; `None` where nothing is new."""
        participant = _participant(person)
        before = self._people.get(participant.id)
        self._people[participant.id] = participant
        if person.is_authorized_user:
            self._authorized = participant.id
        if before is None:
            return ParticipantJoined(participant)
        return ParticipantChanged(participant) if before != participant else None

    def remove(self, user_id: int) -> ParticipantLeft | None:
        """Somebody went."""
        participant = self._people.pop(str(user_id), None)
        return ParticipantLeft(participant) if participant else None


def printable(text: str, most: int) -> str:
    """A text of somebody's, fit for one line."""
    return "".join(character if character.isprintable() else " " for character in text[:most]).strip()


def _participant(person: Person) -> Participant:
    value = f"persistent:{person.persistent_id}" if person.persistent_id else f"user:{person.user_id}"
    return Participant(
        id=str(person.user_id),
        name=printable(person.name, _MAX_NAME_CHARS),
        moderator=person.host,
        audio_muted=person.audio_muted,
        video_muted=not person.video_on,
        identity=Identity(IdentityKind.OCCUPANT, value),
    )
