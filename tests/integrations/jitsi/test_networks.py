"""What happens to the network of the machine that Eyeline runs on, which here is a network namespace.

A real Prosody, a real coturn, the program as a person runs it; focus and bridge are the lab's.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from coturn_process import has_coturn, running_coturn
from jitsi.scripted_server import self_signed_context
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.waiting import eventually
from jitsi_lab.watcher import Watcher
from netns_lab import Machine, needs_namespaces
from prosody_process import has_prosody

pytestmark = [
    needs_namespaces,
    pytest.mark.skipif(not has_prosody(), reason="needs Prosody (apt install prosody)"),
]

FORWARDER = Path(__file__).resolve().parents[2] / "tcp_forwarder.py"
ROOM = "Daily"
FLAGS = ("--source", "pattern", "--width", "320", "--height", "180", "--background", "none", "--notice", "", "--json")


class Program:
    """`eyeline join` on another machine, and what it told."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.events: list[dict[str, Any]] = []
        self._reading = asyncio.create_task(self._read())

    def told(self, name: str) -> list[dict[str, Any]]:
        """Its events of a kind."""
        return [event for event in self.events if event["event"] == name]

    async def leave(self) -> int | None:
        """Have it go; its exit code."""
        self.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(30):
            await self.process.wait()
        await self._reading
        return self.process.returncode

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.events.append(json.loads(line))


@asynccontextmanager
async def joined(
    machine: Machine, url: str, folder: Path, *, program: Sequence[str] = ("-m", "eyeline.bot"), **others: str
) -> AsyncIterator[Program]:
    forwarder = await asyncio.create_subprocess_exec(
        *machine.command, sys.executable, str(FORWARDER), str(urlsplit(url).port), machine.server,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert forwarder.stdout is not None
    assert await forwarder.stdout.readline() == b"ready\n"
    environment = {
        **os.environ,
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_DATA_HOME": str(folder / "data"),
        **others,
    }
    with (folder / "words").open("wb") as words:
        process = await asyncio.create_subprocess_exec(
            *machine.command, sys.executable, *program, "join", url, *FLAGS,
            cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE, stderr=words,
        )  # fmt: skip
    running = Program(process)
    try:
        yield running
        assert await running.leave() == 0, (folder / "words").read_text()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        forwarder.kill()
        await forwarder.wait()
        print((folder / "words").read_text()[-4000:], running.events[-40:])  # noqa: T201 - shown when the test fails


@asynccontextmanager
async def lab(folder: Path, machine: Machine, services: str = "", media: str = "") -> AsyncIterator[JitsiLab]:
    place = folder / "prosody"
    place.mkdir()
    options = {"services": services, "listen": machine.server, "restart_interval_s": 0.0}
    async with JitsiLab(place, media or machine.server, **options) as running:
        yield running
        assert running.complaints == []


async def sees_more(watcher: Watcher, what: str, timeout_s: float = 90.0) -> None:
    """Wait for twenty pictures more."""
    before = watcher.frames_decoded
    await eventually(lambda: watcher.frames_decoded >= before + 20, timeout_s=timeout_s, what=what)


async def test_from_one_network_to_another_within_a_call(tmp_path: Path) -> None:
    """From Wi-Fi to cable: the address is gone, and media return by the other one, to the same occupant."""
    with Machine(cables=2) as machine:
        async with (
            lab(tmp_path, machine) as running,
            Watcher(running, ROOM) as watcher,
            joined(machine, running.url(ROOM), tmp_path) as program,
        ):
            await sees_more(watcher, "the picture by the first network")
            (before,) = watcher.participants
            await asyncio.sleep(1.0)  # the way that media take is looked at four times a second
            machine.cables[0].pull()
            await eventually(lambda: program.told("media_lost"), timeout_s=20, what="word of the loss")
            await sees_more(watcher, "the picture by the second network")
            assert list(watcher.participants) == [before]
            assert len(program.told("media_connected")) >= 2
            assert machine.cables[1].far in program.told("media_lost")[0]["reason"]


needs_coturn = pytest.mark.skipif(not has_coturn(), reason="needs coturn (apt install coturn)")


@needs_coturn
@pytest.mark.parametrize("kind", ["turn", "turns"])
async def test_where_a_firewall_drops_udp_media_go_by_the_relay(tmp_path: Path, kind: str) -> None:
    """By TCP, and where the relay is reached by nothing else, by TLS."""
    with Machine() as machine:
        machine.block_udp()
        _, certificate = self_signed_context(tmp_path, machine.server)
        files = (certificate, tmp_path / "key.pem")
        async with running_coturn(tmp_path, machine.server, certificate=files, listen=machine.server) as coturn:
            services = coturn.service("turn", "udp") + coturn.service(kind, "tcp")
            async with (
                lab(tmp_path, machine, services) as running,
                Watcher(running, ROOM) as watcher,
                joined(machine, running.url(ROOM), tmp_path, SSL_CERT_FILE=str(certificate)),
            ):
                await sees_more(watcher, "the picture by the relay")
            assert "ALLOCATE processed, success" in coturn.log()


async def test_with_ipv6_alone_the_bridge_is_reached(tmp_path: Path) -> None:
    with Machine(version=6) as machine:
        async with (
            lab(tmp_path, machine) as running,
            Watcher(running, ROOM) as watcher,
            joined(machine, running.url(ROOM), tmp_path),
        ):
            await sees_more(watcher, "the picture by IPv6")


@needs_coturn
async def test_with_ipv6_alone_a_bridge_without_it_is_reached_by_the_relay(tmp_path: Path) -> None:
    with Machine(version=6, names=["relay.test"]) as machine:
        async with running_coturn(tmp_path, machine.aside, listen=machine.server, name="relay.test") as coturn:
            services = coturn.service("turn", "udp")
            async with (
                lab(tmp_path, machine, services, machine.aside) as running,
                Watcher(running, ROOM) as watcher,
                joined(machine, running.url(ROOM), tmp_path),
            ):
                await sees_more(watcher, "the picture by the relay")
            assert "ALLOCATE processed, success" in coturn.log()


async def test_after_a_sleep_in_which_the_bridge_gave_up_there_is_a_new_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The half minute after which nobody sends to a silent peer (RFC 7675) is made shorter on both sides."""
    monkeypatch.setattr("aioice.ice.CONSENT_FAILURES", 2)
    monkeypatch.setattr("aioice.ice.CONSENT_INTERVAL", 1)
    sleepy = (
        "import sys, eyeline.integrations.jitsi.attendance as attendance, eyeline.bot.__main__ as program\n"
        "attendance.CONSENT_S = 5.0\n"
        "sys.exit(program.main())"
    )
    with Machine() as machine:
        async with (
            lab(tmp_path, machine) as running,
            Watcher(running, ROOM) as watcher,
            joined(machine, running.url(ROOM), tmp_path, program=("-c", sleepy)) as program,
        ):
            await sees_more(watcher, "the picture before the sleep")
            (before,) = watcher.participants
            family = [psutil.Process(program.process.pid)]
            family += family[0].children(recursive=True)
            for member in family:
                member.suspend()
            await asyncio.sleep(7.5)
            for member in family:
                member.resume()
            await eventually(lambda: program.told("media_lost"), timeout_s=20, what="word of the loss")
            await sees_more(watcher, "the picture after the sleep")
            assert "slept" in program.told("media_lost")[0]["reason"]
            assert list(watcher.participants) == [before]
