"""Processes that take CPU time from others: all that they can get, or so much for every picture."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

import cv2
import psutil

from eyeline.bot.bench.beat import Beat
from eyeline.bot.bench.work import burn


class Hog:
    """The role of a program that never rests.

    Args:
        core: To stay on, where the system allows to choose.
    """

    def __init__(self, core: int) -> None:
        self._core = core
        self._stop = threading.Event()

    async def __aenter__(self) -> Self:
        with suppress(AttributeError, psutil.Error):
            psutil.Process().cpu_affinity([self._core])
        cv2.setNumThreads(1)
        threading.Thread(target=self._run, name="hog", daemon=True).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            burn(50)


class Neighbour:
    """The role of a picture worker that is busy beside what is measured: so much work, thirty times a second.

    Args:
        work_ms: CPU time for a picture.
    """

    def __init__(self, work_ms: float) -> None:
        self._work_ms = work_ms
        self._stop = threading.Event()

    async def __aenter__(self) -> Self:
        cv2.setNumThreads(1)
        self._thread = threading.Thread(target=self._run, name="neighbour", daemon=True)
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        await asyncio.to_thread(self._thread.join, 1.0)

    def _run(self) -> None:
        beat = Beat()
        while not self._stop.is_set():
            beat.sleep()
            burn(self._work_ms)
