"""A browser's camera all the way: page → Eyeline in a process of its own → a viewer that decodes what comes out."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import numpy as np
import pytest
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame
from chromium_lab import ALLOWED, FAKE_DEVICES, chromium
from numpy.typing import NDArray
from picture_lab import load_mask
from playwright.async_api import Page, expect
from source_lab import until_async

from eyeline.processing.frame import I420Image

BACKGROUND = "#204060"
WAIT_S = 60.0


@dataclass
class Eyeline:
    """`eyeline preview --source browser --audio browser`, and where its two pages are."""

    process: asyncio.subprocess.Process
    camera_link: str
    preview_url: str
    log: asyncio.Task[bytes]

    async def leave(self) -> str:
        """End it as Ctrl-C does; what it logged."""
        self.process.send_signal(signal.SIGINT)
        await asyncio.wait_for(self.process.wait(), 60)
        return (await self.log).decode()


@pytest.fixture
async def eyeline(tmp_path: Path) -> AsyncIterator[Eyeline]:
    load_mask().close()
    environ = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config"), "EYELINE_INGEST__PORT": "0"}
    flags = ["--source", "browser", "--audio", "browser", "--background", f"color:{BACKGROUND}", "--log-level", "debug"]
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "eyeline.bot", "preview", "--port", "0", "--no-browser", *flags],
        cwd=tmp_path,
        env=environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    log = asyncio.create_task(process.stderr.read())
    try:
        async with asyncio.timeout(WAIT_S):
            camera = re.search(r"http\S+", (await process.stdout.readline()).decode())
            preview = re.search(r"http\S+", (await process.stdout.readline()).decode())
        assert camera is not None
        assert preview is not None
        yield Eyeline(process, camera[0], preview[0], log)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await log


class Viewer:
    """Decodes what the preview sends, every frame of it."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection()
        self.pictures: list[NDArray[np.uint8]] = []
        self.loudest = 0
        self.raw = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def watch(self, url: str) -> None:
        for kind in ("video", "audio"):
            self.connection.addTransceiver(kind, direction="recvonly")
        await self.connection.setLocalDescription(await self.connection.createOffer())
        offer = {"sdp": self.connection.localDescription.sdp}
        async with aiohttp.ClientSession(url) as http, http.post("/offer", json=offer) as response:
            answer = await response.json()
        await self.connection.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))
        self._tasks = [asyncio.create_task(self._take(each.track)) for each in self.connection.getReceivers()]

    async def close(self) -> None:
        await self.connection.close()
        await asyncio.gather(*self._tasks)

    @property
    def shows_background(self) -> bool:
        """Whether the whole left edge has the colour that was chosen."""
        wanted = [int(BACKGROUND[at : at + 2], 16) for at in (5, 3, 1)]
        return bool(self.pictures) and bool(np.abs(np.subtract(self.pictures[-1][:, 20], wanted)).max() < 24)

    async def _take(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, VideoFrame):
                    image = I420Image.from_video_frame(frame)
                    self.raw += is_raw(image)
                    self.pictures = [*self.pictures[-1:], image.to_bgr()]
                elif isinstance(frame, AudioFrame):
                    self.loudest = max(self.loudest, int(np.abs(frame.to_ndarray().astype(int)).max()))
        except MediaStreamError:
            pass


def is_raw(image: I420Image) -> bool:
    """Whether the ground of the browser's fake camera is beside the disc, which may pass for a person.

    It is 0 in all planes: a green that nothing else has.
    """
    ground = (image.u < 60) & (image.v < 60)
    beside = ground.shape[1] // 4
    return bool(ground[:, :beside].mean() > 0.01 or ground[:, -beside:].mean() > 0.01)


async def start(page: Page) -> None:
    await page.get_by_role("button", name="Start sending").click()
    await expect(page.get_by_role("status")).to_have_text("Sending", timeout=30_000)


async def test_only_the_processed_picture_comes_out(eyeline: Eyeline) -> None:
    token = eyeline.camera_link.partition("#token=")[2]
    assert len(token) >= 32
    viewer = Viewer()
    async with chromium(FAKE_DEVICES, ALLOWED) as browser:
        page = await (await browser.new_context()).new_page()
        await page.goto(eyeline.camera_link)
        await viewer.watch(eyeline.preview_url)
        await until_async(lambda: bool(viewer.pictures), timeout_s=WAIT_S)
        assert not viewer.shows_background, "nobody sends yet: the card"
        for _ in range(2):
            await start(page)
            await until_async(lambda: viewer.shows_background, timeout_s=WAIT_S)
            await until_async(lambda: viewer.loudest > 1000, timeout_s=WAIT_S)
            await page.get_by_role("button", name="Stop sending").click()
            await until_async(lambda: not viewer.shows_background, timeout_s=WAIT_S)
    await viewer.close()
    assert viewer.raw == 0
    log = await eyeline.leave()
    assert eyeline.process.returncode == 0, log
    assert token not in log
    assert re.search(r"video source browser: lost \(.*Waiting for it to come back\.\)", log)
