"""What it takes to hand pictures to the process that holds Zoom's SDK: from the ring to the SDK's sender."""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any, Final

from eyeline.bot.bench.errors import BenchError, BenchUsageError
from eyeline.bot.bench.statistics import Percentiles
from eyeline.bot.bench.zoom_far_end import MARK, STAMP, START_OVER, TELL
from eyeline.integrations.zoom.bridge.pictures import PictureWriter
from eyeline.processing.byte_ring import RingError

_LEAST_S: Final = 3.0
_SETTLE_S: Final = 6.0  # the SDK is busy with itself once it was started
_IDLE_S: Final = 3.0
_WARM_UP_PICTURES: Final = 15
_START_S: Final = 60.0
_ANSWER_S: Final = 20.0
_LINE_BYTES: Final = 1 << 24


class _FarEnd:
    """The other process, which answers each byte with a line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, what: bytes, patience_s: float = _ANSWER_S) -> dict[str, Any]:
        """Ask.

        Raises:
            BenchError: There is no answer.
        """
        self._writer.write(what)
        try:
            async with asyncio.timeout(patience_s):
                line = await self._reader.readline()
        except (TimeoutError, ConnectionError):
            line = b""
        if not line:
            raise BenchError("The process that takes the pictures ended, or does not answer.")
        told: dict[str, Any] = json.loads(line)
        return told


async def measure_zoom(seconds: float, size_px: tuple[int, int], fps: int) -> dict[str, Any]:
    """Hand over pictures at a steady rate.

    Args:
        seconds: For how long.
        size_px: Width and height, even.
        fps: Pictures a second.

    Returns:
        `handover_ms` from the beginning of a push to the call of the sender, `push_ms` of it our own part,
        `cpu_percent` of a core that pushing takes, the bridge's process, the SDK in it while nothing comes (none where
        it is not installed), and handing over alone; `dropped` pictures.

    Raises:
        BenchUsageError: It cannot be measured like that, or not here.
        BenchError: It failed.
    """
    _check(seconds, size_px, fps)
    width_px, height_px = size_px
    try:
        writer = PictureWriter.create(width_px * height_px * 3 // 2)
    except RingError as error:
        raise BenchError(f"There is {error}.") from error
    wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
    try:
        with writer:
            async with _far_end(writer, wake, size_px) as far_end:
                return await _measure(seconds, size_px, fps, far_end, writer, wake)
    finally:
        os.close(wake)


async def _measure(
    seconds: float, size_px: tuple[int, int], fps: int, far_end: _FarEnd, writer: PictureWriter, wake: int
) -> dict[str, Any]:
    ready = await far_end.ask(TELL, _START_S)
    await asyncio.sleep(_SETTLE_S if ready["sdk"] else 0)
    pusher = _Pusher(size_px, fps, writer, wake)
    await pusher.push(_WARM_UP_PICTURES)
    before = await far_end.ask(START_OVER)
    began_s = time.monotonic()
    pictures = int(seconds * fps)
    times = await pusher.push(pictures)
    took_s = time.monotonic() - began_s
    await asyncio.sleep(0.2)  # the last one is still on its way
    after = await far_end.ask(TELL)
    await asyncio.sleep(_IDLE_S)
    idle_s = (await far_end.ask(TELL))["cpu_s"] - after["cpu_s"]
    handover = Percentiles.of(after["way_ms"])
    pushing = Percentiles.of(times)
    if handover is None or pushing is None:
        raise BenchError("No picture arrived.")
    push, bridge = 100 * pusher.cpu_s / took_s, 100 * (after["cpu_s"] - before["cpu_s"]) / took_s
    idle = 100 * idle_s / _IDLE_S
    return {
        "size_px": list(size_px),
        "fps": fps,
        "pictures": pictures,
        "dropped": pictures - len(after["way_ms"]),
        "handover_ms": asdict(handover),
        "push_ms": asdict(pushing),
        "cpu_percent": {"push": push, "bridge": bridge, "idle": idle, "handover": push + max(0.0, bridge - idle)},
        "sdk": ready["sdk"] or "not installed",
    }


class _Pusher:
    """The meeting process's side."""

    def __init__(self, size_px: tuple[int, int], fps: int, writer: PictureWriter, wake: int) -> None:
        self._size_px = size_px
        self._interval_s = 1 / fps
        self._writer = writer
        self._wake = wake
        self._picture = bytearray(os.urandom(size_px[0] * size_px[1] * 3 // 2))
        self.cpu_s = 0.0

    async def push(self, pictures: int) -> list[float]:
        """Hand over so many, one by one when they are due: how long each took us, in ms."""
        times_ms = []
        self.cpu_s = 0.0
        due_s = time.monotonic()
        for _ in range(pictures):
            await asyncio.sleep(due_s - time.monotonic())
            used_s, began_s = time.thread_time(), time.monotonic()
            STAMP.pack_into(self._picture, 0, MARK, began_s)
            self._writer.write(*self._size_px, began_s, memoryview(self._picture))
            os.eventfd_write(self._wake, 1)
            times_ms.append((time.monotonic() - began_s) * 1000)
            self.cpu_s += time.thread_time() - used_s
            due_s = max(due_s + self._interval_s, time.monotonic() - self._interval_s)
        return times_ms


@asynccontextmanager
async def _far_end(writer: PictureWriter, wake: int, size_px: tuple[int, int]) -> AsyncIterator[_FarEnd]:
    near, far = socket.socketpair()
    with tempfile.TemporaryDirectory(prefix="eyeline-bench-zoom-") as home, near:
        with far:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "eyeline.bot.bench.zoom_far_end",
                f"--wake={wake}",
                f"--report={far.fileno()}",
                f"--ring={writer.place.name}",
                f"--capacity={writer.place.capacity_bytes}",
                f"--width={size_px[0]}",
                f"--height={size_px[1]}",
                env={**os.environ, "HOME": home},  # where the SDK writes
                pass_fds=(wake, far.fileno()),
                stdin=asyncio.subprocess.DEVNULL,
            )
        reader, stream = await asyncio.open_connection(sock=near, limit=_LINE_BYTES)
        try:
            yield _FarEnd(reader, stream)
        finally:
            stream.close()
            if process.returncode is None:
                process.kill()
            await process.wait()


def _check(seconds: float, size_px: tuple[int, int], fps: int) -> None:
    try:
        ctypes.CDLL("libglib-2.0.so.0")
    except OSError:
        raise BenchUsageError(
            "There is no libglib-2.0.so.0 on this machine.", hint="On Debian and Ubuntu: apt-get install libglib2.0-0."
        ) from None
    if seconds < _LEAST_S:
        raise BenchUsageError(f"{seconds:g} s are too short to tell anything.", hint=f"Give {_LEAST_S:.0f} or more.")
    if any(side < 16 or side % 2 or side > 4096 for side in size_px):
        raise BenchUsageError(f"{size_px[0]}x{size_px[1]} is no size to measure.", hint="Give even sides up to 4096.")
    if not 1 <= fps <= 120:
        raise BenchUsageError(f"{fps} pictures a second cannot be measured.", hint="Give 1 to 120.")
