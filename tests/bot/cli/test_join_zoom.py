"""`eyeline join` with a link to a Zoom meeting, as a person runs it, with a stand-in for Zoom's SDK alone."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest
from picture_lab import load_mask
from zoom_double import TESTS, Zoom, double_command, zoom_stage
from zoom_lab.stage import Stage
from zoom_stay import GRACE, SECRETS, Grace

__all__ = ["zoom_stage"]

LINK = "https://zoom.us/j/81234567890?pwd=geheimes.1"
FLAGS = ("--source", "pattern", "--width", "320", "--height", "180", "--notice", "", "--name", "Ada", "--json")
JOIN = """
import json, sys
from eyeline.bot import zoom_meetings
from eyeline.bot.__main__ import main
from eyeline.integrations.zoom import launch

launch.BRIDGE_COMMAND = json.loads(sys.argv.pop(1))
zoom_meetings.require_sdk = lambda: None
sys.exit(main())
"""


@pytest.fixture
async def processes() -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """To be swept up."""
    load_mask().close()
    running: list[asyncio.subprocess.Process] = []
    yield running
    for process in running:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def start(folder: Path, *arguments: str, **environ: str) -> asyncio.subprocess.Process:
    folders = {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_DATA_HOME": str(folder / "data"), "TMPDIR": str(folder)}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, *arguments),
        cwd=folder,
        env={**os.environ, **folders, **SECRETS, "EYELINE_ZOOM__CLIENT_ID": "the-app", **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def join(stage: Stage, folder: Path, *flags: str) -> asyncio.subprocess.Process:
    command = json.dumps(double_command(stage, people=[GRACE]))
    return await start(folder, "-c", JOIN, command, "join", LINK, *FLAGS, *flags)


def homes(folder: Path) -> list[Path]:
    """What the SDK would have left behind."""
    return list(folder.glob("eyeline-zoom-*"))


async def test_a_stay_that_is_steered_by_chat(
    zoom_stage: Stage, processes: list[asyncio.subprocess.Process], tmp_path: Path
) -> None:
    zoom = Zoom(zoom_stage)
    process = await join(zoom_stage, tmp_path, "--log-level", "debug")
    processes.append(process)
    assert process.stderr is not None
    told: list[bytes] = []
    async with asyncio.timeout(60):
        while not (found := re.search(rb"privately: !claim ([0-9]{6})", b"".join(told))):
            told.append(await process.stderr.readline())
    reading = asyncio.create_task(process.communicate())
    await zoom.noted("pictures")
    grace = Grace(zoom)
    assert "in charge" in (await grace.answer(f"!claim {found[1].decode()}", private=True))["text"]
    await grace.answer("!bg color #204060")
    await zoom.sees((0x60, 0x40, 0x20))
    family = psutil.Process(process.pid).children(recursive=True)
    [bridge] = [each for each in family if "zoom_lab.bridge" in each.cmdline()]
    given = json.dumps([*(each.cmdline() for each in family), bridge.environ()])
    await asyncio.sleep(1)
    assert (await grace.answer("!leave"))["text"] == "Good-bye."
    out, err = await asyncio.wait_for(reading, 30)
    assert process.returncode == 0, err.decode()
    for secret in ("geheim", "eyJ"):
        assert secret not in given
        assert secret.encode() not in out + err + b"".join(told)
    states = [event["state"] for event in map(json.loads, out.splitlines()) if event["event"] == "state_changed"]
    assert (states[0], states[-1]) == ("connecting", "left")
    assert "live" in states
    assert homes(tmp_path) == []
    assert not bridge.is_running()


async def test_ctrl_c_leaves_the_meeting(
    zoom_stage: Stage, processes: list[asyncio.subprocess.Process], tmp_path: Path
) -> None:
    zoom = Zoom(zoom_stage)
    process = await join(zoom_stage, tmp_path)
    processes.append(process)
    await zoom.noted("pictures")
    process.send_signal(signal.SIGINT)
    _, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0, err.decode()
    assert b"Traceback" not in err
    assert await zoom.noted("call", name="Leave")
    assert homes(tmp_path) == []


async def test_without_the_sdk_one_is_told_what_to_do(
    processes: list[asyncio.subprocess.Process], tmp_path: Path
) -> None:
    if find_spec("zoom_meeting_sdk") is not None:
        pytest.skip("Zoom's SDK is installed here")
    process = await start(tmp_path, "-m", "eyeline.bot", "join", LINK, *FLAGS, PYTHONPATH=str(TESTS))
    processes.append(process)
    _, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 2, err.decode()
    last = err.decode().splitlines()[-1]
    assert "pip install zoom-meeting-sdk" in last
