"""A membership through the real bridge process, with a stand-in for Zoom's SDK: both ends of the bridge at once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from jitsi_lab.tracks import PlainPicture, Tone
from jitsi_lab.waiting import eventually
from zoom_double import TESTS, Zoom, double_command, zoom_stage
from zoom_lab.stage import Stage
from zoom_leftovers import tidy
from zoom_stage import LINK, QUICK, Following, beside_user, no_user

from eyeline.integrations.errors import (
    AuthorizedUserLeftError,
    ChatRefusedError,
    ConnectionLostError,
    KickedError,
    MuteRefusedError,
    ProtocolError,
    TokenError,
    UnreachableError,
)
from eyeline.integrations.events import (
    Advice,
    ChatReceived,
    Ended,
    MediaConnected,
    MediaKind,
    MediaLost,
    Muted,
    ParticipantJoined,
    VideoWanted,
    Waiting,
    WaitingFor,
)
from eyeline.integrations.zoom.bridge.messages import RingPlace
from eyeline.integrations.zoom.bridge.pictures import PictureWriter
from eyeline.integrations.zoom.bridge_errors import BridgeHungError, BridgeLostError
from eyeline.integrations.zoom.home import PrivateHome
from eyeline.integrations.zoom.join_tokens import JoinTokens
from eyeline.integrations.zoom.meeting import ZoomMeeting
from eyeline.integrations.zoom.patience import Patience
from eyeline.integrations.zoom.process import BridgeLimits
from eyeline.integrations.zoom.token import SdkToken

__all__ = ["tidy", "zoom_stage"]

GRACE = {"user_id": 5, "name": "Grace", "host": True}
BLUE = (255, 0, 0)


class Joined(Following):
    """A membership, and Zoom's end of it."""

    def __init__(self, stage: Stage, scenario: dict[str, Any], arguments: dict[str, Any]) -> None:
        given = {"name": "Ada", "tokens": no_user, "patience": QUICK, **arguments}
        super().__init__(ZoomMeeting(LINK, bridge_command=double_command(stage, **scenario), **given))
        self.zoom = Zoom(stage)

    @property
    def bridge(self) -> psutil.Process:
        """The process."""
        [process] = [
            each for each in psutil.Process().children() if "zoom_lab.bridge" in each.cmdline() and each.is_running()
        ]
        return process


@asynccontextmanager
async def joined(stage: Stage, *, scenario: dict[str, Any] | None = None, **arguments: Any) -> AsyncIterator[Joined]:
    membership = Joined(stage, {"people": [GRACE], **(scenario or {})}, arguments)
    async with membership.following(), asyncio.timeout(60), membership.meeting:
        yield membership


async def refusal(stage: Stage, *, scenario: dict[str, Any] | None = None, **arguments: Any) -> Exception:
    membership = Joined(stage, scenario or {}, arguments)
    with pytest.raises(Exception) as raised:
        async with membership.following(), asyncio.timeout(60), membership.meeting:
            pass
    return raised.value


async def test_from_the_door_to_the_picture(zoom_stage: Stage, tidy: None) -> None:
    script = [
        {"do": "status", "name": "CONNECTING"},
        {"do": "status", "name": "WAITINGFORHOST", "after_ms": 50},
        {"do": "status", "name": "IN_WAITING_ROOM", "after_ms": 50},
        {"do": "status", "name": "INMEETING", "after_ms": 50},
    ]
    async with joined(zoom_stage, scenario={"script": script}, video=PlainPicture(BLUE), audio=Tone()) as ada:
        await ada.told(MediaConnected)
        image = await ada.zoom.picture(lambda image: abs(int(image.y.mean()) - 41) < 4)
        assert image.size == (640, 360)
        assert abs(int(image.u.mean()) - 240) < 4
        sound = await ada.zoom.noted("sound")
        assert (sound["rate_hz"], sound["bytes"]) == (48_000, 1920)
        assert (await ada.told(ParticipantJoined)).participant.name == "Grace"
        await ada.zoom.do("size", width=320, height=180)
        await ada.zoom.picture(lambda image: image.size == (320, 180) and abs(int(image.y.mean()) - 41) < 4)
    joining = await ada.zoom.noted("join")
    assert joining["meetingNumber"] == LINK.meeting_number
    await ada.zoom.noted("call", name="Leave")
    waited = [each.what for each in ada.of(Waiting)]
    assert waited[2:] == [WaitingFor.MODERATOR, WaitingFor.LOBBY, WaitingFor.MEDIA]


async def test_a_command_in_the_chat_and_a_private_answer(zoom_stage: Stage, tidy: None) -> None:
    async with joined(zoom_stage) as ada:
        await ada.told(ParticipantJoined)
        await ada.zoom.do("chat", user_id=5, text="!status", private=True)
        line = await ada.told(ChatReceived)
        assert (line.text, line.private, line.sender_name) == ("!status", True, "Grace")
        await ada.meeting.send_chat("All is well.", to=line.sender_id)
        assert await ada.zoom.noted("chat", to=5, private=True, text="All is well.")
        await ada.zoom.do("chat_rights", off=True)
        await ada.told(Advice, lambda each: each.code == "chat_off")
        with pytest.raises(ChatRefusedError):
            await ada.meeting.send_chat("Hello?")


async def test_a_host_who_stops_the_video_is_not_fought(zoom_stage: Stage, tidy: None) -> None:
    async with joined(zoom_stage, video=PlainPicture(BLUE)) as ada:
        await ada.told(MediaConnected)
        await ada.zoom.picture(lambda image: int(image.u.mean()) > 200)
        await ada.zoom.do("stop_video", allowed=False)
        assert (await ada.told(Muted)).by == "the host"
        await ada.told(VideoWanted, lambda each: each.max_height_px == 0)
        with pytest.raises(MuteRefusedError):
            await ada.meeting.set_muted(MediaKind.VIDEO, False)
        seen = len(ada.zoom.notes)
        await ada.zoom.do("allow_video", allowed=True)
        await asyncio.sleep(1.5)
        started = [each for each in ada.zoom.notes[seen:] if each["note"] == "video" and each["on"]]
        assert started == []  # nobody asked us to
        await ada.meeting.set_muted(MediaKind.VIDEO, False)
        await ada.zoom.noted("video", after=seen, on=True)
        await ada.told(VideoWanted, lambda each: each.max_height_px == 360)


async def test_a_breakout_room_and_back(zoom_stage: Stage, tidy: None) -> None:
    async with joined(zoom_stage, video=PlainPicture(BLUE)) as ada:
        await ada.told(MediaConnected)
        await ada.zoom.do("breakout")
        await ada.told(MediaLost)
        await ada.told(MediaConnected, lambda _: len(ada.of(MediaConnected)) == 2)
        await ada.zoom.picture(lambda image: int(image.u.mean()) > 200)
        await ada.zoom.do("call_back")
        await ada.told(MediaConnected, lambda _: len(ada.of(MediaConnected)) == 3)
    assert ada.of(Muted) == []


async def test_a_notice_is_accepted(zoom_stage: Stage, tidy: None) -> None:
    async with joined(zoom_stage) as ada:
        await ada.zoom.do("remind", title="Recording", text="This is being recorded.")
        assert "This is being recorded." in (await ada.told(Advice)).text
        await ada.zoom.noted("accepted", title="Recording")


async def test_reconnecting(zoom_stage: Stage, tidy: None) -> None:
    async with joined(zoom_stage, video=PlainPicture(BLUE)) as ada:
        await ada.told(MediaConnected)
        await ada.zoom.do("status", name="RECONNECTING")
        await ada.told(MediaLost)
        await ada.zoom.do("status", name="INMEETING")
        await ada.told(MediaConnected, lambda _: len(ada.of(MediaConnected)) == 2)
        await ada.zoom.picture(lambda image: int(image.u.mean()) > 200)


@pytest.mark.parametrize(("reason", "kind"), [(1, KickedError), (8, AuthorizedUserLeftError)])
async def test_thrown_out(zoom_stage: Stage, tidy: None, reason: int, kind: type[Exception]) -> None:
    async with joined(zoom_stage, tokens=beside_user, scenario={"authorized_user": 5}) as ada:
        await ada.told(ParticipantJoined)
        if reason == 8:
            await ada.zoom.do("leave", user_id=5)
            await ada.told(Advice, lambda each: each.code == "authorized_user_left")
        await ada.zoom.do("status", name="ENDED", reason=reason)
        assert isinstance((await ada.told(Ended)).error, kind)


async def test_a_wrong_passcode_hangs_as_at_zoom(zoom_stage: Stage, tidy: None) -> None:
    patience = Patience(connecting_limit_s=1)
    error = await refusal(zoom_stage, scenario={"passcode": "another"}, patience=patience)
    assert isinstance(error, UnreachableError)
    assert "passcode" in str(error)


async def test_a_token_that_zoom_refuses(zoom_stage: Stage, tidy: None) -> None:
    error = await refusal(zoom_stage, scenario={"auth": "AUTHRET_JWTTOKENWRONG"})
    assert isinstance(error, TokenError)


async def test_an_absent_user_is_waited_for_in_new_processes(zoom_stage: Stage, tidy: None) -> None:
    script = [
        {"do": "status", "name": "CONNECTING"},
        {"do": "status", "name": "FAILED", "reason": 501, "after_ms": 20},
        {"do": "status", "name": "ENDED", "after_ms": 20},
    ]
    patience = Patience(first_pause_s=0.1, absent_limit_s=1)
    error = await refusal(zoom_stage, scenario={"script": script}, tokens=beside_user, patience=patience)
    assert error.code == "authorized_user_absent"
    assert len([each for each in zoom_stage.notes if each["note"] == "join"]) >= 2


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
async def test_a_killed_bridge(zoom_stage: Stage, tidy: None, number: signal.Signals) -> None:
    async with joined(zoom_stage, video=PlainPicture(BLUE)) as ada:
        await ada.told(MediaConnected)
        os.kill(ada.bridge.pid, number)
        ended = await ada.told(Ended)
        assert isinstance(ended.error, BridgeLostError)
        assert number.name in str(ended.error)


async def test_a_bridge_that_hangs(zoom_stage: Stage, tidy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eyeline.integrations.zoom.process.BridgeLimits", lambda: BridgeLimits(ping_s=0.4))
    async with joined(zoom_stage) as ada:
        process = ada.bridge
        await ada.zoom.do("hang")
        assert isinstance((await ada.told(Ended)).error, BridgeHungError)
    assert not process.is_running()


async def test_rubbish_in_the_control_socket(zoom_stage: Stage, tidy: None) -> None:
    async with joined(zoom_stage) as ada:
        await ada.zoom.do("rubbish")
        assert isinstance((await ada.told(Ended)).error, ProtocolError)


async def test_a_ring_of_the_wrong_size(zoom_stage: Stage, tidy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    real = PictureWriter.place.fget
    monkeypatch.setattr(PictureWriter, "place", property(lambda self: RingPlace(real(self).name, 4711)))
    assert isinstance(await refusal(zoom_stage), ProtocolError)


async def test_the_parents_death_is_the_bridges(zoom_stage: Stage, tmp_path: Path, tidy: None) -> None:
    """And the shared memory goes too."""
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, *double_command(zoom_stage)),
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(TESTS)},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert parent.stdout is not None
        pid, ring = (await asyncio.wait_for(parent.stdout.readline(), 60)).decode().split()
        assert psutil.pid_exists(int(pid))
    finally:
        parent.kill()
        await parent.wait()
    await eventually(lambda: not psutil.pid_exists(int(pid)), what="the end of the bridge")
    await eventually(lambda: not (Path("/dev/shm") / ring).exists(), what="the end of the ring")
    (await asyncio.to_thread(PrivateHome.make)).remove()  # the next one also sweeps what is left of this one


PARENT = """
import asyncio, sys, psutil
from jitsi_lab.tracks import PlainPicture
from zoom_stage import LINK, no_user
from eyeline.integrations.zoom import pumps
from eyeline.integrations.zoom.home import PrivateHome
from eyeline.integrations.zoom.join_tokens import JoinTokens
from eyeline.integrations.zoom.meeting import ZoomMeeting

rings = []
real = pumps.PictureWriter.create
pumps.PictureWriter.create = lambda size: rings.append(real(size)) or rings[-1]

async def main():
    video = PlainPicture((255, 0, 0))
    async with ZoomMeeting(LINK, name="Ada", tokens=no_user, video=video, bridge_command=sys.argv[1:]):
        [child] = [each for each in psutil.Process().children() if "zoom_lab.bridge" in each.cmdline()]
        print(child.pid, rings[0].place.name, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_secrets_reach_zoom_and_nothing_else(
    zoom_stage: Stage, tidy: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with joined(zoom_stage, tokens=beside_user) as ada:
        process = Path(f"/proc/{ada.bridge.pid}")
        seen = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        await ada.zoom.do("print", text="psw: abc123 onBehalfToken: the-obf")
        await asyncio.sleep(0.2)
    for secret in ("abc123", "the-obf", "eyJ"):
        assert secret.encode() not in seen
        assert secret not in caplog.text
    joining = await ada.zoom.noted("join")
    assert joining["psw"] == "abc123"
    with pytest.raises(ConnectionLostError):
        await ada.meeting.send_chat("Hello?")


async def test_the_real_sdk_and_a_token_that_it_refuses(real_sdk: None, tidy: None) -> None:
    """As far as one gets without asking anybody: the real process, the real library, its refusal and its end."""

    async def tokens(now_s: float) -> JoinTokens:
        return JoinTokens(SdkToken.made("the-app", "s" * 32, now_s - 86_400))

    meeting = Following(ZoomMeeting(LINK, name="Ada", tokens=tokens, video=PlainPicture(BLUE)))
    with pytest.raises(TokenError, match="expires within half an hour"):
        async with meeting.following(), asyncio.timeout(60), meeting.meeting:
            pass
    assert isinstance(meeting.ended.error, TokenError)
