"""Being in a room: everything that runs as long as a membership, from the first stanza to its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from eyeline.config.errors import EyelineError, NetworkError
from eyeline.integrations.errors import ConnectionLostError, MeetingEndedError, MovedError
from eyeline.integrations.events import (
    MeetingEvent,
    ParticipantChanged,
    ParticipantJoined,
    ParticipantLeft,
    Waiting,
    WaitingFor,
)
from eyeline.integrations.jitsi.chat import parse_chat
from eyeline.integrations.jitsi.inside import Inside
from eyeline.integrations.jitsi.muc import Membership
from eyeline.integrations.jitsi.negotiation import NotResumedError
from eyeline.integrations.jitsi.network_watch import NetworkWatch
from eyeline.integrations.jitsi.obedience import Obedience
from eyeline.integrations.jitsi.place import Place
from eyeline.integrations.jitsi.room_rules import parse_announcement
from eyeline.integrations.jitsi.stanzas import Iq, Message, Presence
from eyeline.integrations.pauses import is_ours

logger = logging.getLogger(__name__)

CONSENT_S = 30.0  # RFC 7675, section 5.1
_GOODBYE_TIMEOUT_S = 0.75


class Attendance:
    """Runs one membership.

    Args:
        inside: Its parts.
        place: Where we are, for the memberships that follow.
        obedience: Does what others order.
        emit: Takes events.
    """

    def __init__(
        self, inside: Inside, place: Place, obedience: Obedience, emit: Callable[[MeetingEvent], None]
    ) -> None:
        self._inside = inside
        self._place = place
        self._obedience = obedience
        self._emit = emit

    async def run(self) -> EyelineError | None:
        """Run to the end; the result says why it ended."""
        inside, ending = self._inside, None
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._dispatch(), name="jitsi dispatcher")
                tasks.create_task(inside.call.run(), name="jitsi call")
                tasks.create_task(inside.focus_watch.run(), name="jitsi focus watch")
                watch = NetworkWatch(
                    lambda: inside.call.bridge_address,
                    on_wake=self._wake,
                    on_move=self._move,
                    on_return=inside.stream.renew,
                )
                tasks.create_task(watch.run(), name="jitsi network watch")
        except* EyelineError as errors:
            ending = _first(errors)
        except* Exception:
            logger.exception("the membership failed")
            ending = ConnectionLostError("The membership failed for a reason of our own.", hint="Join again.")
        if isinstance(ending, NotResumedError):
            self._place.resumable = False  # until the room shows that the server has forgotten the old stream
        if ending is not None:
            inside.room.fail(ending)
            inside.lobby.fail(ending)
        return ending

    async def learn(self) -> None:
        """Find out beside everything else what the room can; a lost stream is told of elsewhere."""
        with suppress(NetworkError):
            await self._end_ghost()
            for event in await self._inside.room.learn_features():
                self._emit(event)

    async def say_goodbye(self) -> None:
        """Leave, telling the others, within a moment."""
        inside = self._inside
        with suppress(NetworkError, TimeoutError):
            async with asyncio.timeout(_GOODBYE_TIMEOUT_S):
                await inside.call.hang_up()
                if inside.room.membership is Membership.INSIDE:
                    await inside.room.leave()
                    await inside.stream.sent()
                    self._place.last_nick = ""

    async def _end_ghost(self) -> None:
        """A server that could not resume our stream still shows the old one: there must not be two of us."""
        room = self._inside.room
        ghost, self._place.last_nick = self._place.last_nick, room.nick
        if ghost:
            self._place.resumable = not room.roster.has_ghost
        if room.roster.has_ghost:
            await room.evict(ghost)

    async def _wake(self, slept_s: float) -> None:
        """Nobody sends to a peer that was silent for so long; our own side would take as long again to notice."""
        if slept_s > CONSENT_S:
            self._inside.call.lose_path(f"This machine slept for {slept_s:.0f} s.")
            await self._inside.stream.renew()
        else:
            await self._inside.stream.check()

    async def _move(self, address: str, before: str) -> None:
        """A cable that is plugged in takes the way over, though Wi-Fi may carry media as long as its address stands."""
        reason = f"The network changed: this machine is {address} now."
        self._inside.call.lose_path(reason, may_work=is_ours(before))
        await self._inside.stream.renew()

    async def _dispatch(self) -> None:
        inside = self._inside
        async for stanza in inside.stream.incoming():
            inside.lobby.notice(stanza)
            match stanza:
                case Presence():
                    inside.focus_watch.notice(stanza)
                    for event in self._handled(stanza):
                        self._people_changed(event)
                case Message():
                    await self._hear(stanza)
                case Iq():
                    await inside.responder.answer(stanza)

    def _handled(self, presence: Presence) -> list[MeetingEvent]:
        try:
            return self._inside.room.handle(presence)
        except MeetingEndedError as error:
            if self._place.room is None:
                raise
            self._place.room = None
            raise MovedError("The breakout room was closed.", hint="Going back to the main room.") from error

    def _people_changed(self, event: MeetingEvent) -> None:
        self._emit(event)
        if isinstance(event, ParticipantJoined | ParticipantChanged):
            self._obedience.notice_encryption(event.participant)
        others = len(self._inside.room.roster.participants)
        if isinstance(event, ParticipantJoined) and others == 1:
            self._inside.call.expect_offer()
        if isinstance(event, ParticipantLeft) and others == 0:
            self._emit(Waiting("waiting for others", WaitingFor.OTHERS))

    async def _hear(self, message: Message) -> None:
        inside = self._inside
        room = inside.room
        line = parse_chat(message, room=room.jid, own_nick=room.nick, participants=room.roster.participants)
        if line is not None:
            self._emit(line)
            return
        announced = parse_announcement(message, server=inside.domain)
        if announced is not None:
            await self._obedience.obey(inside, announced)


def _first(errors: BaseExceptionGroup[EyelineError]) -> EyelineError:
    """The error that happened first; the others are its consequences."""
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
