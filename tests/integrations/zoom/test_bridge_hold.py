"""What is kept alive, and what would happen without."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from typing import Any

import pytest
from zoom_lab.double import make_sdk
from zoom_lab.process import TESTS
from zoom_lab.scenario import Scenario
from zoom_lab.strict import GARBAGE
from zoom_lab.world import World

from eyeline.integrations.zoom.bridge.hold import Held
from eyeline.integrations.zoom.bridge.messages import Fault


class NoNotes:
    def tell(self, note: str, **about: Any) -> None:
        """Nobody listens."""


class NoLoop:
    def after(self, delay_ms: int, due: Any) -> None:
        """Nothing comes later."""


@pytest.fixture
def sdk() -> Any:
    made = make_sdk(World(Scenario(), NoLoop(), NoNotes(), None))
    made.InitSDK(made.InitParam())
    return made


@pytest.fixture
def faults() -> list[Fault]:
    return []


@pytest.fixture
def held(sdk: Any, faults: list[Fault]) -> Held:
    return Held(sdk, faults.append)


def text(*parts: str) -> str:
    """One that nobody else has."""
    return "".join(parts)


def test_a_text_outlives_the_call_that_gave_it(sdk: Any, held: Held) -> None:
    param = held.make("AuthContext", jwt_token=text("a", "b"))
    held.put(param, jwt_token=text("c", "d"))
    gc.collect()
    assert held.read(param, "jwt_token") == "cd"
    bare = sdk.AuthContext()
    bare.jwt_token = text("a", "b")
    assert bare.jwt_token == GARBAGE  # the double sees the difference


def test_callbacks_and_what_they_hold_live_as_long_as_the_process(held: Held) -> None:
    class Handler:
        def __call__(self, status: Any, reason: int) -> None:
            """Do nothing."""

    handler = Handler()
    known = weakref.ref(handler)
    events = weakref.ref(held.callbacks("MeetingServiceEventCallbacks", onMeetingStatusChangedCallback=handler))
    del handler
    gc.collect()
    assert known() is not None
    assert events() is not None


def test_helpers_and_whatever_a_call_gave_are_kept_once(held: Held) -> None:
    helper = weakref.ref(held.call("GetRawdataVideoSourceHelper"))
    gc.collect()
    assert helper() is held.call("GetRawdataVideoSourceHelper")
    before = len(held._kept)
    for _ in range(100):
        held.call("GetRawdataVideoSourceHelper")
        held.call("CreateMeetingService")
    assert len(held._kept) <= before + 1


def test_texts_and_lists_that_were_copied_for_us_are_not_kept(held: Held) -> None:
    class Person:
        def GetUserName(self) -> str:  # noqa: N802
            return text("A", "da")

        def GetParticipantsList(self) -> list[int]:  # noqa: N802
            return [1, 2]

    person = Person()
    before = len(held._kept)
    for _ in range(100):
        assert held.text(person, "GetUserName", 2) == "Ad"
        assert held.get(person, "GetParticipantsList") == [1, 2]
    assert len(held._kept) == before


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt, RecursionError])
def test_nothing_leaves_a_callback_and_its_text_is_not_told(
    held: Held, faults: list[Fault], error: type[BaseException]
) -> None:
    def fail() -> None:
        raise error("opensesame")

    caught = held.safe("place", fail)
    for _ in range(10):
        caught()
    assert faults == [Fault("place", error.__name__)] * 3


def test_what_fails_in_a_callback_of_the_sdk_s_is_told_by_its_name(held: Held, faults: list[Fault]) -> None:
    events = held.callbacks("AuthServiceEventCallbacks", onAuthenticationReturnCallback=lambda: 1 // 0)
    events.functions["onAuthenticationReturnCallback"]()
    assert faults == [Fault("onAuthenticationReturnCallback", "ZeroDivisionError")]


def test_an_answer_is_the_name_of_an_error(held: Held) -> None:
    service = held.call("CreateAuthService")
    assert held.do(service, "SDKAuth", held.make("AuthContext", jwt_token="")) == "SDKERR_INVALID_PARAMETER"
    assert held.enum("SDKError", "SDKERR_NO_PERMISSION").value == 12


WITHOUT = """
import gc, sys
from types import SimpleNamespace
from zoom_lab.double import make_sdk, ENUMS
from zoom_lab.scenario import Scenario
from zoom_lab.world import World
loop = SimpleNamespace(after=lambda delay_ms, due: due())
world = World(Scenario(), loop, SimpleNamespace(tell=lambda note, **about: None), None)
sdk = make_sdk(world)
sdk.InitSDK(sdk.InitParam())
"""


@pytest.mark.parametrize(
    ("mistake", "signal"),
    [
        ("sdk.GetAudioRawdataHelper(); gc.collect(); sdk.GetAudioRawdataHelper()", 11),
        (
            "sdk.CreateMeetingService().SetEvent(sdk.MeetingServiceEventCallbacks()); gc.collect(); "
            "world.set_status('INMEETING', 0)",
            11,
        ),
        (
            "kept = sdk.MeetingServiceEventCallbacks(onMeetingStatusChangedCallback=lambda status: None); "
            "sdk.CreateMeetingService().SetEvent(kept); world.set_status('INMEETING', 0)",
            6,
        ),
    ],
)
def test_the_double_dies_of_what_the_real_one_dies_of(mistake: str, signal: int) -> None:
    command = [sys.executable, "-c", WITHOUT + mistake]
    done = subprocess.run(command, env={"PYTHONPATH": str(TESTS)}, capture_output=True, timeout=60)
    assert done.returncode == -signal, done.stderr


def test_the_double_takes_the_types_of_the_real_one_alone(sdk: Any) -> None:
    sender = sdk.IZoomSDKVideoSender(None)
    limited = sdk.FrameDataFormat.FrameDataFormat_I420_LIMITED
    for arguments, keywords in (
        ((memoryview(b"1234"), 2, 2, 0, limited), {}),
        ((bytearray(b"1234"), 2, 2, 0, limited), {}),
        ((b"1234", 2.0, 2, 0, limited), {}),
        ((b"1234", 2, 2, 0, 0), {}),
        ((b"1234", 2, 2, 0), {}),
        ((b"1234", 2, 2, 0, limited, 1), {}),
        ((b"1234", 2, 2, 0), {"arg4": limited}),
    ):
        with pytest.raises(TypeError):
            sender.sendVideoFrame(*arguments, **keywords)
    with pytest.raises(TypeError):
        sdk.CreateMeetingService().SetEvent(sdk.AuthServiceEventCallbacks())
    with pytest.raises(TypeError):
        sdk.JoinParam().param.isVideoOff = 1
    assert sdk.CreateMeetingService().GetMeetingChatController() is None
    assert sdk.CreateSettingService().GetAudioSettings() is None
    assert sdk.SDKError.SDKERR_SUCCESS != 0
    assert sdk.MeetingFailCode.MEETING_FAIL_PASSWORD_ERR == 4
    with pytest.raises(ValueError, match="77"):
        sdk.MeetingFailCode(77)
