"""The bridge process seen from outside: whatever it does, we learn why and nothing of it is left."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest
from jitsi_lab.waiting import eventually
from zoom_leftovers import tidy
from zoom_puppet import BEGUN, HANG, HELLO, STUBBORN, Notes, die, heard, pause, printed, puppet, raw, say

from eyeline.integrations.errors import ConnectionLostError, ProtocolError
from eyeline.integrations.zoom.bridge.messages import Begin, Event, Goodbye, Hello, Ping, RingPlace, VideoWanted
from eyeline.integrations.zoom.bridge_errors import BridgeHungError, BridgeLostError
from eyeline.integrations.zoom.launch import BridgeStartError
from eyeline.integrations.zoom.process import BridgeLimits, BridgeProcess

QUICK = BridgeLimits(hello_s=15, ping_s=0.2, pings=5, goodbye_s=2, end_s=2)
SECRETS = {"sdk_jwt": "geheim-jwt", "passcode": "geheim-code", "zak": "geheim-zak", "on_behalf_token": "geheim-obf"}


__all__ = ["tidy"]

pytestmark = pytest.mark.usefixtures("tidy")


def begin(bridge: BridgeProcess) -> Begin:
    return Begin(
        version=1,
        web_domain="https://zoom.us",
        meeting_number=81234567890,
        vanity_id="",
        name="Ada",
        join_token="",
        ring=RingPlace("psm_none", 6),
        send_video=True,
        send_audio=True,
        **SECRETS,
    )


async def end_of(bridge: BridgeProcess) -> Exception:
    """What it fails with, after whatever it says before."""
    async with asyncio.timeout(20):
        while True:
            try:
                await bridge.next_event()
            except (ConnectionLostError, ProtocolError) as error:
                return error


async def said(bridge: BridgeProcess) -> Event:
    async with asyncio.timeout(20):
        return await bridge.next_event()


async def test_it_starts_talks_and_ends(tmp_path: Path) -> None:
    command = puppet(tmp_path / "p", [say(HELLO), heard(Ping), say(VideoWanted(True))])
    async with BridgeProcess(command, QUICK) as bridge:
        assert await said(bridge) == VideoWanted(True)
        assert psutil.pid_exists(bridge.pid)
        [home] = Notes(tmp_path / "p").homes
        assert home.stat().st_mode & 0o777 == 0o700
    assert not psutil.pid_exists(bridge.pid)
    assert not home.exists()
    assert type(Notes(tmp_path / "p").commands[-1]).__name__ == "Leave"
    with pytest.raises(ConnectionLostError):
        await bridge.send(Ping(1))


async def test_it_lives_as_long_as_it_answers(tmp_path: Path) -> None:
    async with BridgeProcess(puppet(tmp_path / "p", [say(HELLO)]), QUICK) as bridge:
        notes = Notes(tmp_path / "p")
        await eventually(lambda: len(notes.of(Ping)) > 2 * QUICK.pings, what="many questions")
        assert psutil.pid_exists(bridge.pid)


async def test_a_version_of_another_kind_is_told_no_secrets(tmp_path: Path) -> None:
    command = puppet(tmp_path / "p", [say(Hello(99, "7.0")), heard(Begin)])
    with pytest.raises(ProtocolError, match="version 99"):
        await BridgeProcess(command, QUICK).__aenter__()
    assert Notes(tmp_path / "p").of(Begin) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
async def test_a_crash_is_told_by_the_name_of_its_signal(tmp_path: Path, number: signal.Signals) -> None:
    async with BridgeProcess(puppet(tmp_path / "p", [say(HELLO), die(number)]), QUICK) as bridge:
        error = await end_of(bridge)
        assert isinstance(error, BridgeLostError)
        assert number.name in str(error)


async def test_a_crash_before_the_first_word(tmp_path: Path) -> None:
    with pytest.raises(BridgeLostError, match="SIGSEGV"):
        await BridgeProcess(puppet(tmp_path / "p", [die(signal.SIGSEGV)]), QUICK).__aenter__()


async def test_silence_from_the_first_moment(tmp_path: Path) -> None:
    limits = BridgeLimits(hello_s=1, ping_s=0.2, end_s=2)
    with pytest.raises(BridgeHungError, match="nothing"):
        await BridgeProcess(puppet(tmp_path / "p", [HANG]), limits).__aenter__()


async def test_a_process_that_is_stopped_is_killed(tmp_path: Path) -> None:
    async with BridgeProcess(puppet(tmp_path / "p", [say(HELLO)]), QUICK) as bridge:
        os.kill(bridge.pid, signal.SIGSTOP)
        assert isinstance(await end_of(bridge), BridgeHungError)
    assert not psutil.pid_exists(bridge.pid)


@pytest.mark.parametrize(
    ("rubbish", "what"),
    [
        (raw("Segmentation fault\n"), "no JSON"),
        (raw('{"type": "Hello"}\n'), "Hello"),
        (raw('{"type": "Ping", "number": 1}\n'), "unknown type"),
        (raw("x" * 1000, 100), "over"),
        (raw("\x00\xff\n"), "no JSON"),
        (raw("[" * 60_000 + "\n"), "no JSON"),
    ],
)
async def test_rubbish_is_the_end(tmp_path: Path, rubbish: list[object], what: str) -> None:
    async with BridgeProcess(puppet(tmp_path / "p", [say(HELLO), rubbish, pause(60)]), QUICK) as bridge:
        error = await end_of(bridge)
        assert isinstance(error, ProtocolError)
        assert what in str(error)
    assert not psutil.pid_exists(bridge.pid)


async def test_rubbish_instead_of_the_first_word(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError):
        await BridgeProcess(puppet(tmp_path / "p", [raw("hello\n"), pause(60)]), QUICK).__aenter__()
    with pytest.raises(ProtocolError, match="VideoWanted"):
        await BridgeProcess(puppet(tmp_path / "q", [say(VideoWanted(True)), pause(60)]), QUICK).__aenter__()


async def test_a_flood_that_nobody_reads_is_no_danger(tmp_path: Path) -> None:
    flood = raw('{"type": "VideoWanted", "wanted": true}\n', 20_000)
    async with BridgeProcess(puppet(tmp_path / "p", [say(HELLO), flood, HANG]), QUICK) as bridge:
        assert isinstance(await end_of(bridge), BridgeHungError)


async def test_leaving_takes_what_is_still_said(tmp_path: Path) -> None:
    flood = raw('{"type": "VideoWanted", "wanted": true}\n', 5000)
    async with BridgeProcess(puppet(tmp_path / "p", [say(HELLO), flood]), QUICK):
        pass
    assert type(Notes(tmp_path / "p").commands[-1]).__name__ == "Leave"


async def test_one_that_does_not_leave_is_made_to(tmp_path: Path) -> None:
    limits = BridgeLimits(goodbye_s=0.5, end_s=0.5)
    async with BridgeProcess(puppet(tmp_path / "p", [say(HELLO), STUBBORN]), limits) as bridge:
        await asyncio.sleep(0.3)
    assert not psutil.pid_exists(bridge.pid)


async def test_it_may_end_by_itself(tmp_path: Path) -> None:
    async with BridgeProcess(
        puppet(tmp_path / "p", [say(HELLO), say(Goodbye()), pause(0.2), die(signal.SIGTERM)]), QUICK
    ) as bridge:
        assert await said(bridge) == Goodbye()
        assert "SIGTERM" in str(await end_of(bridge))


async def test_a_joining_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    starting = asyncio.create_task(BridgeProcess(puppet(tmp_path / "p", [HANG])).__aenter__())
    await eventually(lambda: Notes(tmp_path / "p").pids, what="the process")
    starting.cancel()
    await asyncio.wait({starting}, timeout=20)
    assert starting.cancelled()


async def test_a_leaving_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    bridge = await BridgeProcess(puppet(tmp_path / "p", [say(HELLO), STUBBORN]), QUICK).__aenter__()
    leaving = asyncio.create_task(bridge.__aexit__(None, None, None))
    await asyncio.sleep(0.3)
    leaving.cancel()
    await asyncio.wait({leaving}, timeout=20)
    assert not psutil.pid_exists(bridge.pid)


async def test_a_program_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(BridgeStartError, match="No such file"):
        await BridgeProcess([str(tmp_path / "nothing")], QUICK).__aenter__()


async def test_a_disk_without_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(BridgeStartError, match="no place"):
        await BridgeProcess(puppet(tmp_path / "p", [say(HELLO)]), QUICK).__aenter__()


async def test_secrets_are_nowhere_to_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in what the process was given, nor in our log, though the SDK prints them."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("EYELINE_ZOOM__CLIENT_SECRET", "geheim-umwelt")
    steps = [*BEGUN, printed("psw: geheim-code jwt: geheim-jwt zak: geheim-zak\n"), say(VideoWanted(True))]
    async with BridgeProcess(puppet(tmp_path / "p", steps), QUICK) as bridge:
        await bridge.send(begin(bridge))
        assert await said(bridge) == VideoWanted(True)
        process = Path(f"/proc/{bridge.pid}")
        seen = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    [environment] = [json.loads(line) for line in Notes(tmp_path / "p").lines("environments")]
    assert not [name for name in environment if name.startswith("EYELINE")]
    assert environment["HOME"] != os.environ["HOME"]
    assert b"geheim" not in seen
    assert "geheim" not in caplog.text
    assert "the SDK printed" in caplog.text
    assert Notes(tmp_path / "p").of(Begin)[0].passcode == "geheim-code"  # and it was told, all the same


async def test_the_next_one_removes_what_a_killed_parent_left(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, *puppet(folder, [say(HELLO), HANG])),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    notes = Notes(folder)
    try:
        assert parent.stdout is not None
        assert await asyncio.wait_for(parent.stdout.readline(), 30) == b"started\n"
    finally:
        parent.kill()
        await parent.wait()
    [home], [pid] = notes.homes, notes.pids
    assert home.exists()
    try:
        async with BridgeProcess(puppet(tmp_path / "q", [say(HELLO)]), QUICK):
            assert not home.exists()
    finally:
        os.kill(pid, signal.SIGKILL)  # this one hangs on purpose; the real one sees that its parent is gone


PARENT = """
import asyncio, sys
from eyeline.integrations.zoom.process import BridgeProcess

async def main():
    async with BridgeProcess(sys.argv[1:]):
        print("started", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""
