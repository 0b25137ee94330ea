"""Three sizes side by side, and a bridge double that chooses between them by the real one's rules."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from busy_machine import in_a_quiet_moment
from jitsi.listening import Joined
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.projection import Projection, SimulcastSource
from jitsi_lab.tracks import PlainPicture, Tone
from jitsi_lab.waiting import eventually
from jitsi_lab.watcher import Watcher

from eyeline.integrations.events import MediaKind, VideoSending
from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.simulcast_encoder import SimulcastEncoder
from eyeline.processing.rtc.temporal_layers import ALL_BASE

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
        async with asyncio.timeout(60):
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


async def test_layers_follow_what_anybody_looks_at_and_each_step_is_told(jitsi_lab: JitsiLab) -> None:
    async with staying(jitsi_lab) as stay, Watcher(jitsi_lab, "room", max_height_px=180) as watcher:
        assert (await stay.is_sent((180,))).limited_by == "wanted"
        await stay.shows(watcher, 180)
        before = stay.packets()
        await eventually(lambda: stay.packets()[0] > before[0] + 20, what="the lowest layer")
        assert stay.packets()[1:] == before[1:]
        await watcher.channel.ask_height(360)
        await stay.is_sent((180, 360))
        await watcher.channel.ask_height(720)
        assert (await stay.is_sent((180, 360, 720))).limited_by == "nothing"
        await stay.shows(watcher, 720)
        await watcher.channel.ask_height(0)
        assert (await stay.is_sent(())).limited_by == "wanted"
        still: list[list[int]] = []
        await eventually(lambda: _is_still(stay.packets, still), what="silence")
        await watcher.channel.ask_height(360)
        await stay.shows(watcher, 360)
    assert jitsi_lab.complaints == []


def _is_still(count: Callable[[], list[int]], last: list[list[int]]) -> bool:
    """Whether nothing came for a while; `last` remembers."""
    last.append(count())
    return len(last) > 20 and last[-20] == last[-1]


async def test_a_viewer_switches_up_and_down(jitsi_lab: JitsiLab) -> None:
    """Keyframes are asked for on the lowest SSRC alone, and each switch goes straight to its layer."""
    async with (
        staying(jitsi_lab) as stay,
        Watcher(jitsi_lab, "room", max_height_px=720),
        Watcher(jitsi_lab, "room", max_height_px=720) as viewer,
    ):
        await stay.shows(viewer, 720)
        for height_px in (180, 720, 360, 720):
            await viewer.channel.ask_height(height_px)
            await stay.shows(viewer, height_px)
        layers = [layer for layer, _ in stay.projection(viewer).switches]
        assert layers[-4:] == [0, 2, 1, 2]
        assert jitsi_lab.bridge.ledger.keyframe_requests.keys() == {stay.ssrcs[0]}


@in_a_quiet_moment
async def test_a_keyframe_for_one_viewer_does_not_draw_another_down(jitsi_lab: JitsiLab) -> None:
    async with (
        staying(jitsi_lab) as stay,
        Watcher(jitsi_lab, "room", max_height_px=720) as steady,
        Watcher(jitsi_lab, "room", max_height_px=180) as other,
    ):
        await asyncio.gather(stay.shows(steady, 720), stay.shows(other, 180))
        before = len(stay.projection(steady).switches)
        for height_px in (360, 180, 720, 180):
            await other.channel.ask_height(height_px)
            await stay.shows(other, height_px)
        assert len(stay.projection(steady).switches) == before


async def test_one_temporal_layer_keeps_everybody_at_the_lowest(
    jitsi_lab: JitsiLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why the lowest layer has two: the double's allocator stops at a step for nothing, as the real one."""
    monkeypatch.setattr("eyeline.processing.rtc.temporal_layers.TemporalPattern.next", lambda *_, **__: ALL_BASE)
    async with staying(jitsi_lab) as stay, Watcher(jitsi_lab, "room", max_height_px=720) as viewer:
        await stay.shows(viewer, 180)
        await eventually(lambda: stay.packets()[2] > 40, what="the top layer")
        assert stay.projection(viewer).layer == 0


async def test_the_lowest_first_draws_a_viewer_down(jitsi_lab: JitsiLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Why the tallest leaves first."""
    real = SimulcastEncoder.encode
    monkeypatch.setattr(SimulcastEncoder, "encode", lambda *a, **k: real(*a, **k)[::-1])
    async with staying(jitsi_lab) as stay, Watcher(jitsi_lab, "room", max_height_px=720) as viewer:
        await stay.shows(viewer, 720)
        projection = stay.projection(viewer)
        before = len(projection.switches)
        await jitsi_lab.bridge.endpoint(stay.id).ask_keyframe(stay.ssrcs[0])
        await eventually(lambda: len(projection.switches) > before, what="the fall")
        assert projection.switches[before][0] == 0


async def test_the_answer_names_all_layers_as_browsers_do(jitsi_lab: JitsiLab) -> None:
    async with staying(jitsi_lab, audio=Tone()) as stay, Watcher(jitsi_lab, "room") as viewer:
        await stay.shows(viewer, 720)
        sources = jitsi_lab.focus.member(stay.id).session.sources
        video = [each for each in sources.sources if each.kind == "video"]
        assert len(video) == 6
        assert len({(each.name, each.msid, each.video_type) for each in video}) == 1
        assert [group.semantics for group in sources.groups] == ["SIM", "FID", "FID", "FID"]
        assert [group.ssrcs for group in sources.groups[1:]] == [
            (video[index].ssrc, video[index + 1].ssrc) for index in (0, 2, 4)
        ]
        assert sources.groups[0].ssrcs == tuple(each.ssrc for each in video[::2])
        assert sources.stripped().ssrcs == {video[0].ssrc, video[1].ssrc} | {
            each.ssrc for each in sources.sources if each.kind == "audio"
        }


async def test_muted_and_unmuted_with_all_layers(jitsi_lab: JitsiLab) -> None:
    async with staying(jitsi_lab) as stay, Watcher(jitsi_lab, "room") as viewer:
        await stay.shows(viewer, 720)
        await stay.joined.meeting.set_muted(MediaKind.VIDEO, True)
        still: list[list[int]] = []
        await eventually(lambda: _is_still(stay.packets, still), what="silence")
        await stay.joined.meeting.set_muted(MediaKind.VIDEO, False)
        await stay.shows(viewer, 720)
    assert jitsi_lab.complaints == []


async def test_without_libvpx_one_size_is_sent(jitsi_lab: JitsiLab, monkeypatch: pytest.MonkeyPatch) -> None:
    def lacks() -> None:
        raise EncoderError("No libvpx of a known version was found.")

    monkeypatch.setattr("eyeline.processing.rtc.aiortc_internals.sender.load_libvpx", lacks)
    async with staying(jitsi_lab) as stay, Watcher(jitsi_lab, "room", max_height_px=360) as viewer:
        await stay.shows(viewer, 360)
        assert not jitsi_lab.bridge.endpoint(stay.id).simulcast
        assert (await stay.is_sent((360,))).limited_by == "wanted"
    assert jitsi_lab.complaints == []


async def test_off_sends_one_size(jitsi_lab: JitsiLab) -> None:
    async with staying(jitsi_lab, simulcast=False) as stay, Watcher(jitsi_lab, "room", max_height_px=180) as viewer:
        await stay.shows(viewer, 180)
        await viewer.channel.ask_height(720)
        await stay.shows(viewer, 720)
        assert not jitsi_lab.bridge.endpoint(stay.id).simulcast
