"""Where outages happen: a room of the lab with a watcher, and the program on another machine."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from jitsi_lab.deployment import JitsiLab
from jitsi_lab.watcher import Watcher
from netns_lab import Machine

from outages.program import Program

ROOM = "Outage"
HEIGHT_PX = 360


@dataclass
class Stage:
    """Everything that an outage can happen to.

    Args:
        lab: Server, focus, bridge.
        machine: Of the program; two cables, of which the first is in use.
        program: `eyeline join`.
        folder: For the program's files.
    """

    lab: JitsiLab
    machine: Machine
    program: Program
    folder: Path
    watcher: Watcher | None = None

    @property
    def decoded_at_s(self) -> list[float]:
        """When the watcher decoded a picture of the program."""
        return [at_s for at_s, _ in self.watcher.screen.decoded] if self.watcher else []

    @property
    def nick(self) -> str:
        """The program in the room."""
        assert self.watcher is not None
        return next(iter(self.watcher.participants))

    async def watch(self) -> None:
        """Have somebody look, another one than before."""
        await self.unwatch()
        watcher = Watcher(self.lab, ROOM, max_height_px=HEIGHT_PX)
        await watcher.__aenter__()
        self.watcher = watcher

    async def unwatch(self) -> None:
        """Have nobody in the room but the program."""
        if self.watcher is not None:
            watcher, self.watcher = self.watcher, None
            await close(watcher)

    async def begin_anew(self) -> None:
        """Have another program take the place of the one that was here, and somebody else look."""
        await self.program.leave()
        await self.program.__aexit__(None, None, None)
        await self.unwatch()
        await self.program.__aenter__()
        await self.watch()
        await self.on_air()

    async def on_air(self, timeout_s: float = 120.0) -> None:
        """Wait until pictures come evenly for two seconds.

        Raises:
            TimeoutError: They do not.
        """
        async with asyncio.timeout(timeout_s):
            while True:
                await asyncio.sleep(0.25)
                recent = [at_s for at_s in self.decoded_at_s if at_s > time.monotonic() - 2.0]
                gaps = [after - before for before, after in pairwise(recent)]
                if len(recent) > 20 and max(gaps) < 0.5 and time.monotonic() - recent[-1] < 0.5:
                    return


async def close(watcher: Watcher) -> None:
    """End somebody who may have lost its own connection in an outage."""
    for ending in (lambda: watcher.__aexit__(TimeoutError, None, None), watcher._exits.aclose):
        with suppress(Exception):
            async with asyncio.timeout(30.0):
                await ending()


class Staged(AsyncExitStack):
    """Builds a stage when entered: everybody in the room, on the air."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    async def build(self) -> Stage:
        """Start everything."""
        machine = self.enter_context(Machine(cables=2))
        for name in ("prosody", "bot"):
            (self._folder / name).mkdir()
        lab = await self.enter_async_context(JitsiLab(self._folder / "prosody", machine.server, listen=machine.server))
        program = Program(machine, lab.url(ROOM), self._folder / "bot")
        stage = Stage(lab, machine, await self.enter_async_context(program), self._folder)
        self.push_async_callback(stage.unwatch)
        await stage.watch()
        await stage.on_air()
        return stage
