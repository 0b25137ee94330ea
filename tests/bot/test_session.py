"""How a session comes back to a meeting that it lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

import pytest
from aiortc import MediaStreamTrack

from eyeline.bot.events import BotEvent, RejoinFailed, StateChanged
from eyeline.bot.meetings import rejoin_pauses
from eyeline.bot.session import Session
from eyeline.bot.state import SessionState
from eyeline.bot.studio import Studio, StudioPlan
from eyeline.config.errors import NetworkError
from eyeline.config.settings import load_settings
from eyeline.integrations.errors import ConnectionLostError, UnreachableError
from eyeline.integrations.event_stream import EventStream
from eyeline.integrations.events import MediaKind, MeetingEvent, Participant

LOST = ConnectionLostError("The connection broke.")
REFUSED = UnreachableError("Nobody is there.")


class ScriptedMeeting:
    """Refuses the join, or loses the membership at once, or stays; implements `Meeting`."""

    def __init__(self, ending: NetworkError | None, tracks: Sequence[MediaStreamTrack]) -> None:
        self._ending = ending
        self._tracks = tracks
        self._events = EventStream()

    async def __aenter__(self) -> Self:
        if self._ending is REFUSED:
            raise REFUSED
        if self._ending is not None:
            self._events.end(self._ending)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._events.end(None)

    def events(self) -> AsyncIterator[MeetingEvent]:
        return self._events.read()

    @property
    def participants(self) -> Mapping[str, Participant]:
        return {}

    async def send_chat(self, text: str, *, to: str | None = None) -> None: ...

    async def set_muted(self, kind: MediaKind, muted: bool) -> None: ...


class Pauses:
    """Tells how often tries began anew, and makes each wait next to nothing."""

    def __init__(self) -> None:
        self.begun = 0
        self.taken = 0

    def __call__(self) -> Iterator[float]:
        self.begun += 1
        while True:
            self.taken += 1
            yield 0.01


@asynccontextmanager
async def coming_back(tmp_path: Path, *endings: NetworkError) -> AsyncIterator[tuple[Pauses, list[BotEvent]]]:
    """A session whose memberships end like this, one after the other, and whose last one lasts."""
    given = {"video.source": "pattern", "video.width_px": 320, "video.height_px": 180, "effects.background": "none"}
    settings = load_settings(given, cwd=tmp_path, environ={}, user_file=tmp_path / "none.toml").settings
    script, events, pauses = [*endings], list[BotEvent](), Pauses()
    stays = asyncio.Event()

    def open_meeting(*tracks: MediaStreamTrack) -> ScriptedMeeting:
        if not script:
            stays.set()
        return ScriptedMeeting(script.pop(0) if script else None, tracks)

    async with Studio(StudioPlan.of(settings), settings, emit=events.append) as studio:
        session = Session(open_meeting, studio, notice="", emit=events.append, pauses=pauses)
        running = asyncio.create_task(session.run())
        try:
            async with asyncio.timeout(60):
                await stays.wait()
            yield pauses, events
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_a_loss_is_tried_with_pauses_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eyeline.bot.session.LASTED_S", -1.0)
    async with coming_back(tmp_path, LOST, REFUSED, REFUSED, LOST, REFUSED) as (pauses, events):
        assert pauses.taken == 5
        assert pauses.begun == 2  # generators begin when they are first asked
        reasons = [event.reason for event in events if isinstance(event, StateChanged)]
        assert "The connection broke. Trying again at once." in reasons


async def test_a_stay_that_ends_at_once_is_no_reason_to_try_more_often(tmp_path: Path) -> None:
    async with coming_back(tmp_path, LOST, REFUSED, LOST, LOST, LOST) as (pauses, _):
        assert pauses.taken == 5
        assert pauses.begun == 1


async def test_an_outage_is_one_change_of_state_however_often_is_tried(tmp_path: Path) -> None:
    async with coming_back(tmp_path, LOST, *[REFUSED] * 20) as (pauses, events):
        states = [(event.state, event.reason) for event in events if isinstance(event, StateChanged)]
        failed = [event for event in events if isinstance(event, RejoinFailed)]
    assert pauses.taken == 21
    assert states == [
        (SessionState.CONNECTING, "joining"),
        (SessionState.RECONNECTING, "The connection broke. Trying again at once."),
    ]
    assert failed == [RejoinFailed(attempt, 0.01, "Nobody is there.") for attempt in (1, 2, 4, 8, 16)]


async def test_each_long_wait_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eyeline.bot.session.LONG_WAIT_S", 0.01)
    async with coming_back(tmp_path, LOST, *[REFUSED] * 5) as (_, events):
        failed = [event.attempt for event in events if isinstance(event, RejoinFailed)]
    assert failed == [1, 2, 3, 4, 5]


async def test_tries_are_counted_from_the_newest_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eyeline.bot.session.LASTED_S", -1.0)
    async with coming_back(tmp_path, LOST, *[REFUSED] * 3, LOST, REFUSED) as (_, events):
        failed = [event.attempt for event in events if isinstance(event, RejoinFailed)]
    assert failed == [1, 2, 1]


@pytest.mark.parametrize(
    ("url", "first_s", "fifth_s"),
    [("https://meet.example.org/Daily", 0.3, 0.7), ("https://zoom.us/j/89012345678", 1.0, 16.0)],
)
def test_zoom_is_asked_less_often(url: str, first_s: float, fifth_s: float) -> None:
    make: Callable[[], Iterator[float]] = rejoin_pauses(url)
    pauses = make()
    taken = [next(pauses) for _ in range(5)]
    assert taken[0] == pytest.approx(first_s, rel=0.31)
    assert taken[4] == pytest.approx(fifth_s, rel=0.31)
