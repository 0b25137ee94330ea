"""`eyeline join` as a person runs it: a process of its own, in a room, ended by Ctrl-C."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.fixtures import jitsi_lab
from jitsi_lab.waiting import eventually
from jitsi_lab.watcher import Watcher
from picture_lab import load_mask
from ports import free_port
from steered_stay import Person

__all__ = ["jitsi_lab"]


@pytest.fixture
async def eyeline(tmp_path: Path) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """Processes to be swept up."""
    load_mask().close()
    processes: list[asyncio.subprocess.Process] = []
    yield processes
    for process in processes:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def join(url: str, folder: Path, *flags: str) -> asyncio.subprocess.Process:
    return await start(folder, "join", url, "--source", "pattern", "--width", "320", "--height", "180", *flags)


async def start(folder: Path, *arguments: str) -> asyncio.subprocess.Process:
    environment = {**os.environ, "XDG_CONFIG_HOME": str(folder / "config"), "XDG_DATA_HOME": str(folder / "data")}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "eyeline.bot",
        *arguments,
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_a_stay_from_the_first_line_to_ctrl_c(
    jitsi_lab: JitsiLab, eyeline: list[asyncio.subprocess.Process], tmp_path: Path
) -> None:
    async with Watcher(jitsi_lab, "Daily") as watcher:
        process = await join(jitsi_lab.url("Daily"), tmp_path, "--name", "Ada", "--json", "--notice", "Hi there.")
        eyeline.append(process)
        picture = await watcher.frame(60)
        assert picture.shape == (180, 320, 3)
        assert [line.text for line in watcher.chat] == ["Hi there."]
        process.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(process.communicate(), 60)
        await eventually(lambda: not watcher.participants, what="the good-bye")
    assert process.returncode == 0, err.decode()
    assert b"Traceback" not in err
    events = [json.loads(line) for line in out.decode().splitlines()]
    states = [event["state"] for event in events if event["event"] == "state_changed"]
    assert states[0] == "connecting"
    assert "live" in states
    assert states[-1] == "left"
    assert jitsi_lab.complaints == []


@pytest.mark.parametrize("background", ["duskk", "nowhere.png"])
async def test_no_camera_is_opened_for_a_background_that_is_not_there(
    eyeline: list[asyncio.subprocess.Process], tmp_path: Path, background: str
) -> None:
    process = await join("https://127.0.0.1:9/Daily", tmp_path, "--background", background)
    eyeline.append(process)
    _, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode != 0
    assert background in err.decode()
    assert "opening" not in err.decode()


async def test_the_code_is_for_the_terminal_only_and_leave_ends_the_program(
    jitsi_lab: JitsiLab, eyeline: list[asyncio.subprocess.Process], tmp_path: Path
) -> None:
    async with Watcher(jitsi_lab, "Daily") as watcher:
        flags = ("--name", "Ada", "--notice", "", "--json", "--log-level", "debug")
        process = await join(jitsi_lab.url("Daily"), tmp_path, *flags)
        eyeline.append(process)
        assert process.stderr is not None
        told: list[bytes] = []
        async with asyncio.timeout(60):
            while not (found := re.search(rb"To steer by chat, .* Ada, privately: !claim ([0-9]{6})", b"".join(told))):
                told.append(await process.stderr.readline())
        code = found[1].decode()
        person = Person(watcher)
        bot = await person.bot()
        assert "in charge" in (await person.answer(f"!claim {code}", to=bot)).text
        await person.answer("!bg color #204060")
        assert (await person.answer("!leave")).text == "Good-bye."
        out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err.decode()
    assert code.encode() not in out
    lines = (b"".join(told) + err).splitlines()
    assert sum(code.encode() in each for each in lines) == 1
    events = [json.loads(each) for each in out.decode().splitlines()]
    answered = [(each["command"], each["status"]) for each in events if each["event"] == "command_answered"]
    assert answered == [("claim", "done"), ("color", "done"), ("leave", "done")]
    assert [each["state"] for each in events if each["event"] == "state_changed"][-1] == "left"
    memory = tmp_path / "data" / "eyeline" / "effects.json"
    assert json.loads(memory.read_text())["people"]["ada"]["background"] == "color:#204060"


async def test_a_stay_is_steered_by_programs_too(
    jitsi_lab: JitsiLab, eyeline: list[asyncio.subprocess.Process], tmp_path: Path
) -> None:
    """`join --api`, by `ctl` as another person of this machine runs it, and what the room then sees."""
    port, audit = str(free_port()), tmp_path / "audit.jsonl"
    (tmp_path / "token").write_text("a-token-for-this-test-only\n")
    (tmp_path / "eyeline.toml").write_text(
        f'[api]\nport = {port}\ntoken_file = "token"\n[control]\naudit_file = "audit.jsonl"\n'
    )

    async def ctl(*arguments: str) -> str:
        process = await start(tmp_path, "ctl", *arguments)
        eyeline.append(process)
        out, err = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, err.decode()
        return out.decode()

    async with Watcher(jitsi_lab, "Daily") as watcher:
        person = Person(watcher)
        joined = await join(jitsi_lab.url("Daily"), tmp_path, "--api", "--background", "color:#808080", "--preview")
        eyeline.append(joined)
        await person.sees((0x80, 0x80, 0x80))
        assert "#204060" in await ctl("bg", "color:#204060")
        await person.sees((0x60, 0x40, 0x20))
        assert "mirrored" in await ctl("do", json.dumps({"kind": "mirror", "on": True}))
        assert "background: colour #204060; mirrored" in await ctl("status")
        await ctl("leave")
        _, err = await asyncio.wait_for(joined.communicate(), 60)
    assert joined.returncode == 0, err.decode()
    kept = [json.loads(line) for line in audit.read_text().splitlines()]
    assert [(each["origin"], each["command"], each["status"]) for each in kept] == [
        ("rest", "effects", "done"),
        ("rest", "mirror", "done"),
        ("rest", "status", "done"),
        ("rest", "leave", "done"),
    ]


async def test_the_next_meeting_begins_with_the_last_picture(
    jitsi_lab: JitsiLab, eyeline: list[asyncio.subprocess.Process], tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "eyeline"
    folder.mkdir(parents=True)
    (folder / "effects.json").write_text('{"people": {"ada": {"background": "color:#204060"}}}')
    async with Watcher(jitsi_lab, "Daily") as watcher:
        eyeline.append(await join(jitsi_lab.url("Daily"), tmp_path, "--name", "Ada"))
        await Person(watcher).sees((0x60, 0x40, 0x20))


async def test_an_alone_bot_leaves_on_sigterm(
    jitsi_lab: JitsiLab, eyeline: list[asyncio.subprocess.Process], tmp_path: Path
) -> None:
    process = await join(jitsi_lab.url("Daily"), tmp_path, "--json")
    eyeline.append(process)
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while b'"waiting"' not in await process.stdout.readline():
            pass
    process.terminate()
    _, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err.decode()


async def test_a_kicked_bot_says_so(
    jitsi_lab: JitsiLab, eyeline: list[asyncio.subprocess.Process], tmp_path: Path
) -> None:
    async with Watcher(jitsi_lab, "Daily") as watcher:
        process = await join(jitsi_lab.url("Daily"), tmp_path)
        eyeline.append(process)
        await watcher.frame(60)
        [bot] = watcher.participants
        await jitsi_lab.focus.kick(bot, "Bots are not welcome")
        _, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 3, err.decode()
    last = err.decode().splitlines()[-1]
    assert last.startswith("eyeline: ")
    assert "Bots are not welcome" in last
