"""Three sizes side by side, and a bridge double that chooses between them by the real one's rules."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.projection import Projection, SimulcastSource
from jitsi_lab.tracks import PlainPicture, Tone
from jitsi_lab.waiting import eventually
from jitsi_lab.watcher import Watcher
from jitsi.listening import Joined

from eyeline.integrations.events import MediaKind, VideoSending
from eyeline.processing.rtc.simulcast_encoder import SimulcastEncoder
from eyeline.processing.rtc.temporal_layers import ALL_BASE
from eyeline.processing.rtc.vpx import LibvpxEncoder

GREEN, RED = (40, 200, 60), (30, 30, 220)


class Stay:
    """A member of ours that sends in layers, and what the bridge knows of it."""

    def __init__(self, lab: JitsiLab, joined: Joined, picture: PlainPicture) -> None:
        self.lab = lab
        self.joined = joined
        self.picture = picture
        self.steps: list[VideoSending] = []

    @property
    def id(self) -> str:
        return self.joined.nick

    @property
    def layers(self) -> SimulcastSource:
        return next(iter(self.lab.bridge.endpoint(self.id).simulcast.values()))

    @property
    def ssrcs(self) -> list[int]:
        return [layer.ssrc for layer in self.layers.layers]

    def projection(self, watcher: Watcher) -> Projection:
        return self.lab.bridge.endpoint(watcher.id).projection(self.layers)

    def packets(self) -> list[int]:
        return [self.lab.bridge.ledger.packets[ssrc] for ssrc in self.ssrcs]

    async def is_sent(self, heights_px: tuple[int, ...]) -> VideoSending:
        while True:
            step = await self.joined.events.next(VideoSending)
            if step.heights_px == heights_px:
                return step

    async def shows(self, watcher: Watcher, height_px: int) -> None:
        async with asyncio.timeout(30):
            while (await watcher.frame(of=self.id)).shape[0] != height_px:
                pass


@asynccontextmanager
async def staying(lab: JitsiLab, **options: Any) -> AsyncIterator[Stay]:
    picture = PlainPicture(GREEN, 1280, 720)
    async with Joined(lab.url("room"), video=picture, ca_file=None, **options) as joined:
        yield Stay(lab, joined, picture)


async def test_each_viewer_gets_the_size_that_it_wants(jitsi_lab: JitsiLab) -> None:
    async with (
        staying(jitsi_lab) as stay,
        Watcher(jitsi_lab, "room", max_height_px=180) as small,
        Watcher(jitsi_lab, "room", max_height_px=720) as large,
    ):
        await asyncio.gather(stay.shows(small, 180), stay.shows(large, 720))
        await small.channel.ask_height(720)
        await large.channel.ask_height(360)
        await asyncio.gather(stay.shows(small, 720), stay.shows(large, 360))
        assert stay.layers.has_layers
    assert jitsi_lab.complaints == []
