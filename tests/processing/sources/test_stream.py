from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from busy_machine import in_a_quiet_moment
from source_lab import greys, number_of, until_async
from stream_lab import LiveServer, RtspServer, serving_folder, write_hls

from eyeline.processing.errors import SourceDeniedError, SourceError, SourceMissingError
from eyeline.processing.frame import CapturedFrame
from eyeline.processing.sources.retry import RetryPolicy
from eyeline.processing.sources.spec import StreamSpec
from eyeline.processing.sources.state import SourcePhase, SourceState
from eyeline.processing.sources.video import VideoSource

PICTURES = greys(8, (320, 180))
POLICY = RetryPolicy(first_delay_s=0.05, max_delay_s=0.2)


class Viewer:
    """Watches one stream."""

    def __init__(self, url: str) -> None:
        self.frames: list[CapturedFrame] = []
        self.states: list[SourceState] = []
        self.source = VideoSource(
            StreamSpec(url),
            width_px=640,
            height_px=360,
            fps=60,
            on_frame=self.frames.append,
            on_state=self.states.append,
            policy=POLICY,
        )

    @property
    def numbers(self) -> list[int]:
        return [number_of(frame.image) for frame in self.frames]

    @property
    def phase(self) -> SourcePhase:
        return self.states[-1].phase

    async def see(self, more: int) -> None:
        count = len(self.frames) + more
        await until_async(lambda: len(self.frames) >= count)

    async def lost(self) -> str:
        await until_async(lambda: self.phase is SourcePhase.LOST)
        return self.states[-1].detail


@asynccontextmanager
async def viewing(url: str) -> AsyncIterator[Viewer]:
    viewer = Viewer(url)
    async with viewer.source:
        await viewer.source.opened()
        yield viewer


def in_order(numbers: list[int]) -> bool:
    return all((after - before) % len(PICTURES) == 1 for before, after in itertools.pairwise(numbers))


@pytest.mark.parametrize("path", ["/live.ts", "/live.mjpg"])
@in_a_quiet_moment
async def test_live_over_http(path: str) -> None:
    async with LiveServer(PICTURES) as server, viewing(server.url + path) as viewer:
        await viewer.see(10)
        assert viewer.frames[0].image.size == (320, 180)
        assert in_order(viewer.numbers[-8:])
        times = [frame.captured_at_s for frame in viewer.frames]
        assert times == sorted(times)


@in_a_quiet_moment
async def test_a_stream_without_timestamps_may_be_slow() -> None:
    async with LiveServer(PICTURES, every_s=0.15) as server, viewing(server.url + "/live.mjpg") as viewer:
        await viewer.see(10)
        assert in_order(viewer.numbers[-8:])


@pytest.mark.parametrize("path", ["/live.ts", "/live.mjpg"])
async def test_comes_back_when_the_server_cuts_the_connection(path: str) -> None:
    async with LiveServer(PICTURES) as server, viewing(server.url + path) as viewer:
        server.cut.set()
        assert "ended" in await viewer.lost()
        server.cut.clear()
        await until_async(lambda: viewer.phase is SourcePhase.RUNNING)
        await viewer.see(3)
        assert server.connections >= 2


async def test_comes_back_when_the_server_stalls() -> None:
    async with LiveServer(PICTURES) as server, viewing(server.url + "/live.ts") as viewer:
        server.go.clear()
        assert await viewer.lost()
        server.go.set()
        await until_async(lambda: viewer.phase is SourcePhase.RUNNING)


async def test_what_was_held_up_is_not_replayed() -> None:
    async with LiveServer(PICTURES) as server, viewing(server.url + "/burst.ts") as viewer:
        await viewer.see(10)
        server.go.clear()
        await asyncio.sleep(1.5)
        count = len(viewer.frames)
        server.go.set()
        await viewer.see(10)
        after = viewer.frames[count:]
        in_the_burst = [frame for frame in after if frame.captured_at_s - after[0].captured_at_s < 0.1]
        assert len(in_the_burst) < 15  # of the 37 that were missed
        assert viewer.phase is SourcePhase.RUNNING


@in_a_quiet_moment
async def test_pausing_makes_no_pictures_and_keeps_the_connection() -> None:
    async with LiveServer(PICTURES) as server, viewing(server.url + "/live.ts") as viewer:
        viewer.source.pause()
        await asyncio.sleep(0.1)
        count = len(viewer.frames)
        await asyncio.sleep(0.5)
        assert len(viewer.frames) == count
        viewer.source.resume()
        await viewer.see(5)
        assert in_order(viewer.numbers[count + 1 :])
        assert server.connections == 1


@in_a_quiet_moment
async def test_hls_is_played_at_its_own_pace(tmp_path: Path) -> None:
    pictures = greys(15, (320, 180))
    write_hls(tmp_path, pictures)
    async with serving_folder(tmp_path) as url, viewing(url + "/live.m3u8") as viewer:
        await viewer.see(14)
        assert viewer.numbers[:15] == [*range(15)]
        times = np.array([frame.captured_at_s for frame in viewer.frames[:15]])
        assert np.allclose(np.diff(times), 0.04, atol=0.005)
        assert "ended" in await viewer.lost()


async def test_hls_cannot_make_this_machine_read_its_files(tmp_path: Path) -> None:
    write_hls(tmp_path, greys(3))
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{tmp_path}/0.ts\n#EXT-X-ENDLIST\n"
    (tmp_path / "live.m3u8").write_text(playlist)
    async with serving_folder(tmp_path) as url:
        viewer = Viewer(url + "/live.m3u8")
        async with viewer.source:
            with pytest.raises(SourceError):
                await viewer.source.opened()
        assert not viewer.frames


@pytest.mark.parametrize(
    ("path", "error", "text"),
    [
        ("/nothing", SourceMissingError, "is not there"),
        ("/private", SourceDeniedError, "user name and a password"),
        ("/page", SourceError, "nothing that can be decoded"),
        ("/silent", SourceError, "does not answer in time"),
    ],
)
async def test_what_is_no_stream(path: str, error: type[SourceError], text: str) -> None:
    async with LiveServer(PICTURES) as server:
        viewer = Viewer(server.url + path)
        async with viewer.source:
            with pytest.raises(error, match=text):
                await viewer.source.opened()


@pytest.mark.parametrize("scheme", ["rtsp", "http", "https"])
async def test_nobody_listens(scheme: str, unused_tcp_port: int) -> None:
    viewer = Viewer(f"{scheme}://user:secret@127.0.0.1:{unused_tcp_port}/live")
    async with viewer.source:
        with pytest.raises(SourceError, match="cannot be reached") as caught:
            await viewer.source.opened()
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@in_a_quiet_moment
async def test_leaving_while_the_server_says_nothing() -> None:
    async with LiveServer(PICTURES) as server:
        viewer = Viewer(server.url + "/silent")
        async with asyncio.timeout(4), viewer.source:
            await asyncio.sleep(0.2)
        assert viewer.phase is SourcePhase.STOPPED


@in_a_quiet_moment
async def test_rtsp_over_tcp() -> None:
    async with RtspServer(PICTURES) as server, viewing(f"rtsp://{server.address}/live") as viewer:
        await viewer.see(10)
        assert in_order(viewer.numbers[-8:])
        assert "TCP" in server.transports[0]


async def test_rtsp_with_a_login() -> None:
    async with RtspServer(PICTURES, login="user:secret") as server:
        async with viewing(f"rtsp://user:secret@{server.address}/live") as viewer:
            await viewer.see(1)
        stranger = Viewer(f"rtsp://{server.address}/live")
        async with stranger.source:
            with pytest.raises(SourceDeniedError, match="user name and a password"):
                await stranger.source.opened()


async def test_rtsp_server_that_goes_away() -> None:
    async with RtspServer(PICTURES) as server:
        viewer = Viewer(f"rtsp://{server.address}/live")
        async with viewer.source:
            await viewer.source.opened()
            await server.__aexit__(None, None, None)
            assert await viewer.lost()
