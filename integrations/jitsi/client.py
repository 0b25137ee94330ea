"""One membership in one Jitsi meeting."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiortc import MediaStreamTrack

from eyeline.config.errors import EyelineError, UsageError
from eyeline.integrations.errors import ConnectionLostError, VisitorsOnlyError
from eyeline.integrations.event_stream import EventStream
from eyeline.integrations.events import (
    Advice,
    MediaKind,
    MeetingEvent,
    Muted,
    Participant,
    Waiting,
    WaitingFor,
)
from eyeline.integrations.jitsi.attendance import Attendance
from eyeline.integrations.jitsi.call import MediaWishes
from eyeline.integrations.jitsi.chat import chat_message
from eyeline.integrations.jitsi.colibri import check_payload
from eyeline.integrations.jitsi.connection import connect, tls
from eyeline.integrations.jitsi.deployment import DeploymentOverrides
from eyeline.integrations.jitsi.door import AskPassword, Door
from eyeline.integrations.jitsi.focus import ConferenceRequest, ConferenceTicket
from eyeline.integrations.jitsi.inside import Inside
from eyeline.integrations.jitsi.muc import Membership
from eyeline.integrations.jitsi.obedience import Obedience
from eyeline.integrations.jitsi.patience import Patience
from eyeline.integrations.jitsi.place import Place
from eyeline.integrations.jitsi.sasl import Account
from eyeline.integrations.jitsi.token import TokenClaims
from eyeline.integrations.jitsi.url import JitsiUrl

logger = logging.getLogger(__name__)

_STOP_TIMEOUT_S = 1.5


class JitsiMeeting:
    """A member of a Jitsi room; implements `eyeline.integrations.meeting.Meeting`.

    Entering the block joins. That may take as long as a moderator needs to open the room; `events` can be read from
    another task meanwhile and says what is waited for. Leaving the block leaves the meeting within about three seconds,
    whatever the server does.

    Args:
        url: The room.
        name: Display name.
        video: Our picture, or `None`.
        audio: Our sound, or `None`.
        password: The room's password.
        ask_password: Asks a person for it where the room wants one, told why; `None` from it gives up.
        account: To log in with, or `None` for a guest.
        overrides: What is known better than the deployment's `config.js`.
        ca_file: Certificates to trust, for a server of one's own.
        ssl_context: The same, ready made; wins over `ca_file`.
        insecure: Trust any certificate: whoever stands in between hears, sees and says everything. For tests.
        receive_video: Whether the others' pictures are wanted as `TrackAdded`.
        receive_audio: Whether the others' sound is wanted as `TrackAdded`.
        simulcast: Whether our picture is sent in three sizes, for the bridge to choose from, where libvpx is to be had.
        relay_only: Whether media go through the server's TURN relay alone, which hides our address from the bridge.
        patience: How long to wait for what others have to do.
        place: Which room to join, where a moderator sends us to another one than the URL's; shared by the memberships
            that follow each other.

    Raises:
        MeetingUrlError: `url` is not the URL of a room.
    """

    def __init__(
        self,
        url: str | JitsiUrl,
        *,
        name: str,
        video: MediaStreamTrack | None = None,
        audio: MediaStreamTrack | None = None,
        password: str | None = None,
        ask_password: AskPassword | None = None,
        account: Account | None = None,
        overrides: DeploymentOverrides | None = None,
        ca_file: Path | None = None,
        ssl_context: ssl.SSLContext | None = None,
        insecure: bool = False,
        receive_video: bool = False,
        receive_audio: bool = False,
        simulcast: bool = True,
        relay_only: bool = False,
        patience: Patience | None = None,
        place: Place | None = None,
    ) -> None:
        self._url = url if isinstance(url, JitsiUrl) else JitsiUrl.parse(url)
        self._name = name
        self._wishes = MediaWishes(video, audio, receive_video, receive_audio, simulcast, relay_only)
        self._password = password
        self._ask_password = ask_password
        self._account = account
        self._patience = patience or Patience()
        self._place = place or Place()
        self._overrides = overrides
        self._ca_file = ca_file
        self._ssl_context = ssl_context
        self._insecure = insecure
        self._events = EventStream()
        self._exit = AsyncExitStack()
        self._inside: Inside | None = None
        self._obedience = Obedience(self._place, self._events.put)

    async def __aenter__(self) -> Self:
        """Join.

        Raises:
            NetworkError: The server cannot be reached or is none.
            RefusedError: The server or the room said no.
        """
        with self._events.joining():
            async with AsyncExitStack() as stack:
                await self._join(stack)
                self._exit = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave, telling the others."""
        try:
            await self._exit.aclose()
        finally:
            self._events.end(None)

    def events(self) -> AsyncIterator[MeetingEvent]:
        """Everything that happens from the join on; ends after `Ended`. To be consumed by one reader."""
        return self._events.read()

    @property
    def participants(self) -> Mapping[str, Participant]:
        """The others, by endpoint id."""
        return self._inside.room.roster.participants if self._inside else {}

    async def send_chat(self, text: str, *, to: str | None = None) -> None:
        """Say a line to all, or privately to the participant with the id `to`.

        Raises:
            UsageError: The line is empty or too long, or nobody has that id.
            ConnectionLostError: We are not in the meeting (any more).
        """
        inside = self._membership()
        if to is not None and to not in inside.room.roster.participants:
            raise UsageError(f"Nobody in the meeting has the id {to[:40]!r}.")
        await inside.stream.send(chat_message(text, room=inside.room.jid, to=to))

    async def share_screen(self, track: MediaStreamTrack | None) -> None:
        """Send a second picture beside the camera, which others show as a screen; `None` ends that.

        Args:
            track: Stays its caller's: it is read but never stopped. Comes back by itself after a lost media session.

        Raises:
            MediaPathError: The meeting has no pictures.
            ProtocolError: The server refuses.
            ConnectionLostError: We are not in the meeting (any more).
        """
        await self._membership().call.share_screen(track)

    async def send_message(self, payload: object, *, to: str | None = None) -> None:
        """Send an object past the chat to all who have a media session, or to one; it comes there as `DataReceived`.

        Args:
            payload: What JSON can hold; 64 KiB at most.
            to: As in `Participant.id`.

        Raises:
            UsageError: It is no JSON or too large, or nobody has that id.
            MediaPathError: There is no channel to the bridge.
            ConnectionLostError: We are not in the meeting (any more).
        """
        inside = self._membership()
        if to is not None and to not in inside.room.roster.participants:
            raise UsageError(f"Nobody in the meeting has the id {to[:40]!r}.")
        check_payload(payload)
        await inside.call.send_message(payload, to or "")

    async def set_muted(self, kind: MediaKind, muted: bool) -> None:
        """Mute or unmute ourselves, telling the others.

        Raises:
            RefusedError: A moderator muted us and does not allow it.
            ConnectionLostError: We are not in the meeting (any more).
        """
        inside = self._membership()
        if not muted:
            await self._obedience.ask_to_unmute(inside.call, kind)
        await inside.call.set_muted(kind, muted)
        self._events.put(Muted(kind, muted))

    def _membership(self) -> Inside:
        if self._inside is None or self._inside.room.membership is not Membership.INSIDE:
            raise ConnectionLostError("We are not in the meeting.", hint="Join again.")
        return self._inside

    async def _join(self, stack: AsyncExitStack) -> None:
        self._show_token()
        trust = self._ssl_context or await tls(self._ca_file, insecure=self._insecure)
        if self._insecure:
            logger.warning("CERTIFICATES ARE NOT CHECKED: anybody in between can see, hear and change everything")
            self._events.put(Advice("insecure", "Certificates are not checked: anybody in between can follow."))
        connection = await connect(
            self._url,
            self._overrides,
            trust,
            stack,
            place=self._place,
            account=self._account,
            on_connection=self._connection_changed,
        )
        inside = Inside.of(
            connection,
            await self._admission(connection.request),
            name=self._name,
            ghost=self._place.last_nick,
            wishes=self._wishes,
            emit=self._events.put,
            on_mute=self._obedience.mute,
        )
        attendance = Attendance(inside, self._place, self._obedience, self._events.put)
        server = asyncio.create_task(self._attend(attendance), name="jitsi meeting")
        stack.push_async_callback(_stop, server)
        door = Door(
            inside.room,
            inside.lobby,
            reopen=lambda: self._admission(connection.request),
            emit=self._events.put,
            patience=self._patience,
            password=self._password,
            ask_password=self._ask_password,
        )
        await door.enter()
        self._password = door.password
        if server.done() and (ending := server.result()) is not None:
            raise ending
        stack.push_async_callback(attendance.say_goodbye)
        self._inside = inside
        stack.push_async_callback(_stop, asyncio.create_task(attendance.learn(), name="jitsi room features"))
        if inside.room.roster.participants:
            self._events.put(Waiting("waiting for the media session", WaitingFor.MEDIA))
            inside.call.expect_offer()
        else:
            self._events.put(Waiting("waiting for others", WaitingFor.OTHERS))

    async def _attend(self, attendance: Attendance) -> EyelineError | None:
        ending = await attendance.run()
        if ending is not None:
            self._events.end(ending)
        return ending

    async def _admission(self, request: ConferenceRequest) -> ConferenceTicket:
        ticket = await request.obtain(self._events.put, self._patience)
        if ticket.visitors_only:
            raise VisitorsOnlyError("The room is full: there are only seats for viewers.", hint="Try again later.")
        return ticket

    def _show_token(self) -> None:
        """Read our token before the server does: it may be of no use any more."""
        if not self._url.token:
            return
        claims, now_s = TokenClaims.read(self._url.token), time.time()
        claims.check(now_s)
        for advice in claims.advice(now_s, room=self._url.room):
            self._events.put(advice)

    def _connection_changed(self, stands: bool) -> None:
        if stands:
            self._events.put(Advice("signalling_resumed", "The server is reached again; nobody noticed."))
        else:
            self._events.put(Advice("signalling_lost", "The server is not reached; sound and picture go on meanwhile."))


async def _stop(task: asyncio.Task[Any]) -> None:
    task.cancel()
    _, pending = await asyncio.wait({task}, timeout=_STOP_TIMEOUT_S)
    if pending:
        logger.warning("closing the media takes long; leaving all the same")
