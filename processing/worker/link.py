"""One worker from its start to its end: its process, its two rings and its pipes. The next worker gets new ones.

Nothing here waits for the worker. At most one wake-up, one order and one ping are on their way to it, and each is
smaller than any pipe, so that writing to a worker that hangs returns at once.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing.connection
import os
import pickle
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

import psutil

from eyeline.processing.byte_ring import RingError
from eyeline.processing.frame import CapturedFrame
from eyeline.processing.worker import child
from eyeline.processing.worker.launch import start, worker_context
from eyeline.processing.worker.limits import Patience
from eyeline.processing.worker.maker import OpenPicture
from eyeline.processing.worker.messages import WAKE, FrameAnswer, FromWorker, LogLine, Ping, Prepare, WorkerEnds
from eyeline.processing.worker.rings import MadePicture, ProcessedRing, RawRing

log = logging.getLogger(__name__)

# The machine has no more to give, or the recipe cannot be pickled.
_CANNOT_START = (OSError, EOFError, RingError, psutil.Error, pickle.PicklingError, AttributeError, TypeError)
_JOIN_TIMEOUT_S = 2.0
_READ_BYTES = 65536


class WorkerLostError(Exception):
    """The worker is no more, or is to be given up. The text says why, to follow "because"."""


class Link:
    """A context manager; leaving it kills the worker. `offer` and `answered` must not run at once, nor with `close`.

    Args:
        open_picture: For the worker.
        capacity_bytes: The largest frame.

    Raises:
        WorkerLostError: It cannot be started.
    """

    def __init__(self, open_picture: OpenPicture, capacity_bytes: int) -> None:
        self.frame_patience = Patience()
        self.offered = 0
        self.answered_number = 0
        self._unfinished_line = b""
        with ExitStack() as stack:
            try:
                self._raw = stack.enter_context(RawRing.create(capacity_bytes))
                self._processed = stack.enter_context(ProcessedRing.create(capacity_bytes))
                self._start(open_picture, stack)
            except _CANNOT_START as error:
                raise WorkerLostError(f"it cannot be started: {error}") from error
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def pid(self) -> int:
        """Of the worker."""
        return self._handle.pid

    @property
    def memory_mb(self) -> float:
        """Resident memory of the worker; 0 where it is gone."""
        try:
            return self._handle.memory_info().rss / 1e6
        except psutil.Error:
            return 0.0

    def offer(self, frame: CapturedFrame) -> None:
        """Leave a frame for the worker, and wake it unless it is busy.

        Raises:
            ValueError: The frame is too large.
        """
        self._raw.write(self.offered + 1, frame)
        self.offered += 1
        if not self.frame_patience.waits:
            self._wake()

    def answered(self, answer: FrameAnswer) -> None:
        """The worker is through with a frame; wake it for the next one if there is one."""
        self.frame_patience.end()
        self.answered_number = max(self.answered_number, answer.number)
        if self.offered > self.answered_number:
            self._wake()

    def made(self, answer: FrameAnswer) -> MadePicture | None:
        """The picture that the worker says it made; `None` where that is not what lies in the ring."""
        picture = self._processed.read_newest(after=answer.number - 1)
        return picture if picture is not None and picture.number == answer.number else None

    def tell(self, message: Prepare | Ping) -> None:
        """Give the worker an order."""
        with contextlib.suppress(OSError):  # it is gone, which `receive` tells
            self._control.send(message)

    def receive(self, also: Connection, timeout_s: float) -> list[FromWorker]:
        """What the worker says, after at most `timeout_s`; less when `also` can be read.

        Raises:
            WorkerLostError: It ended, or speaks nonsense.
        """
        sources = (self._frames, self._control, self._errors, self._process.sentinel, also)
        ready = multiprocessing.connection.wait(sources, timeout_s)
        messages: list[FromWorker] = []
        try:
            if self._errors in ready:
                messages += self._printed()
            messages += [pipe.recv() for pipe in (self._control, self._frames) if pipe in ready]
        except (OSError, EOFError):
            raise WorkerLostError(self._epitaph()) from None
        except Exception as error:
            raise WorkerLostError(f"it spoke nonsense ({type(error).__name__})") from error
        if not messages and self._process.sentinel in ready:
            raise WorkerLostError(self._epitaph())
        return messages

    def _start(self, open_picture: OpenPicture, stack: ExitStack) -> None:
        context = worker_context()
        self._frames, their_frames = context.Pipe()
        self._control, their_control = context.Pipe()
        self._errors, their_errors = context.Pipe(duplex=False)
        their_leash, leash = context.Pipe(duplex=False)
        for ours in (self._frames, self._control, self._errors, leash):
            stack.enter_context(ours)
        with their_frames, their_control, their_errors, their_leash:
            ends = WorkerEnds(
                frames=their_frames,
                control=their_control,
                errors=their_errors,
                leash=their_leash,
                raw=self._raw.address,
                processed=self._processed.address,
                log_level=logging.getLogger().getEffectiveLevel(),
            )
            process = context.Process(  # type: ignore[attr-defined]
                target=child.run, args=(open_picture, ends), name="picture-worker", daemon=True
            )
            start(process)
        self._process = process
        self._handle = psutil.Process(process.pid)
        stack.callback(self._end_process)

    def _wake(self) -> None:
        self.frame_patience.begin(time.monotonic())
        with contextlib.suppress(OSError):  # it is gone, which `receive` tells
            self._frames.send_bytes(WAKE)

    def _printed(self) -> Iterable[LogLine]:
        if sys.platform == "win32":
            return ()
        data = os.read(self._errors.fileno(), _READ_BYTES)
        if not data:
            raise EOFError
        *lines, unfinished = (self._unfinished_line + data).split(b"\n")
        self._unfinished_line = unfinished[-_READ_BYTES:]
        texts = (line.decode(errors="replace").strip() for line in lines)
        return [LogLine(logging.DEBUG, __name__, f"the worker wrote: {text}") for text in texts if text]

    def _epitaph(self) -> str:
        self._process.join(_JOIN_TIMEOUT_S)
        code = self._process.exitcode
        if code is None:
            return "it closed its pipes"
        if code < 0:
            named = -code in set(signal.Signals)
            return f"it was ended by {signal.Signals(-code).name if named else f'signal {-code}'}"
        return f"it ended by itself (exit code {code})"

    def _end_process(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            self._handle.kill()  # by psutil, which makes sure that the number is still this process's
        self._process.join(_JOIN_TIMEOUT_S)
        if self._process.is_alive():
            log.warning("the picture worker %d does not end and is left behind", self.pid)
        else:
            self._process.close()
