"""A program that waits to be sent into meetings: one stay at a time, the camera open only meanwhile."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from eyeline.bot.control.people import People
from eyeline.bot.events import BotEvent, Emit, StateChanged
from eyeline.bot.farewell import LeavePlan
from eyeline.bot.meetings import meeting_opener, meeting_room, meeting_server, rejoin_pauses
from eyeline.bot.session import OpenMeeting, Session
from eyeline.bot.standby import StandbyStage
from eyeline.bot.state import SessionState
from eyeline.bot.steering import chat_desk, made_control, meeting_people
from eyeline.bot.studio import Studio, StudioPlan
from eyeline.config.errors import EyelineError, UsageError
from eyeline.config.schema import Settings

log = logging.getLogger(__name__)

MAX_PAST_STAYS = 20
_OVER = (SessionState.LEFT, SessionState.FAILED)

Beside = Callable[[Studio], AbstractAsyncContextManager[None]]
OpenerOf = Callable[[str, Settings], OpenMeeting]


class BusyError(UsageError):
    """There is a meeting already."""

    code = "busy"


class InternalStayError(EyelineError):
    """A stay ended for a reason of our own."""

    code = "internal"


@dataclass(eq=False)
class Stay:
    """One stay in one meeting, as it goes on.

    Attributes:
        id: Made up.
        room: URL of the room, without secrets.
        since: When joining began, in UTC.
        state: Where it stands.
        reason: Why, in plain words.
        error: What it failed with.
        session: Once the studio is open.
    """

    id: str
    room: str
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    state: SessionState = SessionState.CONNECTING
    reason: str = "opening the camera"
    error: EyelineError | None = None
    session: Session | None = None

    @property
    def over(self) -> bool:
        """Whether nothing will come any more."""
        return self.state in _OVER

    def end(self, state: SessionState, reason: str, error: EyelineError | None = None) -> None:
        """Note how it ended; what was noted first stays."""
        if not self.over:
            self.state, self.reason = state, reason
        self.error = self.error or error


class Host:
    """Goes into meetings when asked to; an async context manager that leaves at its end.

    Args:
        plan: Which sources and what picture.
        settings: All of them.
        emit: Takes every event.
        announce: Shows a code to whoever sits at the terminal.
        beside: What is open beside every studio.
        opener_of: Chooses the adapter for a URL.
    """

    def __init__(
        self,
        plan: StudioPlan,
        settings: Settings,
        *,
        emit: Emit,
        announce: Callable[[str], None],
        beside: Beside = lambda _: nullcontext(),
        opener_of: OpenerOf = meeting_opener,
    ) -> None:
        self._settings = settings
        self._emit = emit
        self._announce = announce
        self._beside = beside
        self._opener_of = opener_of
        self._stays: dict[str, Stay] = {}
        self._running: tuple[Stay, asyncio.Task[None]] | None = None
        self.stage = StandbyStage(plan, settings)
        self.control = made_control(self.stage, People(), settings, emit=emit)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running is not None:
            await self.leave(self._running[0])
        await self.control.close()
        self.stage.close()

    @property
    def settings(self) -> Settings:
        """What meetings are joined with where nothing else is asked for."""
        return self._settings

    @property
    def stays(self) -> tuple[Stay, ...]:
        """The running one and the newest past ones, oldest first."""
        return tuple(self._stays.values())

    @property
    def current(self) -> Stay | None:
        """The one that is going on."""
        return self._running[0] if self._running else None

    def stay(self, stay_id: str) -> Stay | None:
        """One of them."""
        return self._stays.get(stay_id)

    def join(self, url: str, settings: Settings | None = None) -> Stay:
        """Begin a stay; it goes on by itself.

        Args:
            url: Of the room.
            settings: Instead of the host's own.

        Raises:
            MeetingUrlError: That is not the URL of a room.
            BusyError: There is a meeting already.
        """
        settings = settings or self._settings
        open_meeting, server = self._opener_of(url, settings), meeting_server(url)
        if self._running is not None:
            raise BusyError("There is a meeting already.", hint="Leave it first: one camera is in one meeting.")
        stay = Stay(secrets.token_hex(6), meeting_room(url))
        self._keep(stay)
        running = self._run(stay, open_meeting, server, settings, rejoin_pauses(url))
        task = asyncio.create_task(running, name=f"stay {stay.id}")
        self._running = stay, task
        task.add_done_callback(lambda _: self._ended(stay))
        return stay

    async def ended(self, stay: Stay) -> None:
        """Wait for the end of a stay; to be cancelled freely.

        Raises:
            EyelineError: Why it failed.
        """
        if self._running is not None and self._running[0] is stay:
            await asyncio.wait({self._running[1]})
        if stay.error is not None:
            raise stay.error

    async def leave(self, stay: Stay) -> None:
        """End a stay and wait until it has ended; harmless when it is over."""
        if self._running is not None and self._running[0] is stay:
            task = self._running[1]
            task.cancel()
            await asyncio.wait({task})

    async def _run(
        self,
        stay: Stay,
        open_meeting: OpenMeeting,
        server: str,
        settings: Settings,
        pauses: Callable[[], Iterator[float]],
    ) -> None:
        def emit(event: BotEvent) -> None:
            if isinstance(event, StateChanged) and event.state not in _OVER:  # it is over once the camera is closed
                stay.state, stay.reason = event.state, event.reason
            self._emit(event)

        try:
            async with self.stage.open(settings, emit=emit) as studio, self._beside(studio):
                people, code = await meeting_people(server, self._announce)
                self.control.meet(people)
                chat = chat_desk(self.control, settings, code)
                stay.session = Session(
                    open_meeting,
                    studio,
                    notice=settings.meeting.notice,
                    emit=emit,
                    control=self.control,
                    chat=chat,
                    leave_plan=LeavePlan.of(settings.meeting),
                    pauses=pauses,
                )
                await stay.session.run()
            stay.end(SessionState.LEFT, "the meeting ended")
        except EyelineError as error:
            stay.end(SessionState.FAILED, str(error), error)
        except asyncio.CancelledError:
            stay.end(SessionState.LEFT, "left on request")
            raise
        except Exception:
            log.exception("a stay ended for a reason of our own")
            stay.end(
                SessionState.FAILED, "failed inside", InternalStayError("The stay failed for a reason of our own.")
            )
        finally:
            self.control.meet(People())

    def _ended(self, stay: Stay) -> None:
        stay.end(SessionState.LEFT, "left on request")
        self._running = None

    def _keep(self, stay: Stay) -> None:
        self._stays[stay.id] = stay
        for old in tuple(self._stays)[: -MAX_PAST_STAYS - 1]:
            del self._stays[old]
