"""When more of our picture is wanted than before, it begins with a whole one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from media_bridge import RED, ColorTrack, MediaBridge, has_media_address

from eyeline.integrations.events import MeetingEvent, VideoWanted
from eyeline.integrations.jitsi.bridged_session import BridgedSession
from eyeline.integrations.jitsi.colibri import SenderSourceConstraints
from eyeline.integrations.jitsi.jingle import SessionInitiate, parse_jingle
from eyeline.integrations.jitsi.media import MediaSession
from eyeline.processing.rtc.aiortc_internals import LiveSender

pytestmark = pytest.mark.skipif(not has_media_address(), reason="ICE finds no address on this machine but loopback")

PATIENCE_S = 60.0


class Wanted:
    """A connected session whose bridge says how tall a picture it wants."""

    def __init__(self, session: BridgedSession, events: list[MeetingEvent]) -> None:
        self.events = events
        self._session = session
        connection = session.media._connection
        self._sender = next(each for each in connection.getSenders() if each.kind == "video")
        assert isinstance(self._sender, LiveSender)

    def requests_after(self, height_px: int) -> int:
        """How many keyframes were asked for until then, when the bridge wants this."""
        name = next(iter(self._session.own_sources))
        self._session._heard(SenderSourceConstraints(source_name=name, max_height=height_px))
        assert isinstance(self._sender, LiveSender)
        return self._sender.statistics.keyframe_requests


@pytest.fixture
async def wanted() -> AsyncIterator[Wanted]:
    events: list[MeetingEvent] = []
    bridge = MediaBridge()
    media = MediaSession(
        endpoint_id="abcd1234", video=ColorTrack(RED), audio=None, ice_servers=(), on_event=events.append
    )
    offer = parse_jingle(await bridge.offer())
    assert isinstance(offer, SessionInitiate)
    async with aiohttp.ClientSession() as http:
        session = BridgedSession(
            offer, media, http=http, receive_video=False, emit=events.append, on_lost=lambda reason: None
        )
        try:
            await bridge.answered(await session.accept("me"))
            await media.connected(PATIENCE_S)
            await bridge.video.receiver.track.recv()
            yield Wanted(session, events)
        finally:
            await session.close()
            await bridge.close()


async def test_more_is_wanted(wanted: Wanted) -> None:
    before = wanted.requests_after(180)
    assert wanted.requests_after(720) == before + 1
    assert wanted.requests_after(-1) == before + 2
    told = [event for event in wanted.events if isinstance(event, VideoWanted)]
    assert told == [VideoWanted(180), VideoWanted(720), VideoWanted(None)]


async def test_the_same_or_less_is_wanted(wanted: Wanted) -> None:
    before = wanted.requests_after(-1)
    for height_px in (720, 720, 180, 0):
        assert wanted.requests_after(height_px) == before


async def test_somebody_looks_again(wanted: Wanted) -> None:
    before = wanted.requests_after(0)
    assert wanted.requests_after(360) == before + 1
