"""A real meeting, for whoever asks for it by the environment; `docs/zoom.md` says how. Never in CI."""

from __future__ import annotations

import asyncio
import os
import time

import pytest
from jitsi_lab.tracks import PlainPicture, Tone
from zoom_stage import Following

from eyeline.integrations.events import MediaConnected, VideoWanted
from eyeline.integrations.zoom.credentials import ZoomCredentials
from eyeline.integrations.zoom.join_tokens import JoinTokens
from eyeline.integrations.zoom.meeting import ZoomMeeting
from eyeline.integrations.zoom.url import ZoomLink

_PREFIX = "EYELINE_LIVE_ZOOM_"
_SHOWN_S = 20.0
_PATIENCE_S = 300.0


def given(name: str) -> str:
    return os.environ.get(_PREFIX + name, "")


pytestmark = [
    pytest.mark.skipif(not given("LINK"), reason=f"joins a real meeting: asked for by {_PREFIX}LINK"),
    pytest.mark.timeout(_PATIENCE_S + 60),
]


async def tokens(now_s: float) -> JoinTokens:
    credentials = ZoomCredentials(client_id=given("CLIENT_ID"), client_secret=given("CLIENT_SECRET"))
    return JoinTokens(credentials.sdk_token(now_s), zak=given("ZAK"), on_behalf=given("ON_BEHALF_TOKEN"))


async def test_a_real_meeting() -> None:
    meeting = ZoomMeeting(
        ZoomLink.parse(given("LINK")),
        name="Eyeline test",
        tokens=tokens,
        video=PlainPicture((200, 120, 40), 640, 360),
        audio=Tone(0.05),
        passcode=given("PASSCODE"),
    )
    following = Following(meeting)
    async with following.following(), asyncio.timeout(_PATIENCE_S), meeting:
        await following.told(MediaConnected)
        assert following.of(VideoWanted)
        await meeting.send_chat(f"Eyeline was here at {time.strftime('%H:%M:%S')}.")
        await asyncio.sleep(_SHOWN_S)
    assert following.ended.error is None
    for event in following.events:
        print(event)  # noqa: T201 - what Zoom really sends is what this is for
