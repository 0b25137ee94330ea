"""One try to be in a meeting, through one bridge process: follows what it says, to the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from eyeline.integrations.errors import ConnectionLostError
from eyeline.integrations.events import Advice, ChatReceived, MediaKind, MeetingEvent, Waiting, WaitingFor
from eyeline.integrations.zoom.bridge.messages import (
    AudioWanted,
    Authenticated,
    BreakoutRoom,
    CallRefused,
    ChatAnswered,
    ChatHeard,
    ChatRights,
    DisclaimerAccepted,
    Event,
    Fault,
    Goodbye,
    MediaRefused,
    MeetingStatus,
    OwnState,
    PersonChanged,
    PersonJoined,
    PersonLeft,
    Sent,
    VideoSize,
    VideoWanted,
)
from eyeline.integrations.zoom.chat import OutgoingChat
from eyeline.integrations.zoom.meaning import authentication, ending, failure, refused_call
from eyeline.integrations.zoom.own_media import OwnMedia
from eyeline.integrations.zoom.patience import Patience
from eyeline.integrations.zoom.people import People, printable
from eyeline.integrations.zoom.process import BridgeProcess
from eyeline.integrations.zoom.pumps import Pumps, mute_command
from eyeline.integrations.zoom.situations import Situation
from eyeline.integrations.zoom.stage import ENDED, FAILED, NEWS, SILENT, STATUS, Stage, can_move, limit_s, overdue

log = logging.getLogger(__name__)

_MAX_TEXT_CHARS = 4000
_WAITING = {
    Stage.CONNECTING: Waiting("connecting to the meeting", WaitingFor.SERVER),
    Stage.WAITING_FOR_HOST: Waiting("waiting for the host to start the meeting", WaitingFor.MODERATOR),
    Stage.WAITING_ROOM: Waiting("waiting in the waiting room to be let in", WaitingFor.LOBBY),
}
_LOST = {
    Stage.RECONNECTING: "The connection to the meeting is lost; Zoom's SDK reconnects.",
    Stage.MOVING: "On the way to another room of this meeting.",
    Stage.WAITING_ROOM: "The host sent us to the waiting room.",
}


class SituationMet(Exception):  # noqa: N818 - is not one yet: whoever catches it decides
    """The try is over.

    Args:
        situation: Why.
    """

    def __init__(self, situation: Situation) -> None:
        super().__init__(situation.sentence)
        self.situation = situation


class Membership:
    """One try, from `Begin` on.

    Args:
        bridge: Has been told to begin.
        pumps: Our picture and sound.
        emit: Takes events.
        patience: How long to wait for what.
        on_behalf: Whether we join with an on-behalf token.
        has_passcode: Whether we gave a passcode.
    """

    def __init__(
        self,
        bridge: BridgeProcess,
        pumps: Pumps,
        emit: Callable[[MeetingEvent], None],
        *,
        patience: Patience,
        on_behalf: bool,
        has_passcode: bool,
    ) -> None:
        self._bridge = bridge
        self._pumps = pumps
        self._emit = emit
        self._patience = patience
        self._on_behalf = on_behalf
        self._has_passcode = has_passcode
        self._media = OwnMedia(emit, has_video=pumps.has_video, has_audio=pumps.has_audio)
        self._stage = Stage.AUTHENTICATING
        self._deadline_s: float | None = None
        self.joined = asyncio.Event()
        self.people = People()
        self.chat = OutgoingChat(bridge.send)

    @property
    def is_inside(self) -> bool:
        """Whether we are in the meeting, be it that the connection is lost for the moment."""
        return self._stage in (Stage.INSIDE, Stage.RECONNECTING, Stage.MOVING)

    async def run(self) -> None:
        """Follow the bridge to the end.

        Raises:
            SituationMet: Zoom's SDK, or a limit of ours, ended it.
            ConnectionLostError: The bridge ended without a word on the meeting, or failed.
            ProtocolError: The bridge said what it must not.
        """
        self._set_deadline()
        while True:
            try:
                async with asyncio.timeout_at(self._deadline_s):
                    event = await self._bridge.next_event()
            except TimeoutError:
                raise SituationMet(overdue(self._stage)) from None
            self._take(event)
            for kind in MediaKind:
                self._pumps.want(kind, self._media.flows(kind))

    async def set_muted(self, kind: MediaKind, muted: bool) -> None:
        """Mute or unmute ourselves; what is muted is handed over no more from this moment on.

        Raises:
            MuteRefusedError: The host does not allow it.
            ConnectionLostError: The bridge is not there any more.
        """
        if not muted:
            self._media.check_unmute(kind)
        self._media.mute(kind, muted)
        self._pumps.want(kind, self._media.flows(kind))
        await self._bridge.send(mute_command(kind, muted))

    def _take(self, event: Event) -> None:
        match event:
            case MeetingStatus(status, reason):
                self._follow(status, reason)
            case CallRefused(call, error):
                raise SituationMet(refused_call(call, error))
            case Authenticated(result):
                if (situation := authentication(result)) is not None:
                    raise SituationMet(situation)
                self._enter(Stage.CONNECTING)
            case Goodbye():
                raise ConnectionLostError("The bridge to Zoom ended and did not say why.", hint="Join again.")
            case VideoSize() | VideoWanted() | AudioWanted() | OwnState() | MediaRefused():
                self._take_media(event)
            case _:
                self._take_talk(event)

    def _take_media(self, event: VideoSize | VideoWanted | AudioWanted | OwnState | MediaRefused) -> None:
        match event:
            case VideoSize():
                self._media.resize(self._pumps.resize(event))
            case VideoWanted(wanted):
                if wanted and self._stage is Stage.MOVING:
                    self._enter(Stage.INSIDE)
                self._media.want_video(wanted)
            case AudioWanted(wanted):
                self._media.want_audio(wanted)
            case OwnState():
                self._media.notice(event)
            case MediaRefused():
                self._media.refuse(event)

    def _take_talk(self, event: Event) -> None:
        """People, their chat, and what is only to be told."""
        match event:
            case PersonJoined(person) | PersonChanged(person):
                self._tell(self.people.put(person))
            case PersonLeft(user_id):
                self._lose_person(user_id)
            case ChatHeard():
                self._emit(self._chat_received(event))
            case ChatAnswered():
                self.chat.notice_answer(event)
            case ChatRights():
                self._tell(self.chat.notice_rights(event))
            case DisclaimerAccepted(title, text):
                notice = printable(f"{title}: {text}" if title else text, _MAX_TEXT_CHARS)
                log.info("a notice was accepted in the person's name: %s", notice)
                self._emit(Advice("disclaimer_accepted", f"A notice of the meeting was accepted for you: {notice}"))
            case BreakoutRoom(inside):
                text = "The host sent us to a breakout room." if inside else "We go back to the main room."
                self._emit(Advice("breakout_room", text))
            case Fault(where, error):
                log.warning("the bridge to Zoom had a fault in %s: %s", where, error)
            case Sent(pictures, passed_over, refused, sounds):
                log.debug(
                    "sent %d pictures (%d passed over, %d refused), %d sounds", pictures, passed_over, refused, sounds
                )

    def _follow(self, status: str, reason: int) -> None:
        if status == FAILED:
            raise SituationMet(failure(reason, on_behalf=self._on_behalf, has_passcode=self._has_passcode))
        if status == ENDED:
            raise SituationMet(ending(reason, in_waiting_room=self._stage is Stage.WAITING_ROOM))
        if status in STATUS:
            self._enter(STATUS[status])
        elif status in NEWS:
            self._emit(Advice(*NEWS[status]))
        elif status not in SILENT:
            log.info("the SDK says something new of the meeting: %s", printable(status, 80))

    def _enter(self, stage: Stage) -> None:
        if stage is self._stage:
            return
        if not can_move(self._stage, stage):
            log.debug("ignored a move from %s to %s", self._stage.value, stage.value)
            return
        was_inside = self.is_inside
        self._stage = stage
        self._set_deadline()
        if stage is Stage.INSIDE:
            self._media.enter()
            self.joined.set()
        if was_inside and stage in _LOST:
            self._media.lose(_LOST[stage])
        if stage in _WAITING:
            self._emit(_WAITING[stage])

    def _set_deadline(self) -> None:
        limit = limit_s(self._stage, self._patience)
        self._deadline_s = None if limit is None else asyncio.get_running_loop().time() + limit

    def _lose_person(self, user_id: int) -> None:
        if self.people.is_authorized(user_id):
            text = "The person on whose behalf we are here has left; Zoom will let us stay no longer."
            self._emit(Advice("authorized_user_left", text))
        self._tell(self.people.remove(user_id))

    def _chat_received(self, heard: ChatHeard) -> ChatReceived:
        return ChatReceived(
            sender_id=str(heard.sender_id),
            sender_name=printable(heard.sender_name, 100),
            text=heard.text[:_MAX_TEXT_CHARS],
            private=heard.private,
            identity=self.people.identity(heard.sender_id),
        )

    def _tell(self, event: MeetingEvent | None) -> None:
        if event is not None:
            self._emit(event)
