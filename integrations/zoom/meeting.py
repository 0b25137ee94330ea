"""One membership in one Zoom meeting."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiortc import MediaStreamTrack

from eyeline.config.errors import EyelineError, UsageError
from eyeline.integrations.errors import ConnectionLostError
from eyeline.integrations.event_stream import EventStream
from eyeline.integrations.events import Advice, MediaKind, MeetingEvent, Participant, Waiting, WaitingFor
from eyeline.integrations.zoom import launch
from eyeline.integrations.zoom.bridge.messages import PROTOCOL_VERSION, Begin, RingPlace
from eyeline.integrations.zoom.join_tokens import JoinTokens
from eyeline.integrations.zoom.membership import Membership, SituationMet
from eyeline.integrations.zoom.patience import Patience
from eyeline.integrations.zoom.process import BridgeProcess
from eyeline.integrations.zoom.pumps import Pumps
from eyeline.integrations.zoom.retries import Retries
from eyeline.integrations.zoom.situations import Again, Situation
from eyeline.integrations.zoom.url import ZoomLink

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Ending:
    """Why a try is over; `situation` where the SDK or a limit said so."""

    error: EyelineError
    situation: Situation | None = None


class ZoomMeeting:
    """A participant of a Zoom meeting; implements `eyeline.integrations.meeting.Meeting`.

    Entering the block joins, through a process of its own that holds Zoom's SDK. Where a person has to come first, or
    things may pass by themselves, it tries again, each time in a new process and with new tokens; `events` says what is
    waited for. Leaving the block leaves the meeting and ends the process within about six seconds.

    Args:
        link: The meeting.
        name: Display name.
        tokens: Makes or fetches what opens the meeting, for each try: `JoinTokenSource.next`.
        video: Our picture, or `None`.
        audio: Our sound, or `None`.
        passcode: Where the link has none.
        advice: What the person should know before.
        max_height_px: The tallest picture that Zoom gets, whatever it suggests; it is encoded on this machine.
        patience: How long to wait for what others have to do.
        bridge_command: What to start instead of the real bridge; for tests.
    """

    def __init__(
        self,
        link: ZoomLink,
        *,
        name: str,
        tokens: Callable[[float], Awaitable[JoinTokens]],
        video: MediaStreamTrack | None = None,
        audio: MediaStreamTrack | None = None,
        passcode: str = "",
        advice: Iterable[Advice] = (),
        max_height_px: int = 1080,
        patience: Patience | None = None,
        bridge_command: Sequence[str] | None = None,
    ) -> None:
        self._link = link
        self._name = name
        self._tokens = tokens
        self._video = video
        self._audio = audio
        self._passcode = link.passcode or passcode
        self._max_height_px = max_height_px
        self._patience = patience or Patience()
        self._bridge_command = bridge_command or launch.BRIDGE_COMMAND
        self._events = EventStream()
        for each in advice:
            self._events.put(each)
        self._exit = AsyncExitStack()
        self._inside: Membership | None = None

    async def __aenter__(self) -> Self:
        """Join.

        Raises:
            NetworkError: Zoom cannot be reached, or the bridge process failed.
            RefusedError: Zoom or the meeting said no, or nobody came in time.
            UsageError: What we have cannot open the meeting.
            MediaError: This machine cannot hold the bridge.
        """
        with self._events.joining():
            await self._join()
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
        """The others, by Zoom's user id as text."""
        return self._inside.people.participants if self._inside else {}

    async def send_chat(self, text: str, *, to: str | None = None) -> None:
        """Say a line to all, or privately to the participant with the id `to`; one line a second.

        Raises:
            UsageError: The line is empty or too long, or nobody has that id.
            ChatRefusedError: The host does not allow it.
            ConnectionLostError: We are not in the meeting (any more).
        """
        inside = self._membership()
        if to is not None and to not in inside.people.participants:
            raise UsageError(f"Nobody in the meeting has the id {to[:40]!r}.")
        await inside.chat.say(text, int(to) if to is not None else 0)

    async def set_muted(self, kind: MediaKind, muted: bool) -> None:
        """Mute or unmute ourselves, telling the others.

        Raises:
            MuteRefusedError: The host does not allow it.
            ConnectionLostError: We are not in the meeting (any more).
        """
        await self._membership().set_muted(kind, muted)

    def _membership(self) -> Membership:
        if self._inside is None or not self._inside.is_inside:
            raise ConnectionLostError("We are not in the meeting.", hint="Join again.")
        return self._inside

    async def _join(self) -> None:
        retries = Retries(self._patience)
        while True:
            async with AsyncExitStack() as stack:
                ending = await self._try(stack)
                if ending is None:
                    self._exit = stack.pop_all()
                    return
            pause_s = retries.pause_s(ending.situation) if ending.situation else None
            if ending.situation is None or pause_s is None:
                raise ending.error
            self._events.put(_waiting(ending.situation, pause_s))
            await asyncio.sleep(pause_s)

    async def _try(self, stack: AsyncExitStack) -> _Ending | None:
        """Begin a membership and wait until it is in; the result says why it is not."""
        tokens = await self._tokens(time.time())
        self._events.put(Waiting("connecting to Zoom", WaitingFor.SERVER))
        bridge = await stack.enter_async_context(BridgeProcess(self._bridge_command))
        pumps = stack.enter_context(Pumps(bridge.channels, self._video, self._audio, max_height_px=self._max_height_px))
        await bridge.send(self._begin(tokens, pumps.place))
        membership = Membership(
            bridge,
            pumps,
            self._events.put,
            patience=self._patience,
            on_behalf=bool(tokens.on_behalf),
            has_passcode=bool(self._passcode),
        )
        serving = asyncio.create_task(self._serve(membership, pumps), name="zoom meeting")
        stack.push_async_callback(_stopped, serving)
        joined = asyncio.create_task(membership.joined.wait(), name="zoom joining")
        stack.push_async_callback(_stopped, joined)
        await asyncio.wait({serving, joined}, return_when=asyncio.FIRST_COMPLETED)
        if not membership.joined.is_set():
            return serving.result()
        self._inside = membership
        return None

    def _begin(self, tokens: JoinTokens, place: RingPlace) -> Begin:
        link = self._link
        return Begin(
            version=PROTOCOL_VERSION,
            web_domain=link.web_domain,
            sdk_jwt=tokens.sdk.text,
            meeting_number=link.meeting_number,
            vanity_id=link.vanity_id,
            name=self._name,
            passcode=self._passcode,
            zak=tokens.zak,
            on_behalf_token=tokens.on_behalf,
            join_token=link.token,
            ring=place,
            send_video=self._video is not None,
            send_audio=self._audio is not None,
        )

    async def _serve(self, membership: Membership, pumps: Pumps) -> _Ending:
        """Run a try to its end; the end of one that was in is the end of the meeting for us."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(pumps.run(), name="zoom pumps")
                tasks.create_task(membership.run(), name="zoom membership")
        except* (SituationMet, EyelineError) as errors:
            ending = _first(errors)
        except* Exception:
            logger.exception("the membership failed")
            error = ConnectionLostError("The membership failed for a reason of our own.", hint="Join again.")
            ending = _Ending(error)
        membership.chat.fail(ending.error)
        if membership.joined.is_set():
            self._events.end(ending.error)
        return ending


def _waiting(situation: Situation, pause_s: float) -> Waiting:
    what = WaitingFor.MODERATOR if situation.again is Again.LATER else WaitingFor.SERVER
    return Waiting(f"{situation.sentence} Trying again in {pause_s:.0f} s.", what)


async def _stopped(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.wait({task})


def _first(errors: BaseExceptionGroup[BaseException]) -> _Ending:
    """The error that happened first; the others are its consequences."""
    first = errors.exceptions[0]
    if isinstance(first, BaseExceptionGroup):
        return _first(first)
    if isinstance(first, SituationMet):
        return _Ending(first.situation.error(), first.situation)
    if isinstance(first, EyelineError):
        return _Ending(first)
    raise first
