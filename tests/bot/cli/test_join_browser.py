"""`eyeline join --source browser`: a member of the meeting sees what a WebRTC sender's picture became."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import numpy as np
import pytest
from counted_pictures import CountedTrack
from jitsi_lab.addresses import local_media_address
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.fixtures import jitsi_lab
from jitsi_lab.watcher import Watcher
from picture_lab import load_mask
from sender_lab import Sender

__all__ = ["jitsi_lab"]

TOKEN = "a-token-for-this-test-only"
BACKGROUND_BGR = (0x60, 0x40, 0x20)


@pytest.fixture
async def processes() -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """To be swept up."""
    load_mask().close()
    if local_media_address() is None:
        pytest.skip("needs a network address besides loopback: ICE offers none of 127.0.0.0/8")
    running: list[asyncio.subprocess.Process] = []
    yield running
    for process in running:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def join(url: str, folder: Path, *flags: str, **environ: str) -> asyncio.subprocess.Process:
    size = ["--width", "640", "--height", "360"]
    return await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "eyeline.bot", "join", url, "--source", "browser", *size, *flags],
        cwd=folder,
        env={**os.environ, "XDG_CONFIG_HOME": str(folder / "config"), "EYELINE_INGEST__PORT": "0", **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def event(process: asyncio.subprocess.Process, lines: list[str], name: str) -> dict[str, str]:
    """The next event of that name; every line is kept."""
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while True:
            lines.append((await process.stdout.readline()).decode())
            told = json.loads(lines[-1])
            if told["event"] == name:
                return dict(told)


async def send(sender: Sender, url: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/sdp"}
    offer = await sender.offer()
    async with aiohttp.ClientSession(url) as http, http.post("/offer", data=offer, headers=headers) as response:
        assert response.status == 201
        await sender.accept(await response.text())


async def test_a_sender_is_the_camera_of_a_meeting(
    jitsi_lab: JitsiLab, processes: list[asyncio.subprocess.Process], tmp_path: Path
) -> None:
    async with Watcher(jitsi_lab, "Daily") as watcher, Sender(CountedTrack()) as sender:
        flags = ["--json", "--background", "color:#204060"]
        process = await join(jitsi_lab.url("Daily"), tmp_path, *flags, EYELINE_INGEST__TOKEN=TOKEN)
        processes.append(process)
        lines: list[str] = []
        url = (await event(process, lines, "ingest_ready"))["url"]
        card = await watcher.frame(60)
        assert np.abs(np.subtract(card[180, 20], BACKGROUND_BGR)).max() > 24
        await send(sender, url)
        async with asyncio.timeout(60):
            while True:
                picture = await watcher.frame(60)
                if np.abs(np.subtract(picture[180, 20], BACKGROUND_BGR)).max() < 24:
                    break
        assert (await event(process, lines, "source_changed"))["state"] == "running"
        process.terminate()
        out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err.decode()
    assert '"state": "waiting"' in "".join(lines)
    assert TOKEN not in "".join(lines) + out.decode() + err.decode()


async def test_preview_and_camera_page_beside_a_meeting(
    jitsi_lab: JitsiLab, processes: list[asyncio.subprocess.Process], tmp_path: Path
) -> None:
    process = await join(jitsi_lab.url("Daily"), tmp_path, "--preview", EYELINE_PREVIEW__PORT="0")
    processes.append(process)
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.timeout(60):
        link = (await process.stdout.readline()).decode().split()[2]
        log = ""
        while "preview: http" not in log:
            log = (await process.stderr.readline()).decode()
    preview = log.split()[-1]
    async with aiohttp.ClientSession() as http:
        for page, title in ((link, "Eyeline camera"), (preview, "Eyeline preview")):
            async with http.get(page) as response:
                assert title in await response.text()
    process.terminate()
    _, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err.decode()
    assert link.partition("#token=")[2] not in err.decode()
