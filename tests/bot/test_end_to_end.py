"""The main job, judged by somebody else's eyes: a member of the room that shares no code with Eyeline.

A real Prosody, a stand-in focus and bridge, real codecs, real ICE, DTLS and SRTP, the real network on a real portrait.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.waiting import eventually
from jitsi_lab.watcher import Watcher
from numpy.typing import NDArray
from picture_lab import load_mask, write_clip
from room_camera import Bgr, Footage, RoomCamera, clip_footage, difference, portrait_footage, room_camera

from eyeline.bot.events import BotEvent, OnAirChanged, PictureRestarted, RejoinFailed, StateChanged
from eyeline.bot.meetings import meeting_opener
from eyeline.bot.session import Session
from eyeline.bot.state import SessionState
from eyeline.bot.studio import Studio, StudioPlan
from eyeline.config.schema import Settings
from eyeline.config.settings import load_settings
from eyeline.integrations.events import Advice, MediaKind, Muted
from eyeline.models.errors import InferenceError
from eyeline.models.runtimes.litert import LiteRtRuntime
from eyeline.processing.effects import EffectState, parse_background
from eyeline.processing.frame import I420Image
from eyeline.processing.outgoing_video import VideoState

NOTICE = "This camera is processed."
BLUE, BLUE_BGR = "color:#204060", (0x60, 0x40, 0x20)
RED, RED_BGR = "color:#802020", (0x20, 0x20, 0x80)
PERSON_ERROR = 25.0
BEHIND_ERROR = 10.0
ROOM_SHARE = 0.05


def settings_for(camera: RoomCamera, tmp_path: Path, **flags: object) -> Settings:
    given = {
        "video.source": camera.url,
        "effects.background": BLUE,
        "meeting.name": "Ada",
        "meeting.notice": NOTICE,
        **{key.replace("__", "."): value for key, value in flags.items()},
    }
    return load_settings(given, cwd=tmp_path, environ={}, user_file=tmp_path / "none.toml").settings


@dataclass
class Stay:
    """A running session and everything that it told."""

    session: Session
    studio: Studio
    task: asyncio.Task[None]
    events: list[BotEvent]

    @property
    def states(self) -> list[SessionState]:
        return [event.state for event in self.events if isinstance(event, StateChanged)]

    async def reaches(self, state: SessionState) -> None:
        await eventually(lambda: self.session.state is state, timeout_s=60, what=f"state {state.value}")

    async def leave(self) -> None:
        self.task.cancel()
        await asyncio.wait({self.task})


@asynccontextmanager
async def stay(lab: JitsiLab, settings: Settings, room: str = "Daily") -> AsyncIterator[Stay]:
    events: list[BotEvent] = []
    async with Studio(StudioPlan.of(settings), settings, emit=events.append) as studio:
        session = Session(
            meeting_opener(lab.url(room), settings), studio, notice=settings.meeting.notice, emit=events.append
        )
        running = Stay(session, studio, asyncio.create_task(session.run()), events)
        try:
            yield running
        finally:
            await running.leave()


@dataclass
class Audience:
    """Looks at every picture that the watcher decodes, and never forgets one that shows the room."""

    watcher: Watcher
    camera: RoomCamera
    newest: Bgr | None = None
    seen: int = 0
    room_seen: list[float] = field(default_factory=list)

    async def watch(self) -> None:
        while True:
            self.newest = await self.watcher.frame(600)
            self.seen += 1
            share = await asyncio.to_thread(self.camera.room_share, self.newest)
            if share > ROOM_SHARE:
                self.room_seen.append(share)

    async def sees(self, what: str, is_so) -> None:
        await eventually(lambda: self.newest is not None and is_so(self.newest), timeout_s=60, what=what)

    def person_on(self, bgr: tuple[int, int, int]):
        def is_so(picture: Bgr) -> bool:
            person, behind = self.camera.person_error(picture), self.camera.behind_error(picture, bgr)
            return person < PERSON_ERROR and behind < BEHIND_ERROR

        return is_so


@asynccontextmanager
async def audience(lab: JitsiLab, camera: RoomCamera, room: str = "Daily") -> AsyncIterator[Audience]:
    async with Watcher(lab, room) as watcher:
        viewers = Audience(watcher, camera)
        watching = asyncio.create_task(viewers.watch())
        try:
            yield viewers
        finally:
            watching.cancel()
            await asyncio.wait({watching})
        assert viewers.seen > 0
        assert viewers.room_seen == []


@pytest.fixture(autouse=True)
def weights() -> None:
    load_mask().close()


@pytest.fixture
async def camera() -> AsyncIterator[RoomCamera]:
    async with room_camera(portrait_footage()) as camera:
        yield camera


@pytest.mark.parametrize("footage", [portrait_footage, clip_footage])
def test_the_camera_itself_shows_person_and_room(footage: Callable[[], Footage]) -> None:
    """The measures that the other tests trust, on the raw picture."""
    camera = RoomCamera(footage())
    assert camera.never_person.mean() > 0.05
    assert camera.always_person.mean() > 0.05
    assert camera.room_share(camera.scenes[7]) > 0.9
    assert camera.person_error(camera.scenes[7]) < 1
    assert camera.behind_error(camera.scenes[7], BLUE_BGR) > 40


async def test_the_person_is_seen_and_the_room_is_not(jitsi_lab: JitsiLab, camera: RoomCamera, tmp_path: Path) -> None:
    async with (
        audience(jitsi_lab, camera) as viewers,
        stay(jitsi_lab, settings_for(camera, tmp_path)) as running,
    ):
        await viewers.sees("the person on blue", viewers.person_on(BLUE_BGR))
        assert running.session.state is SessionState.LIVE
        assert [line.text for line in viewers.watcher.chat] == [NOTICE]
        [ada] = viewers.watcher.participants.values()
        assert ada.name == "Ada"

        await running.studio.set_effects(EffectState(parse_background(RED)))
        await viewers.sees("the person on red", viewers.person_on(RED_BGR))

        await running.leave()
        await eventually(lambda: not viewers.watcher.participants, what="the good-bye")
    assert running.states[0] is SessionState.CONNECTING
    assert running.states[-1] is SessionState.LEFT
    assert jitsi_lab.complaints == []


async def test_the_size_follows_the_meeting_and_nobody_looking_stops_the_flow(
    jitsi_lab: JitsiLab, camera: RoomCamera, tmp_path: Path
) -> None:
    async with (
        audience(jitsi_lab, camera) as viewers,
        stay(jitsi_lab, settings_for(camera, tmp_path)) as running,
    ):
        await viewers.sees("360 lines", lambda picture: picture.shape[0] == 360)
        await viewers.watcher.channel.ask_height(180)
        await viewers.sees("180 lines", lambda picture: picture.shape[0] == 180)

        await viewers.watcher.channel.ask_height(0)
        await running.reaches(SessionState.PAUSED)
        await asyncio.sleep(1.0)
        processed, seen = running.studio.processed, viewers.seen
        await asyncio.sleep(1.0)
        assert (running.studio.processed, viewers.seen) == (processed, seen)

        await viewers.watcher.channel.ask_height(720)
        await running.reaches(SessionState.LIVE)
        await viewers.sees("the person again", viewers.person_on(BLUE_BGR))
    assert jitsi_lab.complaints == []


async def test_a_real_person_is_seen_and_the_room_is_not(jitsi_lab: JitsiLab, tmp_path: Path) -> None:
    async with (
        room_camera(clip_footage()) as camera,
        audience(jitsi_lab, camera) as viewers,
        stay(jitsi_lab, settings_for(camera, tmp_path)) as running,
    ):
        await viewers.sees("the person on blue", viewers.person_on(BLUE_BGR))
        await running.studio.set_effects(EffectState(parse_background("dusk")))
        seen = viewers.seen
        await eventually(lambda: viewers.seen > seen + 30, what="two seconds more")


async def test_sound_is_heard_when_it_is_asked_for(jitsi_lab: JitsiLab, camera: RoomCamera, tmp_path: Path) -> None:
    tone = write_clip(tmp_path / "tone.mp4", [I420Image.filled(64, 64, (60, 128, 128))], sound="aac")
    async with (
        audience(jitsi_lab, camera) as viewers,
        stay(jitsi_lab, settings_for(camera, tmp_path, audio__source=str(tone))),
    ):
        await eventually(lambda: viewers.watcher.audio_level > 0.05, timeout_s=60, what="the tone")
        await viewers.sees("the person", viewers.person_on(BLUE_BGR))


async def test_no_sound_leaves_unasked(jitsi_lab: JitsiLab, camera: RoomCamera, tmp_path: Path) -> None:
    async with (
        audience(jitsi_lab, camera) as viewers,
        stay(jitsi_lab, settings_for(camera, tmp_path)) as running,
    ):
        await viewers.sees("the person", viewers.person_on(BLUE_BGR))
        assert Muted(MediaKind.AUDIO, True) in running.events
        assert viewers.watcher.audio_samples == 0


async def test_a_lost_camera_shows_the_card_and_comes_back(
    jitsi_lab: JitsiLab, camera: RoomCamera, tmp_path: Path
) -> None:
    async with (
        audience(jitsi_lab, camera) as viewers,
        stay(jitsi_lab, settings_for(camera, tmp_path)) as running,
    ):
        await viewers.sees("the person", viewers.person_on(BLUE_BGR))
        card = await asyncio.to_thread(running.studio.video.card_image)

        camera.plugged = False
        await eventually(lambda: running.studio.video.state is VideoState.CARD, what="the card")
        await viewers.sees("the card", lambda picture: difference(picture, card.to_bgr()) < 8)

        camera.plugged = True
        await viewers.sees("the person again", viewers.person_on(BLUE_BGR))
    showing = [event.showing for event in running.events if isinstance(event, OnAirChanged)]
    assert showing[:3] == [VideoState.LIVE, VideoState.CARD, VideoState.LIVE]


@pytest.mark.parametrize("fault", ["hangs", "raises", "finds nothing finite"])
async def test_a_network_that_fails_shows_the_card(
    jitsi_lab: JitsiLab, camera: RoomCamera, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    mended = threading.Event()

    def run_badly(runtime: LiteRtRuntime, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        if fault == "hangs":
            mended.wait(60)
        if fault == "raises":
            raise InferenceError("out of memory")
        return np.full((1, *runtime.input_shape[1:3], 1), np.nan, np.float32)

    async with (
        audience(jitsi_lab, camera) as viewers,
        stay(jitsi_lab, settings_for(camera, tmp_path, video__worker="thread")) as running,
    ):
        await viewers.sees("the person", viewers.person_on(BLUE_BGR))
        card = await asyncio.to_thread(running.studio.video.card_image)
        with monkeypatch.context() as broken:
            broken.setattr(LiteRtRuntime, "run", run_badly)
            await viewers.sees("the card", lambda picture: difference(picture, card.to_bgr()) < 8)
        mended.set()
        await viewers.sees("the person again", viewers.person_on(BLUE_BGR))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
async def test_a_worker_that_is_lost_is_replaced(
    jitsi_lab: JitsiLab, camera: RoomCamera, tmp_path: Path, number: signal.Signals
) -> None:
    async with (
        audience(jitsi_lab, camera) as viewers,
        stay(jitsi_lab, settings_for(camera, tmp_path)) as running,
    ):
        await viewers.sees("the person", viewers.person_on(BLUE_BGR))
        [worker] = multiprocessing.active_children()
        os.kill(worker.pid, number)
        await eventually(lambda: running.studio.restarts == 1, what="the restart")
        processed = running.studio.processed
        await eventually(lambda: running.studio.processed > processed + 15, what="a second of pictures")
        await viewers.sees("the person again", viewers.person_on(BLUE_BGR))
    assert sum(isinstance(event, PictureRestarted) for event in running.events) == 1
    assert multiprocessing.active_children() == []


async def test_a_moderator_mutes_the_video(jitsi_lab: JitsiLab, camera: RoomCamera, tmp_path: Path) -> None:
    async with (
        audience(jitsi_lab, camera) as viewers,
        stay(jitsi_lab, settings_for(camera, tmp_path)) as running,
    ):
        await viewers.sees("the person", viewers.person_on(BLUE_BGR))
        [bot] = viewers.watcher.participants
        await viewers.watcher.mute(bot, "video")
        await running.reaches(SessionState.PAUSED)
        reasons = [event.reason for event in running.events if isinstance(event, StateChanged)]
        assert reasons[-1] == "video muted by Watcher"


async def test_a_lost_server_is_joined_again(jitsi_lab: JitsiLab, camera: RoomCamera, tmp_path: Path) -> None:
    async with (
        audience(jitsi_lab, camera) as viewers,
        stay(jitsi_lab, settings_for(camera, tmp_path)) as running,
    ):
        await viewers.sees("the person", viewers.person_on(BLUE_BGR))
        viewers.newest = None
        jitsi_lab.site.cut_xmpp()  # is resumed, and the picture goes on
        advised = lambda code: any(isinstance(each, Advice) and each.code == code for each in running.events)  # noqa: E731
        await eventually(lambda: advised("signalling_resumed"), timeout_s=60, what="the resumption")
        await viewers.sees("the person", viewers.person_on(BLUE_BGR))
        assert SessionState.RECONNECTING not in running.states
        viewers.newest = None
        jitsi_lab.site.refuses_streams = True
        known = len(running.states)
        await jitsi_lab.site.end_streams()  # nothing is left to resume
        tried = lambda: any(isinstance(each, RejoinFailed) and each.attempt == 4 for each in running.events)  # noqa: E731
        await eventually(tried, timeout_s=60, what="four tries to come back")
        assert running.states[known:] == [SessionState.RECONNECTING]
        jitsi_lab.site.refuses_streams = False
        await running.reaches(SessionState.LIVE)
        assert running.states[known : known + 2] == [SessionState.RECONNECTING, SessionState.WAITING]
        assert running.states.count(SessionState.RECONNECTING) == running.states.count(SessionState.CONNECTING) == 1
        await viewers.sees("the person again", viewers.person_on(BLUE_BGR))
        assert [line.text for line in viewers.watcher.chat] == [NOTICE]


async def test_alone_in_the_room_the_bot_waits(jitsi_lab: JitsiLab, camera: RoomCamera, tmp_path: Path) -> None:
    async with stay(jitsi_lab, settings_for(camera, tmp_path)) as running:
        await running.reaches(SessionState.WAITING)
        async with audience(jitsi_lab, camera) as viewers:
            await viewers.sees("the person", viewers.person_on(BLUE_BGR))
