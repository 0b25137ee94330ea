"""`eyeline join` before doors and at its end: passwords, tokens and leaving by itself, as a person meets them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pty
import sys
from pathlib import Path

import psutil
import pytest
from jitsi.meet import deployed
from jitsi.prosody_server import MUC, running_prosody
from jitsi.witness import witness
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.fixtures import jitsi_lab
from jwt_lab import jwt
from picture_lab import load_mask
from prosody_process import has_prosody

__all__ = ["jitsi_lab"]

SECRETS = {"EYELINE_MEETING__PASSWORD": "geheimes-raumwort", "EYELINE_JITSI__TOKEN": jwt(room="*", exp=4_000_000_000)}
SMALL = ("--source", "pattern", "--width", "320", "--height", "180", "--notice", "")


@pytest.fixture(autouse=True)
def weights() -> None:
    load_mask().close()


def environment(folder: Path, **more: str) -> dict[str, str]:
    homes = {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_DATA_HOME": str(folder / "data")}
    return {**os.environ, **homes, **more}


async def test_secrets_are_in_no_log_and_no_process_list_and_alone_it_leaves(
    jitsi_lab: JitsiLab, tmp_path: Path
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "eyeline.bot", "join", jitsi_lab.url("Daily"), *SMALL),
        *("--json", "--log-level", "debug", "--leave-when-alone", "0.05"),
        cwd=tmp_path,
        env=environment(tmp_path, **SECRETS),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    commands: list[str] = []

    async def look() -> None:
        while process.returncode is None:
            with contextlib.suppress(psutil.Error):
                family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
                commands.extend(" ".join(each.cmdline()) for each in family)
            await asyncio.sleep(0.3)

    looking = asyncio.create_task(look())
    try:
        out, err = await asyncio.wait_for(process.communicate(), 90)
    finally:
        looking.cancel()
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    assert process.returncode == 0, err.decode()
    reasons = [event["reason"] for event in map(json.loads, out.splitlines()) if event["event"] == "state_changed"]
    assert reasons[-1] == "left, alone for 0.05 minutes"
    everything = "\n".join([out.decode(), err.decode(), *commands])
    assert "eyeline.bot join" in everything  # the process list was seen
    for secret in SECRETS.values():
        assert secret not in everything
        assert secret.split(".")[1 if "." in secret else 0] not in everything


async def read_until(terminal: int, words: bytes) -> bytes:
    """What a terminal shows, up to some words."""
    shown = b""
    os.set_blocking(terminal, False)
    async with asyncio.timeout(60):
        while words not in shown:
            try:
                shown += os.read(terminal, 4096)
            except BlockingIOError:
                await asyncio.sleep(0.05)
    return shown


async def test_asks_for_the_password_at_the_terminal(tmp_path: Path) -> None:
    if not has_prosody():
        pytest.skip("Prosody is not installed (Debian: apt install prosody)")
    folder = tmp_path / "prosody"
    folder.mkdir()
    async with running_prosody(folder) as prosody, deployed(prosody) as meet, witness(prosody) as person:
        await person.enter(f"daily@{MUC}", "aaaaaaaa")
        await person.configure(f"daily@{MUC}", passwordprotectedroom="1", roomsecret="geheim")
        terminal, inside = pty.openpty()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "eyeline.bot", "join", meet.room_url(), *SMALL),
            cwd=tmp_path,
            env=environment(tmp_path),
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
        )
        os.close(inside)
        try:
            shown = await read_until(terminal, b"Password")
            assert b"The room wants a password." in shown
            os.write(terminal, b"falsch\n")
            shown = await read_until(terminal, b"Password")
            assert b"another one" in shown
            os.write(terminal, b"geheim\n")
            shown += await read_until(terminal, b"aaaaaaaa is in the meeting")
            assert b"geheim" not in shown
            assert b"falsch" not in shown
            process.terminate()
            assert await asyncio.wait_for(process.wait(), 60) == 0
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            os.close(terminal)
