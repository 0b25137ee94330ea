"""One stay in one meeting: connects the studio to the meeting, follows what happens, comes back after a loss."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext

from aiortc import MediaStreamTrack

from eyeline.bot.chat.desk import ChatDesk
from eyeline.bot.chat_telling import ChatTelling
from eyeline.bot.control.control import Control
from eyeline.bot.control.people import People
from eyeline.bot.events import Emit, RejoinFailed, StateChanged
from eyeline.bot.farewell import Farewell, LeavePlan
from eyeline.bot.state import SessionState, can_move
from eyeline.bot.studio import Studio
from eyeline.config.errors import EyelineError, NetworkError, RefusedError
from eyeline.integrations.events import (
    Advice,
    ChatReceived,
    Ended,
    MediaConnected,
    MediaKind,
    MediaLost,
    MeetingEvent,
    Muted,
    ParticipantJoined,
    ParticipantLeft,
    VideoWanted,
    Waiting,
)
from eyeline.integrations.meeting import Meeting
from eyeline.integrations.pauses import in_words, pause, pauses_s
from eyeline.processing.tracks import OutgoingAudioTrack, OutgoingVideoTrack

log = logging.getLogger(__name__)

GIVE_UP_AFTER_S = 600.0
LONG_WAIT_S = 5.0
LASTED_S = 10.0  # a stay that was shorter counts as one more try

OpenMeeting = Callable[[MediaStreamTrack, MediaStreamTrack], Meeting]


class Session:
    """Runs one stay from joining to leaving; to be run once.

    Args:
        open_meeting: Makes a membership that publishes the two given tracks; called again for each new try.
        studio: Open already; stays open when a connection is lost.
        notice: Said in the chat after the first join; empty says nothing.
        emit: Takes every event.
        control: Steers studio and meeting; one that obeys nobody is made where none is given.
        chat: Takes commands from the meeting's chat; `None` takes none.
        leave_plan: When to leave by ourselves; never, where none is given.
        pauses: Makes the pauses between tries to come back, in seconds.
    """

    def __init__(
        self,
        open_meeting: OpenMeeting,
        studio: Studio,
        *,
        notice: str,
        emit: Emit,
        control: Control | None = None,
        chat: ChatDesk | None = None,
        leave_plan: LeavePlan | None = None,
        pauses: Callable[[], Iterator[float]] = pauses_s,
    ) -> None:
        self._pauses = pauses
        self._leave_plan = leave_plan or LeavePlan()
        self._leave_reason = "left on request"
        self._open_meeting = open_meeting
        self._studio = studio
        self._notice = notice
        self._emit = emit
        self._control = control or Control(studio, People(), emit=emit)
        self._chat = chat
        self._state = SessionState.CONNECTING
        self._joined = False
        self._video: OutgoingVideoTrack | None = None

    @property
    def video_latency_s(self) -> float | None:
        """How old pictures are when they leave; `None` between connections."""
        return None if self._video is None else self._video.latency.latency_s(time.monotonic())

    @property
    def state(self) -> SessionState:
        """Where the session stands."""
        return self._state

    async def run(self) -> None:
        """Stay until the meeting is over; cancel it to leave.

        Raises:
            EyelineError: Why the session failed.
        """
        leave = _cancelling(asyncio.current_task())
        self._control.can_leave(leave)
        self._emit(StateChanged(self._state, "joining"))
        try:
            async with Farewell(self._leave_plan, lambda why: self._leave(leave, why)) as farewell:
                await self._stay(farewell)
        except asyncio.CancelledError:
            self._enter(SessionState.LEFT, self._leave_reason)
            raise
        except EyelineError as error:
            self._enter(SessionState.FAILED, str(error))
            raise
        finally:
            self._control.can_leave(None)
        self._enter(SessionState.LEFT, "the meeting ended")

    def _leave(self, leave: Callable[[], None], why: str) -> None:
        self._leave_reason = f"left, {why}"
        leave()

    async def _stay(self, farewell: Farewell) -> None:
        """Join, and join anew after each loss, with growing pauses, until too much time has passed."""
        lost_at_s: float | None = None
        delays_s, failed = self._pauses(), 0
        while True:
            self._joined, begun_s = False, time.monotonic()
            try:
                await self._visit(farewell)
            except NetworkError as error:
                if self._joined:
                    lost_at_s = time.monotonic()
                    if lost_at_s - begun_s > LASTED_S:
                        delays_s, failed = self._pauses(), 0
                if lost_at_s is None or time.monotonic() - lost_at_s > GIVE_UP_AFTER_S:
                    raise
                delay_s = max(next(delays_s), error.retry_after_s or 0.0)
                self._try_again(error, failed, delay_s)
                failed += 1
                if error.retry_after_s:
                    await asyncio.sleep(delay_s)
                elif await pause(delay_s):
                    delays_s = self._pauses()
            else:
                return

    def _try_again(self, error: NetworkError, failed: int, delay_s: float) -> None:
        """Tell of the loss once, and of tries that failed after it less and less often."""
        if self._state is not SessionState.RECONNECTING:
            self._enter(SessionState.RECONNECTING, f"{error.message} Trying again {in_words(delay_s)}.")
        elif failed.bit_count() == 1 or (failed and delay_s >= LONG_WAIT_S):
            self._emit(RejoinFailed(failed, delay_s, error.message))

    async def _visit(self, farewell: Farewell) -> None:
        """One connection, from joining to its end."""
        video = OutgoingVideoTrack(self._studio.video)
        self._video = video
        audio = OutgoingAudioTrack(self._studio.audio, video)
        meeting = self._open_meeting(video, audio)
        visit = _Visit(self._enter, self._emit, self._studio, video, self._control, self._chat, farewell)
        following = asyncio.create_task(visit.follow(meeting))
        try:
            async with meeting, self._chat.attend(meeting) if self._chat else nullcontext():
                await self._settle_in(meeting)
                farewell.company(len(meeting.participants))
                await following
        finally:
            self._video = None
            farewell.away()
            self._control.lose_meeting()
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            video.stop()
            audio.stop()

    async def _settle_in(self, meeting: Meeting) -> None:
        self._joined = True
        await self._control.settle_in(meeting)
        if self._notice:
            await self._say_notice(meeting)

    async def _say_notice(self, meeting: Meeting) -> None:
        """A chat that we may not use is no reason to stay out."""
        try:
            await meeting.send_chat(self._notice)
        except RefusedError as error:
            text = f"The others were not told that the camera is processed: {error.message}"
            self._emit(Advice("notice_not_said", text))
        else:
            self._notice = ""

    def _enter(self, state: SessionState, reason: str) -> None:
        if state is self._state and state is not SessionState.WAITING:
            return
        if state is not self._state and not can_move(self._state, state):
            log.debug("ignored a move from %s to %s", self._state.value, state.value)
            return
        self._state = state
        self._emit(StateChanged(state, reason))


def _cancelling(task: asyncio.Task[None] | None) -> Callable[[], None]:
    """What cancels a task."""

    def cancel() -> None:
        if task is not None:
            task.cancel()

    return cancel


class _Visit:
    """What happens during one connection, and what it means for the studio and for the state."""

    def __init__(
        self,
        enter: Callable[[SessionState, str], None],
        emit: Emit,
        studio: Studio,
        video: OutgoingVideoTrack,
        control: Control,
        chat: ChatDesk | None,
        farewell: Farewell,
    ) -> None:
        self._farewell = farewell
        self._enter = enter
        self._control = control
        self._chat = chat
        self._emit = emit
        self._telling = ChatTelling(emit)
        self._studio = studio
        self._video = video
        self._connected = False
        self._watched = True
        self._muted_by: str | None = None

    async def follow(self, meeting: Meeting) -> None:
        """Follow a meeting to its end.

        Raises:
            EyelineError: The meeting ended with it.
        """
        async for event in meeting.events():
            if isinstance(event, ChatReceived):
                self._hear(event)
                continue
            self._emit(event)
            if isinstance(event, ParticipantJoined | ParticipantLeft):
                self._farewell.company(len(meeting.participants))
            self._take(event)

    def _hear(self, event: ChatReceived) -> None:
        """Obeyed before it is told of; a code is for nobody's eyes."""
        if self._chat is None:
            self._telling.tell(event)
            return
        self._chat.hear(event)
        self._telling.tell(self._chat.masked(event))

    def _take(self, event: MeetingEvent) -> None:
        match event:
            case Waiting(reason):
                self._enter(SessionState.WAITING, reason)
            case MediaConnected():
                self._connected = True
                self._studio.tidy()
                self._refresh()
            case MediaLost(reason):
                self._connected = False
                self._enter(SessionState.RECONNECTING, reason)
            case VideoWanted(max_height_px):
                self._watched = max_height_px != 0
                self._video.limit(0 if max_height_px == 0 else None)  # how tall is the sender's business
                self._refresh()
            case Muted(kind, muted, by):
                self._control.notice_muted(kind, muted)
                if kind is MediaKind.VIDEO:
                    self._muted_by = (by or "you") if muted else None
                    self._refresh()
            case Ended(error):
                if error is not None:
                    raise error

    def _refresh(self) -> None:
        """Bring the studio and the state in line with who looks."""
        on_air = self._watched and self._muted_by is None
        self._studio.pause(not on_air)
        if not self._connected:
            return
        if on_air:
            self._enter(SessionState.LIVE, "the camera is on air")
        else:
            self._enter(SessionState.PAUSED, f"video muted by {self._muted_by}" if self._muted_by else "nobody looks")
