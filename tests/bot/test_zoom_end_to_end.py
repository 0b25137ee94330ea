"""A stay in a Zoom meeting: what is typed there, and what Zoom then gets, with a stand-in for its SDK alone."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest
from aiortc import MediaStreamTrack
from jitsi_lab.waiting import eventually
from picture_lab import load_mask
from zoom_double import Zoom, double_command, zoom_stage
from zoom_lab.stage import Stage
from zoom_puppet import JOINED, die, pause, puppet
from zoom_stage import LINK, no_user
from zoom_stay import GRACE, URL, Grace, zoom_settings, zoom_stay

from eyeline.bot.events import RejoinFailed, StateChanged
from eyeline.bot.host import Host
from eyeline.bot.meetings import meeting_opener, meeting_room, meeting_server
from eyeline.bot.session import OpenMeeting, Session
from eyeline.bot.state import SessionState
from eyeline.bot.studio import Studio, StudioPlan
from eyeline.bot.zoom_meetings import zoom_opener
from eyeline.config.schema import Settings
from eyeline.integrations.errors import KickedError, TokenExpiredError
from eyeline.integrations.events import Advice
from eyeline.integrations.zoom.errors import (
    AmbiguousMeetingError,
    ZoomBusyError,
    ZoomCredentialsError,
    ZoomUnavailableError,
)
from eyeline.integrations.zoom.join_tokens import JoinTokens
from eyeline.integrations.zoom.meeting import ZoomMeeting
from eyeline.models.errors import InferenceError
from eyeline.models.runtimes.litert import LiteRtRuntime
from eyeline.processing.outgoing_video import VideoState

__all__ = ["zoom_stage"]

GREY_BGR, BLUE_BGR = (0x80, 0x80, 0x80), (0x60, 0x40, 0x20)


@pytest.fixture(autouse=True)
def weights() -> None:
    load_mask().close()


async def test_a_camera_that_is_steered_by_its_owner(zoom_stage: Stage, tmp_path: Path) -> None:
    zoom, settings = Zoom(zoom_stage), zoom_settings(tmp_path, meeting__notice="This camera is processed.")
    async with zoom_stay(zoom_stage, settings) as stay:
        await stay.live()
        await zoom.noted("chat", to=0, text="This camera is processed.")
        await zoom.sees(GREY_BGR)
        grace = Grace(zoom)
        assert "Only the person" in (await grace.answer("!bg color #204060"))["text"]  # the host, but not the owner
        await grace.claims(stay)

        line = await grace.answer("!bg color #204060")
        assert (line["private"], line["text"]) == (True, "Background: colour #204060.")
        await zoom.sees(BLUE_BGR)

        card = (await eventually(lambda: stay.studio.video.card_image())).to_bgr()
        assert "card" in (await grace.answer("!panic"))["text"]
        corner = tuple(int(value) for value in card[10, 20])
        await zoom.sees(corner)
        assert (await grace.answer("!video on"))["text"] == "The video is on."
        await zoom.sees(BLUE_BGR)

        assert (await grace.answer("!video off"))["text"] == "The video is off."
        await eventually(lambda: stay.session.state is SessionState.PAUSED, what="a pause")
        await zoom.noted("video", on=False)
        assert (await grace.answer("!video on"))["text"] == "The video is on."
        await zoom.sees(BLUE_BGR)

        await asyncio.sleep(1)  # one line a second is what Zoom takes
        assert (await grace.answer("!leave"))["text"] == "Good-bye."
        await eventually(lambda: stay.session.state is SessionState.LEFT, what="the end of the stay")
    await zoom.noted("call", name="Leave")


async def test_who_takes_the_owners_name_is_not_obeyed(zoom_stage: Stage, tmp_path: Path) -> None:
    zoom = Zoom(zoom_stage)
    async with zoom_stay(zoom_stage, zoom_settings(tmp_path)) as stay:
        await stay.live()
        await Grace(zoom).claims(stay)
        await zoom.do("join", user_id=9, name="Grace", host=True)
        assert "Only the person" in (await Grace(zoom, 9).answer("!bg color #204060"))["text"]
        await zoom.do("leave", user_id=5)
        await zoom.do("join", user_id=11, name="Grace")
        assert "Only the person" in (await Grace(zoom, 11).answer("!bg color #204060"))["text"]
        assert str(stay.studio.effects.background) == "color:#808080"


async def test_a_picture_worker_that_dies_shows_the_card(
    zoom_stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoom, settings = Zoom(zoom_stage), zoom_settings(tmp_path, video__worker="thread")
    async with zoom_stay(zoom_stage, settings) as stay:
        await stay.live()
        await zoom.sees(GREY_BGR)
        real = LiteRtRuntime.run

        def broken(self: LiteRtRuntime, tensor: object) -> object:
            raise InferenceError("The network is gone.")

        monkeypatch.setattr(LiteRtRuntime, "run", broken)
        await eventually(lambda: stay.studio.video.state is VideoState.CARD, what="the card")
        card = (await eventually(lambda: stay.studio.video.card_image())).to_bgr()
        await zoom.sees(tuple(int(value) for value in card[10, 20]))
        monkeypatch.setattr(LiteRtRuntime, "run", real)
        await zoom.sees(GREY_BGR)


async def test_a_host_who_stops_the_video_pauses_the_picture(zoom_stage: Stage, tmp_path: Path) -> None:
    zoom = Zoom(zoom_stage)
    async with zoom_stay(zoom_stage, zoom_settings(tmp_path)) as stay:
        await stay.live()
        await zoom.sees(GREY_BGR)
        await Grace(zoom).claims(stay)
        await zoom.do("stop_video", allowed=False)
        await eventually(lambda: stay.session.state is SessionState.PAUSED, what="a pause")
        await asyncio.sleep(0.5)
        passed = len(zoom.notes)
        assert "host" in (await Grace(zoom).answer("!video on"))["text"]
        await asyncio.sleep(1)
        assert stay.session.state is SessionState.PAUSED
        assert not [each for each in zoom.notes[passed:] if each["note"] == "pictures" or each.get("on")]


async def test_a_crashed_bridge_is_replaced(zoom_stage: Stage, tmp_path: Path) -> None:
    zoom = Zoom(zoom_stage)
    async with zoom_stay(zoom_stage, zoom_settings(tmp_path)) as stay:
        await stay.live()
        await zoom.sees(GREY_BGR)
        [bridge] = [each for each in psutil.Process().children() if "zoom_lab.bridge" in each.cmdline()]
        before = len(zoom.notes)
        os.kill(bridge.pid, signal.SIGSEGV)
        await eventually(lambda: stay.session.state is SessionState.RECONNECTING, what="the loss")
        await zoom.noted("join", after=before)
        await stay.live()
        await zoom.sees(GREY_BGR)
    reasons = [event.reason for event in stay.events if isinstance(event, StateChanged)]
    assert any("SIGSEGV" in reason for reason in reasons)


async def test_the_pause_that_zoom_asks_for_is_kept(tmp_path: Path) -> None:
    """Longer than our own first one; here its REST interface asks for it, while we come back."""
    asked: list[float] = []

    async def tokens(now_s: float) -> JoinTokens:
        asked.append(now_s)
        if len(asked) == 2:
            raise ZoomBusyError("Zoom was asked too often.", retry_after_s=5.0)
        return await no_user(now_s)

    command = puppet(tmp_path / "puppet", [*JOINED, pause(0.5), die(signal.SIGKILL)], JOINED)

    def open_meeting(video: MediaStreamTrack, audio: MediaStreamTrack) -> ZoomMeeting:
        return ZoomMeeting(LINK, name="Ada", tokens=tokens, audio=audio, bridge_command=command)

    settings, events = zoom_settings(tmp_path), []
    async with Studio(StudioPlan.of(settings), settings, emit=events.append) as studio:
        stay = asyncio.create_task(Session(open_meeting, studio, notice="", emit=events.append).run())
        await eventually(lambda: len(asked) == 3, what="the third try")
        stay.cancel()
        await asyncio.wait({stay})
    assert asked[2] - asked[1] >= 5
    assert RejoinFailed(1, 5.0, "Zoom was asked too often.") in events


async def test_kicked_is_the_end(zoom_stage: Stage, tmp_path: Path) -> None:
    zoom = Zoom(zoom_stage)
    async with zoom_stay(zoom_stage, zoom_settings(tmp_path)) as stay:
        await stay.live()
        await zoom.do("status", name="ENDED", reason=1)
        await asyncio.wait({stay.task}, timeout=20)
        assert isinstance(stay.task.exception(), KickedError)
        assert stay.session.state is SessionState.FAILED


async def test_a_chat_that_is_closed_keeps_nobody_out(zoom_stage: Stage, tmp_path: Path) -> None:
    settings = zoom_settings(tmp_path, meeting__notice="This camera is processed.")
    async with zoom_stay(zoom_stage, settings, send_chat="SDKERR_NO_PERMISSION") as stay:
        await stay.live()
        await eventually(
            lambda: any(isinstance(event, Advice) and event.code == "notice_not_said" for event in stay.events),
            what="the advice",
        )
        assert stay.session.state is SessionState.LIVE


async def test_a_host_goes_into_zoom_meetings_too(zoom_stage: Stage, tmp_path: Path) -> None:
    """As the REST interface has it do."""
    settings = zoom_settings(tmp_path)
    command = double_command(zoom_stage, people=[GRACE])

    def opener_of(url: str, settings: Settings) -> OpenMeeting:
        return zoom_opener(url, settings, bridge_command=command)

    plan = StudioPlan.of(settings)
    async with Host(plan, settings, emit=lambda _: None, announce=lambda _: None, opener_of=opener_of) as host:
        with pytest.raises(AmbiguousMeetingError):
            host.join(f"{URL} https://zoom.us/j/98765432109")
        stay = host.join(URL)
        assert stay.room == "https://zoom.us/j/81234567890"
        await eventually(lambda: stay.state is SessionState.LIVE, what="to be live")
        await host.leave(stay)
        assert stay.state is SessionState.LEFT
    await Zoom(zoom_stage).noted("call", name="Leave")


def test_the_room_is_shown_without_its_keys() -> None:
    assert meeting_room(URL) == "https://zoom.us/j/81234567890"
    assert meeting_server(URL) == "https://zoom.us"
    assert meeting_server("812 3456 7890 secret") == "https://zoom.us"
    assert meeting_server("https://meet.example.org/Zoomers") == "https://meet.example.org"


def test_what_cannot_be_is_said_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = zoom_settings(tmp_path)
    with pytest.raises(AmbiguousMeetingError):
        meeting_opener(f"{URL} https://zoom.us/j/98765432109", settings)
    monkeypatch.setattr("eyeline.integrations.zoom.sdk.is_installed", lambda: False)
    with pytest.raises(ZoomUnavailableError, match="pip install"):
        meeting_opener(URL, settings)
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    with pytest.raises(ZoomUnavailableError, match="aarch64") as missing:
        meeting_opener(URL, settings)
    assert "eyeline camera" in missing.value.hint


def test_credentials_are_looked_at_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eyeline.bot.zoom_meetings.require_sdk", lambda: None)
    with pytest.raises(ZoomCredentialsError, match="client id"):
        meeting_opener(URL, zoom_settings(tmp_path, zoom__client_id=""))
    (tmp_path / "zak").write_text("eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.c2ln")
    with pytest.raises(TokenExpiredError):
        meeting_opener(URL, zoom_settings(tmp_path, zoom__zak_file="zak"))
