"""What the server and moderators order, done at once and told to the person."""

from __future__ import annotations

from collections.abc import Callable

from eyeline.integrations.errors import MovedError
from eyeline.integrations.events import Advice, MediaKind, MeetingEvent, Muted, Participant
from eyeline.integrations.jitsi.call import Call
from eyeline.integrations.jitsi.inside import Inside
from eyeline.integrations.jitsi.muc import Membership, Room
from eyeline.integrations.jitsi.place import Place
from eyeline.integrations.jitsi.room_rules import Announcement, Leave, Moderation, MoveTo, StartMuted


class Obedience:
    """Of one membership.

    Args:
        place: Told where we are sent.
        emit: Takes events.
    """

    def __init__(self, place: Place, emit: Callable[[MeetingEvent], None]) -> None:
        self._place = place
        self._emit = emit
        self._muted_by_others: set[MediaKind] = set()
        self._told_of_encryption = False

    async def obey(self, inside: Inside, announced: Announcement) -> None:
        """Follow what the server says of the room.

        Raises:
            MovedError: We are sent to another room.
        """
        match announced:
            case StartMuted(kinds) if inside.room.membership is not Membership.INSIDE:
                for kind in kinds:
                    await self.mute(inside.call, inside.room, kind, "")
            case Moderation(kind, enabled):
                if not enabled:
                    self._muted_by_others.discard(kind)
                words = "Only those whom a moderator allows may send" if enabled else "Everybody may send"
                self._emit(Advice("moderation_on" if enabled else "moderation_off", f"{words} {kind.value}."))
            case Leave(kind, granted=True):
                self._emit(Advice("may_unmute", f"A moderator allows us to send {kind.value}; it stays muted."))
            case Leave(kind, granted=False):
                await self.mute(inside.call, inside.room, kind, "")
            case MoveTo(room):
                self._place.room = room
                raise MovedError("A moderator sent us to another room of this meeting.", hint="Going there.")

    async def mute(self, call: Call, room: Room, kind: MediaKind, actor: str) -> None:
        """A moderator, or the room's rule, mutes us.

        Args:
            call: Ours.
            room: Ours.
            kind: What.
            actor: The moderator's address in the room; empty for a rule.
        """
        self._muted_by_others.add(kind)
        await call.set_muted(kind, True)
        nick = actor.partition("/")[2]
        known = room.roster.participants.get(nick)
        self._emit(Muted(kind, True, by=known.name if known else nick or "the room's rules"))

    async def ask_to_unmute(self, call: Call, kind: MediaKind) -> None:
        """Have a mute lifted that others put on us, if there is any.

        Raises:
            RefusedError: Not allowed.
        """
        if kind in self._muted_by_others:
            await call.ask_to_unmute(kind)
            self._muted_by_others.discard(kind)

    def notice_encryption(self, who: Participant) -> None:
        """Say once that somebody does what we cannot."""
        if who.encrypted and not self._told_of_encryption:
            self._told_of_encryption = True
            text = f"{who.name} uses end-to-end encryption, which Eyeline cannot do: what we send is not encrypted so."
            self._emit(Advice("end_to_end_encryption", text))
