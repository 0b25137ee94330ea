"""A stream or a screen behind the person: real servers that stall, end and come back."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from picture_lab import wait_until
from source_lab import greys, until_async
from stream_lab import LiveServer, RtspServer, serving_folder, write_hls

from eyeline.processing.backgrounds import Pace
from eyeline.processing.effects import parse_background
from eyeline.processing.errors import BackgroundError, SourceError
from eyeline.processing.frame import CapturedFrame, I420Image
from eyeline.processing.gallery import Gallery
from eyeline.processing.live_background import LiveBackground
from eyeline.processing.open_background import open_background
from eyeline.processing.sources.fitting import Box
from eyeline.processing.sources.retry import RetryPolicy
from eyeline.processing.sources.spec import StreamSpec
from eyeline.processing.sources.stream import StreamReader

PICTURES = greys(8, (320, 180))
POLICY = RetryPolicy(first_delay_s=0.05, max_delay_s=0.1, open_timeout_s=8, silence_timeout_s=0.5)
SIZE = (160, 90)


def streamed(url: str) -> LiveBackground:
    spec = StreamSpec(url)
    return LiveBackground(f"The stream {spec}", lambda: StreamReader(spec, Box(320, 180, 60)), policy=POLICY)


def luma(background: LiveBackground) -> int:
    return int(background.frame(SIZE, 0.0).y[45, 80])


async def several(background: LiveBackground, count: int = 4) -> None:
    seen: set[int] = set()

    def looked() -> bool:
        seen.add(luma(background))
        return len(seen) >= count

    await until_async(looked)


def live_threads() -> int:
    return sum(thread.name == "live-background" for thread in threading.enumerate())


async def test_over_http_and_fitted() -> None:
    async with LiveServer(PICTURES) as server:
        background = await asyncio.to_thread(streamed, f"{server.url}/live.ts")
        await several(background)
        assert background.frame((90, 160), 0.0).size == (90, 160)
        assert background.trouble == ""
        background.close()
        await until_async(lambda: live_threads() == 0)
        assert background.frame(SIZE, 0.0).size == SIZE


async def test_over_rtsp() -> None:
    async with RtspServer(PICTURES) as server:
        background = await asyncio.to_thread(streamed, f"rtsp://{server.address}/live")
        await several(background)
        background.close()


async def test_over_hls(tmp_path: Path) -> None:
    write_hls(tmp_path, PICTURES * 12)
    async with serving_folder(tmp_path) as url:
        background = await asyncio.to_thread(streamed, f"{url}/live.m3u8")
        await several(background)
        background.close()


async def test_while_it_stalls_the_last_picture_stays_and_the_reason_is_told() -> None:
    async with LiveServer(PICTURES) as server:
        background = await asyncio.to_thread(streamed, f"{server.url}/live.ts")
        await several(background, 2)
        server.go.clear()
        await until_async(lambda: "nothing" in background.trouble or "time" in background.trouble)
        stays = luma(background)
        await asyncio.sleep(0.2)
        assert luma(background) == stays
        server.go.set()
        await several(background)
        await until_async(lambda: background.trouble == "")
        background.close()


async def test_a_stream_that_ends_is_connected_again() -> None:
    async with LiveServer(PICTURES) as server:
        background = await asyncio.to_thread(streamed, f"{server.url}/live.ts")
        server.cut.set()
        await until_async(lambda: "ended" in background.trouble)
        server.cut.clear()
        await several(background)
        assert server.connections >= 2
        background.close()


async def test_what_cannot_be_had_is_refused_before_it_is_applied(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path)
    async with LiveServer(PICTURES) as server:
        for path, words in (("/page", "stream"), ("/private", "password")):
            spec = parse_background(server.url + path)
            with pytest.raises(BackgroundError, match=words):
                await asyncio.to_thread(open_background, spec, gallery, Pace.LIVE)
    spec = parse_background(f"{server.url}/live.ts?token=abcdefgh")
    with pytest.raises(BackgroundError) as caught:
        await asyncio.to_thread(open_background, spec, gallery, Pace.LIVE)
    assert "abcdefgh" not in str(caught.value) + caught.value.hint
    await until_async(lambda: live_threads() == 0)


class Scripted:
    """A reader that does what the test says."""

    def __init__(self) -> None:
        self.blocks = threading.Event()
        self.lumas = iter([50])
        self.failure: Exception | None = None

    def open(self) -> None:
        if self.failure:
            raise self.failure

    def read(self) -> CapturedFrame | None:
        level = next(self.lumas, None)
        if level is None:
            self.blocks.wait(120)
            raise SourceError("gone.")
        return CapturedFrame(I420Image.filled(32, 18, (level, 128, 128)), time.monotonic())

    def skip(self) -> bool:
        return False

    def close(self) -> None:
        pass


def test_a_driver_that_hangs_holds_nobody_up_and_is_told():
    reader = Scripted()
    background = LiveBackground("The screen", lambda: reader, policy=POLICY)
    begun = time.monotonic()
    assert all(luma(background) == 50 for _ in range(100))
    wait_until(lambda: "delivered nothing" in background.trouble)
    assert luma(background) == 50
    assert time.monotonic() - begun < 90
    background.close()
    reader.blocks.set()


@pytest.mark.parametrize("failure", [SourceError("broken."), ValueError("a bug")])
def test_what_fails_at_once_is_raised(failure: Exception):
    reader = Scripted()
    reader.failure = failure
    with pytest.raises(SourceError, match=r"broken|a bug"):
        LiveBackground("The screen", lambda: reader, policy=POLICY)


def test_what_says_nothing_is_given_up():
    reader = Scripted()
    reader.lumas = iter([])
    patience = RetryPolicy(open_timeout_s=0.2)
    with pytest.raises(SourceError, match="did not deliver anything"):
        LiveBackground("The screen", lambda: reader, policy=patience)
    reader.blocks.set()
    wait_until(lambda: live_threads() == 0)


def test_the_newest_picture_wins():
    reader = Scripted()
    reader.lumas = iter(np.linspace(40, 200, 500).astype(int).tolist())
    background = LiveBackground("The screen", lambda: reader, policy=POLICY)
    wait_until(lambda: luma(background) == 200)
    background.close()
    reader.blocks.set()
