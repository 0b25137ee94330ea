"""`eyeline camera` as a person runs it: a process of its own, from a clip to what another program would be given."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import psutil
import pytest
from picture_lab import load_mask, write_clip
from raw_room_lab import LIVE_LUMA, MARK_AT, mark_in, portrait
from source_lab import until_async
from virtual_camera_lab import DEVICE, Recording

from eyeline.bot.exit_codes import ExitCode
from eyeline.processing.card import StillCard
from eyeline.processing.frame import I420Image

TESTS = Path(__file__).resolve().parents[2]
SIZE_PX = (320, 180)
DRIVER = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from virtual_camera_lab import install
if __name__ == "__main__":
    install(Path.cwd())
    from eyeline.bot.cli.app import run
    sys.exit(run(["camera", *sys.argv[1:]]))
"""


@pytest.fixture
async def processes() -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """To be swept up."""
    load_mask().close()
    started: list[asyncio.subprocess.Process] = []
    yield started
    for process in started:
        if process.returncode is None:
            for each in [*psutil.Process(process.pid).children(recursive=True), process]:
                each.kill()
            await process.communicate()


async def start(folder: Path, *arguments: str) -> asyncio.subprocess.Process:
    (folder / "driver.py").write_text(DRIVER.format(tests=str(TESTS)))
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "driver.py",
        *arguments,
        cwd=folder,
        env={**os.environ, "XDG_CONFIG_HOME": str(folder / "config"), "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


def worker_of(pid: int) -> psutil.Process:
    """The one that makes the pictures: a child of the server that forks it."""
    [worker] = [each for each in psutil.Process(pid).children(recursive=True) if each.ppid() != pid]
    return worker


def is_card(image: I420Image) -> bool:
    return np.array_equal(image.data, StillCard("Ada").image(*image.size).data)


def chest_of(image: I420Image) -> float:
    return float(image.y[image.height_px * 3 // 4 : -8, image.width_px // 5 : image.width_px * 3 // 10].mean())


def pictures(images: Sequence[I420Image]) -> list[I420Image]:
    return [image for image in images if not is_card(image)]


async def test_a_clip_becomes_a_camera_that_never_shows_the_room(
    processes: list[asyncio.subprocess.Process], tmp_path: Path
) -> None:
    frames = [portrait(SIZE_PX, phase) for phase in range(0, 16, 2)]
    assert mark_in(frames[0].u, frames[0].v) > 2 * MARK_AT  # the room can be recognised
    write_clip(tmp_path / "clip.mp4", frames)
    recording = Recording(tmp_path)
    process = await start(
        tmp_path,
        "--source",
        "clip.mp4",
        "--width",
        "320",
        "--height",
        "180",
        "--background",
        "color:#203040",
        "--name",
        "Ada",
    )
    processes.append(process)
    assert process.stdout is not None
    said = await asyncio.wait_for(process.stdout.readline(), 60)
    assert said.decode().startswith(f"Virtual camera: {DEVICE}, 320x180")
    await until_async(lambda: len(pictures(recording.images())) > 5, timeout_s=60)

    before = len(recording.images())
    worker_of(process.pid).send_signal(signal.SIGSTOP)  # hung, as a driver or a net may be
    await until_async(lambda: any(map(is_card, recording.images()[before:])), timeout_s=60)
    stalled = len(recording.images())
    await until_async(lambda: bool(pictures(recording.images()[stalled:])), timeout_s=60)

    process.send_signal(signal.SIGINT)
    _, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0, err.decode()
    assert b"Traceback" not in err
    images = recording.images()
    assert {image.size for image in images} == {SIZE_PX}
    assert is_card(images[0])
    assert is_card(images[-1])
    live = pictures(images)
    assert max(mark_in(image.u, image.v) for image in live) < MARK_AT
    assert sum(chest_of(image) > LIVE_LUMA for image in live) > len(live) / 2  # the person is in the picture


async def test_says_what_is_missing_before_anything_is_opened(
    processes: list[asyncio.subprocess.Process], tmp_path: Path
) -> None:
    process = await start(tmp_path, "--source", "pattern", "--on", "/dev/other")
    processes.append(process)
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == ExitCode.MEDIA
    assert out == b""
    [line] = err.decode().splitlines()
    assert "/dev/other does not exist" in line
    assert "modprobe" in line or sys.platform != "linux"
