"""A meeting of chat alone: our own XMPP client in a room of a real server, without a media session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Self

import aiohttp

from eyeline.bot.bench.prosody import DOMAIN, ROOM
from eyeline.config.errors import EyelineError
from eyeline.integrations.event_stream import EventStream
from eyeline.integrations.events import MediaKind, MeetingEvent, Muted, Participant
from eyeline.integrations.jitsi.caps import EYELINE
from eyeline.integrations.jitsi.chat import chat_message, parse_chat
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.muc import Room
from eyeline.integrations.jitsi.negotiation import Login
from eyeline.integrations.jitsi.stanzas import Message, Presence
from eyeline.integrations.jitsi.xmpp import XmppStream


class ChatRoom:
    """The membership; implements `Meeting`. Chat passes everything that it passes in a Jitsi meeting.

    Args:
        websocket_url: Of the server.
        name: Display name.
    """

    def __init__(self, websocket_url: str, name: str) -> None:
        self._url = websocket_url
        self._name = name
        self._events = EventStream()
        self._stack = AsyncExitStack()
        self._stream: XmppStream
        self._room: Room

    async def __aenter__(self) -> Self:
        """Log in and join.

        Raises:
            NetworkError: The server cannot be reached.
        """
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(aiohttp.ClientSession())
            self._stream = await stack.enter_async_context(XmppStream(self._url, Login(DOMAIN), http=http))
            self._room = Room(self._stream, Jid.parse(ROOM), name=self._name, caps=EYELINE)
            dispatching = asyncio.create_task(self._dispatch(), name="chat room")
            stack.push_async_callback(_stop, dispatching)
            await self._room.join()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()
        self._events.end(None)

    def events(self) -> AsyncIterator[MeetingEvent]:
        """As of every meeting."""
        return self._events.read()

    @property
    def participants(self) -> Mapping[str, Participant]:
        """The others."""
        return self._room.roster.participants

    async def send_chat(self, text: str, *, to: str | None = None) -> None:
        """Say a line."""
        await self._stream.send(chat_message(text, room=self._room.jid, to=to))

    async def set_muted(self, kind: MediaKind, muted: bool) -> None:
        """There is nobody to be told but ourselves."""
        self._events.put(Muted(kind, muted))

    async def _dispatch(self) -> None:
        try:
            async for stanza in self._stream.incoming():
                match stanza:
                    case Presence():
                        for event in self._room.handle(stanza):
                            self._events.put(event)
                    case Message():
                        self._hear(stanza)
        except EyelineError as error:
            self._room.fail(error)
            self._events.end(error)

    def _hear(self, message: Message) -> None:
        room = self._room
        line = parse_chat(message, room=room.jid, own_nick=room.nick, participants=room.roster.participants)
        if line is not None:
            self._events.put(line)


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
