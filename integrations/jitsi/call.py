"""The media half of a membership: what the focus orders, one action after the other, and what is done on a loss."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import aiohttp
from aiortc import MediaStreamTrack

from eyeline.config.errors import RefusedError
from eyeline.integrations.errors import ConnectionLostError, MediaPathError, ProtocolError
from eyeline.integrations.events import MediaKind, MediaLost, MeetingEvent
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.bridged_session import BridgedSession
from eyeline.integrations.jitsi.errors import NoReplyError, StanzaError
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.jingle import (
    JingleAction,
    SessionInitiate,
    SessionTerminate,
    SourceAdd,
    SourceRemove,
    build_terminate,
)
from eyeline.integrations.jitsi.media import MediaSession
from eyeline.integrations.jitsi.media_path import PathState
from eyeline.integrations.jitsi.muc import Room
from eyeline.integrations.jitsi.restart_budget import RestartBudget
from eyeline.integrations.jitsi.roster import FOCUS_NICK
from eyeline.integrations.jitsi.sdp import is_usable
from eyeline.integrations.jitsi.services import IceServer, parse_services, services_query
from eyeline.integrations.jitsi.stanzas import iq_get, iq_set
from eyeline.integrations.jitsi.turn_route import reachable_servers
from eyeline.integrations.jitsi.xmpp import XmppStream

logger = logging.getLogger(__name__)

OFFER_TIMEOUT_S = 120.0
RESTART_TIMEOUT_S = 60.0  # a focus that was asked for a new session and has a bridge offers one within seconds
REFUSED_PAUSE_S = 1.0  # it does not count what it refuses (jitsi-utils' RateLimit), so asking often costs nothing
_MAX_ACTIONS = 200


@dataclass(frozen=True, slots=True)
class MediaWishes:
    """What to send and what to receive.

    Args:
        video: Our picture, or `None`.
        audio: Our sound, or `None`.
        receive_video: Whether the others' pictures are wanted.
        receive_audio: Whether the others' sound is wanted.
        simulcast: Whether our picture is sent in three sizes, for the bridge to choose from.
        relay_only: Whether media go through a TURN relay alone, which hides our address from the bridge.
    """

    video: MediaStreamTrack | None = None
    audio: MediaStreamTrack | None = None
    receive_video: bool = False
    receive_audio: bool = False
    simulcast: bool = True
    relay_only: bool = False


@dataclass(frozen=True, slots=True)
class _PathLost:
    """The media path of a session broke or never opened; or there is a better one, and this one may still work."""

    sid: str
    reason: str
    may_work: bool = False


@dataclass(frozen=True, slots=True)
class _RestartDue:
    """The focus may be asked for another session now."""

    offer: SessionInitiate
    lost: _PathLost


@dataclass(frozen=True, slots=True)
class _OfferExpected:
    """We are not alone any more: the focus will invite us."""


_Action = JingleAction | _PathLost | _RestartDue | _OfferExpected


class Call:
    """Owns the media session. `run` is its only worker: actions are strictly serial, as their order means something.

    Args:
        stream: Logged in.
        room: Joined.
        http: For the bridge channel.
        wishes: Our tracks and what to receive.
        emit: Takes events.
    """

    def __init__(
        self,
        *,
        stream: XmppStream,
        room: Room,
        http: aiohttp.ClientSession,
        wishes: MediaWishes,
        emit: Callable[[MeetingEvent], None],
    ) -> None:
        self._stream = stream
        self._room = room
        self._focus = room.jid.with_resource(FOCUS_NICK)
        self._http = http
        self._wishes = wishes
        self._emit = emit
        self._actions: asyncio.Queue[_Action] = asyncio.Queue(_MAX_ACTIONS)
        self._session: BridgedSession | None = None
        self._sid = ""  # of the newest offer that was taken up, whether it has become a session yet or not
        self._muted = dict.fromkeys(MediaKind, False)
        self._screen: MediaStreamTrack | None = None
        self._restarts = RestartBudget()
        self._offer_due_s: float | None = None
        self._later: asyncio.TimerHandle | None = None
        self._bridge_address = ""
        self._silent: set[str] = set()  # STUN and TURN servers

    def submit(self, action: JingleAction) -> None:
        """Take an action of the focus.

        Raises:
            ProtocolError: The focus sends faster than can be followed.
        """
        self._enqueue(action)

    def expect_offer(self) -> None:
        """We are not alone any more: when no offer comes in time, the membership is worth nothing."""
        self._enqueue(_OfferExpected())

    @property
    def bridge_address(self) -> str:
        """Where our media go to, or went to while there is no session; empty before the first."""
        if self._session is not None:
            candidates = self._session.offer.transport.candidates
            self._bridge_address = next((each.ip for each in candidates if is_usable(each)), "")
        return self._bridge_address

    def lose_path(self, reason: str, *, may_work: bool = False) -> None:
        """The media path cannot work any more, though nobody has noticed yet: have another one made.

        Args:
            reason: For people.
            may_work: Whether it may still work, and is to be kept until another one may be asked for.
        """
        self._silent.clear()  # it is another network, or a long time since
        if self._sid:
            self._enqueue(_PathLost(self._sid, reason, may_work))

    def _enqueue(self, action: _Action) -> None:
        try:
            self._actions.put_nowait(action)
        except asyncio.QueueFull as error:
            raise ProtocolError(f"The focus sent more than {_MAX_ACTIONS} orders at once.") from error

    async def run(self) -> None:
        """Follow orders until cancelled; then close.

        Raises:
            ConnectionLostError: The stream is over, or no media session came though others are in the room.
        """
        try:
            while True:
                await self._follow(await self._next())
        finally:
            if self._later is not None:
                self._later.cancel()
            await self._close_session()

    async def _next(self) -> _Action:
        while True:
            try:
                async with asyncio.timeout_at(self._offer_due_s):
                    return await self._actions.get()
            except TimeoutError as error:
                self._offer_due_s = None
                if self._room.roster.participants:
                    raise ConnectionLostError(
                        "The server offers no media session though others are in the room.",
                        hint="Join again; the video bridge may be down.",
                    ) from error

    async def _follow(self, action: _Action) -> None:
        session = self._session
        match action:
            case SessionInitiate():
                await self._start(action)
            case _OfferExpected() if session is None:
                self._await_offer(OFFER_TIMEOUT_S)
            case SourceAdd() if session and session.offer.sid == action.sid:
                await self._guard(session.media.add_sources(action))
            case SourceRemove() if session and session.offer.sid == action.sid:
                await self._guard(session.media.remove_sources(action))
            case SessionTerminate() if session and session.offer.sid == action.sid:
                await self._lose(action.text or action.reason or "the server ended the session", OFFER_TIMEOUT_S)
            case _PathLost() if session and session.offer.sid == action.sid:
                await self._restart(session, action)
            case _RestartDue() if session is None:
                await self._ask_restart(action.offer, action.lost)
            case _RestartDue() if session and session.offer.sid == action.offer.sid:
                await self._restart(session, action.lost)
            case _:
                logger.debug("ignored %s", action)

    async def _start(self, offer: SessionInitiate) -> None:
        """Answer an offer; whatever was there before is replaced, as jicofo does not always end it first."""
        await self._close_session()
        self._sid = offer.sid
        session = await self._new_session(offer)
        try:
            await self._apply_mutes(session)
            accept = await session.accept(str(self._stream.jid))
            await self._stream.request(iq_set(self._focus, accept))
        except (StanzaError, NoReplyError, ProtocolError, MediaPathError) as error:
            await session.close()
            self._emit(MediaLost(error.message))
            self._await_offer(OFFER_TIMEOUT_S)
            if isinstance(error, NoReplyError):  # to the focus the session may stand: only we know that it does not
                await self._ask_restart(offer, _PathLost(offer.sid, error.message))
            return
        except BaseException:
            await session.close()
            raise
        self._offer_due_s = None
        self._session = session
        await self._apply_mutes(session)  # again: somebody may have muted us meanwhile
        await self._room.publish(session.source_states)
        session.begin()
        if self._screen is not None:
            await self._guard(self._show(session, self._screen))

    async def _new_session(self, offer: SessionInitiate) -> BridgedSession:
        media = MediaSession(
            endpoint_id=self._room.nick,
            video=self._wishes.video,
            audio=self._wishes.audio,
            ice_servers=await self._ice_servers(),
            receive_video=self._wishes.receive_video,
            receive_audio=self._wishes.receive_audio,
            simulcast=self._wishes.simulcast,
            relay_only=self._wishes.relay_only,
            on_event=self._emit,
        )
        return BridgedSession(
            offer,
            media,
            http=self._http,
            receive_video=self._wishes.receive_video,
            emit=self._emit,
            on_lost=lambda reason: self._enqueue(_PathLost(offer.sid, reason)),
        )

    async def _apply_mutes(self, session: BridgedSession) -> None:
        for kind, muted in self._muted.items():
            await session.set_muted(kind, muted)

    async def _ice_servers(self) -> tuple[IceServer, ...]:
        """Asked for anew for each session: TURN credentials expire."""
        try:
            reply = await self._stream.request(iq_get(Jid(self._stream.jid.domain), services_query()))
        except (StanzaError, NoReplyError) as error:
            logger.info("the server names no STUN or TURN servers: %s", error)
            return ()
        return () if reply.payload is None else await reachable_servers(parse_services(reply.payload), self._silent)

    async def _guard(self, change: Awaitable[None]) -> None:
        """Sources of others that cannot be taken in are no reason to end the call."""
        try:
            await change
        except (ProtocolError, MediaPathError) as error:
            logger.warning("could not follow a change of the others' sources: %s", error)

    async def _restart(self, session: BridgedSession, lost: _PathLost) -> None:
        """Ask the focus for another session; it gives one within a second where a bridge is alive."""
        wait_s = await self._ask_restart(session.offer, lost)
        if wait_s and lost.may_work and session.media.state is PathState.OPEN:
            return
        await self._lose(lost.reason, wait_s + RESTART_TIMEOUT_S)

    async def _ask_restart(self, offer: SessionInitiate, lost: _PathLost) -> float:
        """Ask now, or as soon as that is allowed; in how many seconds."""
        loop = asyncio.get_running_loop()
        if not self._restarts.try_take(loop.time()):
            return self._ask_later(_RestartDue(offer, lost), self._restarts.wait_s(loop.time()))
        why = ("connectivity-error", "ICE FAILED", offer.bridge_session_id)
        try:
            await self._stream.request(iq_set(self._focus, build_terminate(offer.sid, *why, restart=True)))
        except (StanzaError, NoReplyError) as error:
            logger.info("the focus does not restart the media session: %s", error)
            if isinstance(error, StanzaError) and error.condition == "resource-constraint":
                self._restarts.refused()
                return self._ask_later(_RestartDue(offer, lost), REFUSED_PAUSE_S)
        self._restarts.answered(loop.time())
        return 0.0

    def _ask_later(self, due: _RestartDue, wait_s: float) -> float:
        logger.info("the focus is asked for another media session in %.1f s: it was asked a moment ago", wait_s)
        if self._later is not None:
            self._later.cancel()
        self._later = asyncio.get_running_loop().call_later(wait_s, self._enqueue, due)
        return wait_s

    async def _lose(self, reason: str, timeout_s: float) -> None:
        await self._close_session()
        self._emit(MediaLost(reason))
        self._await_offer(timeout_s)

    def _await_offer(self, timeout_s: float) -> None:
        self._offer_due_s = asyncio.get_running_loop().time() + timeout_s

    async def _close_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def set_muted(self, kind: MediaKind, muted: bool) -> None:
        """Stop or resume sending, and tell the others; holds for later sessions too.

        Raises:
            ConnectionLostError: The stream is over.
        """
        self._muted[kind] = muted
        if self._session is not None:
            await self._session.set_muted(kind, muted)
            await self._room.publish(self._session.source_states)

    async def share_screen(self, track: MediaStreamTrack | None) -> None:
        """Send a screen beside the camera, or none; holds for later sessions too.

        Raises:
            MediaPathError: The meeting has no pictures.
            ProtocolError: aiortc or the focus refuses.
            ConnectionLostError: The stream is over.
        """
        self._screen = track
        if self._session is None:
            return
        if track is not None:
            await self._show(self._session, track)
        else:
            await self._session.hide_screen()
            await self._room.publish(self._session.source_states)

    async def _show(self, session: BridgedSession, track: MediaStreamTrack) -> None:
        added = await session.share_screen(track)
        if added is not None:
            try:
                await self._stream.request(iq_set(self._focus, added))
            except (StanzaError, NoReplyError) as error:
                raise ProtocolError(f"The focus does not take the screen: {error}") from error
        await self._room.publish(session.source_states)

    async def send_message(self, payload: object, to: str) -> None:
        """Send an object by way of the bridge.

        Raises:
            MediaPathError: There is no channel to the bridge.
        """
        if self._session is None:
            raise MediaPathError("There is no channel to the bridge now.", hint="Wait for MediaConnected.")
        await self._session.send_message(payload, to)

    async def ask_to_unmute(self, kind: MediaKind) -> None:
        """Have the focus lift a mute that a moderator put on us; the bridge drops what we send until then.

        Raises:
            RefusedError: Not allowed.
            ConnectionLostError: The stream is over.
        """
        namespace = ns.MUTE_AUDIO if kind is MediaKind.AUDIO else ns.MUTE_VIDEO
        order = Element(ns.qname(namespace, "mute"), {"jid": str(self._room.jid.with_resource(self._room.nick))})
        order.text = "false"
        try:
            await self._stream.request(iq_set(self._focus, order))
        except StanzaError as error:
            if error.condition == "not-allowed":
                raise RefusedError(
                    f"A moderator has to allow {kind.value} first.", hint="Ask in the chat to be allowed to unmute."
                ) from error
            logger.info("the focus has no mute to lift: %s", error)

    async def hang_up(self) -> None:
        """Tell the focus that we end the session; its answer is not waited for.

        Raises:
            ConnectionLostError: The stream is over.
        """
        if self._session is not None:
            offer = self._session.offer
            goodbye = build_terminate(offer.sid, "success", "", offer.bridge_session_id)
            await self._stream.send(iq_set(self._focus, goodbye))
