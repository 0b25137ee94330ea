"""The protocol that every platform's adapter speaks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Protocol, Self

from eyeline.integrations.events import MediaKind, MeetingEvent, Participant


class Meeting(Protocol):
    """One membership in one meeting. Entering joins; leaving the block leaves the meeting.

    Tracks to publish are given to the adapter's constructor as plain `aiortc.MediaStreamTrack`s.
    """

    async def __aenter__(self) -> Self:
        """Join.

        Raises:
            NetworkError: The server cannot be reached or is none.
            RefusedError: The server or the room said no.
        """

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave, telling the others."""

    def events(self) -> AsyncIterator[MeetingEvent]:
        """Everything that happens from the join on; ends after `Ended`. To be consumed by one reader."""

    @property
    def participants(self) -> Mapping[str, Participant]:
        """The others, by id."""

    async def send_chat(self, text: str, *, to: str | None = None) -> None:
        """Say a line to all, or privately to the participant with the id `to`."""

    async def set_muted(self, kind: MediaKind, muted: bool) -> None:
        """Mute or unmute ourselves, telling the others."""
