"""Events as lines of JSON and as words."""

from __future__ import annotations

import json
import logging

import pytest
from aiortc.mediastreams import AudioStreamTrack

from eyeline.bot.events import (
    BotEvent,
    CommandAnswered,
    EventLoopLate,
    OnAirChanged,
    PictureRestarted,
    RejoinFailed,
    SourceChanged,
    StateChanged,
    TierChanged,
    to_json,
)
from eyeline.bot.exit_codes import ExitCode, exit_code
from eyeline.bot.narrator import narrate
from eyeline.bot.state import SessionState, can_move
from eyeline.config.errors import EyelineError
from eyeline.integrations.errors import PasswordError, UnreachableError
from eyeline.integrations.events import (
    ChatReceived,
    Ended,
    MediaKind,
    Muted,
    Participant,
    ParticipantJoined,
    TrackAdded,
    VideoSending,
    VideoWanted,
)
from eyeline.models.errors import OfflineError
from eyeline.processing.errors import BackgroundError, SourceBusyError
from eyeline.processing.outgoing_video import VideoState
from eyeline.processing.tiers import Tier


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        (StateChanged(SessionState.LIVE, "on air"), {"event": "state_changed", "state": "live", "reason": "on air"}),
        (
            RejoinFailed(4, 0.75, "Nobody is there."),
            {"event": "rejoin_failed", "attempt": 4, "wait_s": 0.75, "reason": "Nobody is there."},
        ),
        (TierChanged(Tier.FINDER, "slow"), {"event": "tier_changed", "tier": "finder", "why": "slow"}),
        (OnAirChanged(VideoState.CARD), {"event": "on_air_changed", "showing": "card"}),
        (EventLoopLate(12.5), {"event": "event_loop_late", "p99_ms": 12.5}),
        (VideoWanted(None), {"event": "video_wanted", "max_height_px": None}),
        (
            VideoSending("abcd1234-v0", (180, 360), "bandwidth"),
            {"event": "video_sending", "source": "abcd1234-v0", "heights_px": [180, 360], "limited_by": "bandwidth"},
        ),
        (Muted(MediaKind.VIDEO, True, "Bob"), {"event": "muted", "kind": "video", "muted": True, "by": "Bob"}),
        (
            Ended(PasswordError("The room wants a password.", hint="Give it.")),
            {"error": {"code": "password", "message": "The room wants a password.", "hint": "Give it."}},
        ),
    ],
)
def test_json(event: BotEvent, fields: dict[str, object]) -> None:
    line = to_json(event)
    assert "\n" not in line
    read = json.loads(line)
    assert fields.items() <= read.items()
    assert read["time"].endswith("+00:00")


def test_nested_values_and_foreign_objects_are_json_too() -> None:
    joined = json.loads(to_json(ParticipantJoined(Participant("1234abcd", 'B\n"\u00f6b'))))
    assert joined["participant"]["name"] == 'B\n"\u00f6b'
    assert isinstance(json.loads(to_json(TrackAdded("a", "a-a0", MediaKind.AUDIO, AudioStreamTrack())))["track"], str)


def test_words(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        narrate(StateChanged(SessionState.WAITING, "waiting for others"))
        narrate(RejoinFailed(1, 0.5, "Nobody is there."))
        narrate(RejoinFailed(8, 12.0, "Nobody is there."))
        narrate(SourceChanged(MediaKind.VIDEO, "camera", "lost", "The camera is gone."))
        narrate(ChatReceived("1234abcd", "Bob", "my secret", private=True))
        narrate(CommandAnswered("chat", "Bob", "undo", "done", "Taken back."))
        narrate(OnAirChanged(VideoState.LIVE))
        narrate(PictureRestarted("it was ended by SIGKILL"))
        narrate(TierChanged(Tier.CLOSE_HALF, "a picture takes 40 ms, and there is one every 33 ms"))
    assert caplog.messages == [
        "waiting: waiting for others",
        "not back yet after 1 try: Nobody is there. Next at once.",
        "not back yet after 8 tries: Nobody is there. Next in 12 s.",
        "video source camera: lost (The camera is gone.)",
        "Bob asked by chat for undo: done: Taken back.",
        "the picture worker is started anew, because it was ended by SIGKILL",
        "masks: a close look at every second frame, because a picture takes 40 ms, and there is one every 33 ms",
    ]


@pytest.mark.parametrize("final", [SessionState.LEFT, SessionState.FAILED])
def test_what_is_over_is_over(final: SessionState) -> None:
    assert not any(can_move(final, state) for state in SessionState)
    assert all(
        can_move(state, final) for state in SessionState if state not in (SessionState.LEFT, SessionState.FAILED)
    )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BackgroundError("x"), ExitCode.USAGE),
        (PasswordError("x"), ExitCode.REFUSED),
        (UnreachableError("x"), ExitCode.NETWORK),
        (OfflineError("x"), ExitCode.MODEL),
        (SourceBusyError("x"), ExitCode.MEDIA),
        (EyelineError("x"), ExitCode.INTERNAL),
    ],
)
def test_exit_codes(error: EyelineError, code: ExitCode) -> None:
    assert exit_code(error) is code
