"""The parts of a running membership, and how they are put together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

from eyeline.integrations.events import MediaKind, MeetingEvent
from eyeline.integrations.jitsi.call import Call, MediaWishes
from eyeline.integrations.jitsi.caps import EYELINE
from eyeline.integrations.jitsi.connection import Connection
from eyeline.integrations.jitsi.focus import ConferenceTicket
from eyeline.integrations.jitsi.focus_watch import FocusWatch
from eyeline.integrations.jitsi.lobby import Lobby
from eyeline.integrations.jitsi.muc import Room
from eyeline.integrations.jitsi.responder import Responder
from eyeline.integrations.jitsi.xmpp import XmppStream


@dataclass(frozen=True, slots=True)
class Inside:
    """What a membership is made of.

    Args:
        stream: Logged in.
        room: Where we are or want to be.
        call: Our media.
        responder: Answers what we are asked.
        focus_watch: Calls a focus back that went.
        lobby: Where we wait when we have to.
        domain: Of the deployment's own services.
    """

    stream: XmppStream
    room: Room
    call: Call
    responder: Responder
    focus_watch: FocusWatch
    lobby: Lobby
    domain: str

    @classmethod
    def of(
        cls,
        connection: Connection,
        ticket: ConferenceTicket,
        *,
        name: str,
        ghost: str,
        wishes: MediaWishes,
        emit: Callable[[MeetingEvent], None],
        on_mute: Callable[[Call, Room, MediaKind, str], Awaitable[None]],
    ) -> Self:
        """Put the parts together; nothing runs yet.

        Args:
            connection: Logged in.
            ticket: Of the room.
            name: Ours, for people.
            ghost: The nick of an older membership that the room may still show, or empty.
            wishes: What to send and to receive.
            emit: Takes events.
            on_mute: Takes an order to mute and the address of who gave it, or empty.
        """
        stream = connection.stream
        room = Room(stream, ticket.room, name=name, caps=EYELINE, ghost=ghost)
        call = Call(stream=stream, room=room, http=connection.http, wishes=wishes, emit=emit)
        responder = Responder(
            stream, room.jid, EYELINE, on_jingle=call.submit, on_mute=lambda kind, by: on_mute(call, room, kind, by)
        )
        watch = FocusWatch(room.jid, connection.request)
        lobby = Lobby(stream, room.jid, name=room.name)
        return cls(stream, room, call, responder, watch, lobby, connection.domain)
