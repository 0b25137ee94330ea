"""One try at a source: the thread that opens it, reads it until it is lost, and closes it."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from eyeline.processing.errors import SourceError
from eyeline.processing.sources.reader import Reader

log = logging.getLogger(__name__)

T = TypeVar("T")


class Attempt(Generic[T]):
    """Owns one reader and one daemon thread. Made, started and stopped in the event loop.

    A daemon, because a driver may block a read for good; such a thread must not keep the program from ending.

    Args:
        name: What the source is called in the log and among the threads.
        reader: Used in the thread alone.
        paused: While it is set, items are passed over.
        on_item: Takes the items, in the thread.
    """

    def __init__(self, name: str, reader: Reader[T], *, paused: threading.Event, on_item: Callable[[T], None]) -> None:
        self._name = name
        self._reader = reader
        self._paused = paused
        self._on_item = on_item
        self._stop = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._sign_at_s = time.monotonic()
        self._first_at_s: float | None = None
        self.delivering: asyncio.Future[None] = self._loop.create_future()
        self.ended: asyncio.Future[SourceError] = self._loop.create_future()

    @property
    def silent_for_s(self) -> float:
        """Time since the last item, or since the start."""
        return time.monotonic() - self._sign_at_s

    @property
    def delivered_for_s(self) -> float:
        """Time between the first and the last item."""
        return 0.0 if self._first_at_s is None else self._sign_at_s - self._first_at_s

    def start(self) -> None:
        """Start the thread; `delivering` is set by the first item, `ended` when everything is closed."""
        self._sign_at_s = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end. No item is handed on once `ended` is set."""
        self._stop.set()

    async def news(self, *, timeout_s: float) -> None:
        """Wait until `delivering` or `ended` changes, or the time is over."""
        news: list[asyncio.Future[Any]] = [self.ended]
        if not self.delivering.done():
            news.append(self.delivering)
        await asyncio.wait(news, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)

    def _run(self) -> None:
        try:
            self._read()
            error = SourceError(f"{self._name} was closed.")
        except SourceError as lost:
            error = lost
        except Exception as bug:
            log.exception("%s failed unexpectedly", self._name)
            error = SourceError(f"{self._name} failed: {type(bug).__name__}: {bug}.")
        finally:
            self._reader.close()
        self._tell(lambda: self.ended.set_result(error))

    def _read(self) -> None:
        self._reader.open()
        while not self._stop.is_set():
            if not self._pass_on():
                continue
            self._sign_at_s = time.monotonic()
            if self._first_at_s is None:
                self._first_at_s = self._sign_at_s
                self._tell(lambda: self.delivering.set_result(None))

    def _pass_on(self) -> bool:
        if self._paused.is_set():
            return self._reader.skip()
        item = self._reader.read()
        if item is None:
            return False
        if not self._stop.is_set() and not self._paused.is_set():
            self._on_item(item)
        return True

    def _tell(self, news: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(news)
        except RuntimeError:  # the loop is closed: nobody is left to be told
            log.debug("%s ended after its event loop", self._name)
