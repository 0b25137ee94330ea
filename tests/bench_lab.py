"""What tests of the bench share: a size that takes seconds, and a role that misbehaves on request."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import Self

import pytest
from media_bridge import has_media_address

from eyeline.bot.bench.errors import BenchError

SIZE_PX = (320, 192)

needs_address = pytest.mark.skipif(
    not has_media_address(), reason="ICE does without loopback, and there is no other address"
)


class Parrot:
    """A role: says what it is told, or fails."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def __aenter__(self) -> Self:
        if self._name == "stillborn":
            raise BenchError("It cannot begin.", hint="Try another.")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._name == "stubborn":
            await asyncio.sleep(600)

    async def say(self, what: str) -> str:
        sys.stdout.write("this is no answer\n")
        return f"{self._name}: {what}"

    async def fail(self) -> None:
        raise KeyError("nothing")

    async def die(self) -> None:
        sys.stderr.write("aaargh\n")
        sys.stderr.flush()
        os._exit(3)

    async def sleep(self) -> None:
        await asyncio.sleep(600)

    async def have_child(self) -> int:
        return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid  # noqa: ASYNC220
