"""The worker's side: one thread makes pictures, one listens to the supervisor, one prepares effects when asked."""

from __future__ import annotations

import logging
import os
import threading
from typing import NoReturn

from eyeline.config.errors import EyelineError
from eyeline.processing.memory import give_freed_memory_back
from eyeline.processing.picture import Picture
from eyeline.processing.worker.labelled import LabelledPicture
from eyeline.processing.worker.maker import OpenPicture
from eyeline.processing.worker.messages import (
    MAX_TROUBLE_CHARS,
    FrameAnswer,
    FromWorker,
    Ping,
    Pong,
    Prepare,
    Prepared,
    Unable,
    WorkerEnds,
    as_eyeline_error,
)
from eyeline.processing.worker.rings import ProcessedRing, RawRing
from eyeline.processing.worker.surroundings import settle_in

log = logging.getLogger(__name__)


def run(open_picture: OpenPicture, ends: WorkerEnds) -> NoReturn:
    """The whole life of a worker; ends the process when the supervisor is gone."""
    lips = _Lips(ends)
    settle_in(ends, lips.say)
    try:
        picture = open_picture()
        raw, processed = RawRing.attach(ends.raw), ProcessedRing.attach(ends.processed)
    except Exception as error:
        log.debug("the worker cannot begin", exc_info=True)
        lips.say(Unable(as_eyeline_error(error)))
        _end()
    labelled = LabelledPicture(picture)
    _Listener(ends, picture, labelled, lips).start()
    _FrameLoop(ends, raw, processed, labelled).run()


def _end() -> NoReturn:
    """At once: there is nothing to save, and whatever hangs must not keep the process."""
    os._exit(0)


class _Lips:
    """The control pipe outwards, for several threads."""

    def __init__(self, ends: WorkerEnds) -> None:
        self._control = ends.control
        self._lock = threading.Lock()

    def say(self, message: FromWorker) -> None:
        try:
            with self._lock:
                self._control.send(message)
        except OSError:
            _end()


class _Listener:
    """Answers pings whatever the frame in hand does, and has effects prepared beside it."""

    def __init__(self, ends: WorkerEnds, picture: Picture, labelled: LabelledPicture, lips: _Lips) -> None:
        self._control = ends.control
        self._picture = picture
        self._labelled = labelled
        self._lips = lips

    def start(self) -> None:
        threading.Thread(target=self._listen, name="control", daemon=True).start()

    def _listen(self) -> None:
        self._lips.say(Pong())
        while True:
            try:
                order: Prepare | Ping = self._control.recv()
            except (EOFError, OSError):
                _end()
            match order:
                case Ping():
                    self._lips.say(Pong())
                case Prepare():
                    threading.Thread(target=self._prepare, args=(order,), name="effects", daemon=True).start()

    def _prepare(self, order: Prepare) -> None:
        try:
            ready = self._picture.restore(order.effects) if order.restoring else self._picture.prepare(order.effects)
            self._labelled.apply(ready, order.generation)
        except Exception as error:
            log.debug("the effects cannot be prepared", exc_info=True)
            self._lips.say(Prepared(order.generation, as_eyeline_error(error)))
        else:
            self._lips.say(Prepared(order.generation, None))
            give_freed_memory_back()  # drawing or decoding a background takes more than it leaves


class _FrameLoop:
    """One picture for each wake-up, of the newest frame."""

    def __init__(self, ends: WorkerEnds, raw: RawRing, processed: ProcessedRing, labelled: LabelledPicture) -> None:
        self._frames = ends.frames
        self._raw = raw
        self._processed = processed
        self._labelled = labelled
        self._newest = 0

    def run(self) -> NoReturn:
        while True:
            try:
                self._frames.recv_bytes()
                answer = self._answer()
                self._frames.send(answer)
            except (EOFError, OSError):
                _end()

    def _answer(self) -> FrameAnswer:
        taken = self._raw.read_newest(self._newest)
        if taken is None:
            return self._said(0, made=False)
        self._newest = taken.number
        try:
            made = self._labelled.process(taken.frame)
            if made is not None:
                processed, generation = made
                self._processed.write(taken.number, generation, processed)
        except Exception as error:
            log.debug("a frame failed", exc_info=True)
            return self._said(taken.number, made=False, error=as_eyeline_error(error))
        return self._said(taken.number, made=made is not None)

    def _said(self, number: int, *, made: bool, error: EyelineError | None = None) -> FrameAnswer:
        trouble = self._labelled.trouble[:MAX_TROUBLE_CHARS]
        return FrameAnswer(number, made, error, self._labelled.times, self._labelled.status, trouble)
