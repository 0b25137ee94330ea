"""The picture in a process of its own, watched over by one thread of this one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import wait
from types import TracebackType
from typing import Self

from eyeline.processing.effects import EffectState
from eyeline.processing.errors import PictureError
from eyeline.processing.failures import FailureRow
from eyeline.processing.frame import CapturedFrame, ProcessedFrame
from eyeline.processing.gaze.status import GazeStatus
from eyeline.processing.picture_status import PictureStatus
from eyeline.processing.stage_times import StageTimes
from eyeline.processing.tiers import TierChange
from eyeline.processing.worker.desk import EffectsDesk
from eyeline.processing.worker.limits import RestartDelays, WorkerLimits
from eyeline.processing.worker.link import Link, WorkerLostError
from eyeline.processing.worker.maker import OpenPicture
from eyeline.processing.worker.messages import FrameAnswer, FromWorker, LogLine, Pong, Prepared, Unable
from eyeline.processing.worker.nudge import Nudge
from eyeline.processing.worker.state import TRANSITIONS, WorkerState
from eyeline.processing.worker.tier_watch import TierWatch
from eyeline.processing.worker.trouble_watch import TroubleWatch
from eyeline.processing.worker.watch import EffectsTooSlowError, Watch

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.1
_STOP_TIMEOUT_S = 10.0
_ASK_TIMEOUT_S = 60.0


class PictureProcess:
    """A `PictureMaker` whose picture may hang, crash, be killed or eat all memory: it is started anew.

    A picture is shown only if it was made with the newest effects that the worker has confirmed. A new worker first
    gets the same effects again.

    Args:
        open_picture: Makes the picture, in the worker: importable, and able to be pickled.
        max_size_px: Width and height of which the product is the most that a frame has.
        on_picture: Takes every picture, in the supervisor's thread; must not block.
        on_failure: Told of the first failure of a row of frames, in any thread.
        on_restart: Told why, in the supervisor's thread.
        on_tier: Told, in that thread, of each change of how much work masks are worth.
        on_trouble: Told, in that thread, why the background is not as it should be; empty when it is again.
        on_gaze: Told, in that thread, when the gaze correction begins or ends, and why.
        limits: When a worker is given up.
    """

    def __init__(
        self,
        open_picture: OpenPicture,
        *,
        max_size_px: tuple[int, int],
        on_picture: Callable[[ProcessedFrame], None],
        on_failure: Callable[[Exception], None] = lambda _: None,
        on_restart: Callable[[str], None] = lambda _: None,
        on_tier: Callable[[TierChange], None] = lambda _: None,
        on_trouble: Callable[[str], None] = lambda _: None,
        on_gaze: Callable[[GazeStatus], None] = lambda _: None,
        limits: WorkerLimits | None = None,
    ) -> None:
        self._open_picture = open_picture
        self._capacity_bytes = max_size_px[0] * max_size_px[1] * 3 // 2
        self._on_picture = on_picture
        self._failures = FailureRow(on_failure)
        self._on_restart = on_restart
        self._trouble_watch = TroubleWatch(on_trouble)
        self._tier_watch = TierWatch(on_tier, on_gaze)
        self._limits = limits or WorkerLimits()
        self._desk = EffectsDesk()
        self._asking = threading.Lock()
        self._lock = threading.Lock()
        self._link: Link | None = None
        self._generation: int | None = None
        self._state = WorkerState.STARTING
        self._running_since_s: float | None = None
        self._paused = threading.Event()
        self._closing = threading.Event()
        self._nudge = Nudge()
        self._thread = threading.Thread(target=self._run, name="picture-supervisor", daemon=True)
        self._times = StageTimes()
        self.processed = 0
        self.dropped = 0
        self.restarts = 0

    def __enter__(self) -> Self:
        """Begin to start the worker; does not wait for it."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """See `PictureMaker.close`."""
        self._closing.set()
        self._nudge.wake()
        if self._thread.ident is not None:
            self._thread.join(_STOP_TIMEOUT_S)
        if self._thread.is_alive():
            log.warning("the picture's supervisor did not stop within %.0f s and was left behind", _STOP_TIMEOUT_S)

    @property
    def effects(self) -> EffectState | None:
        """See `PictureMaker.effects`."""
        return self._desk.confirmed

    @property
    def trouble(self) -> str:
        """See `PictureMaker.trouble`."""
        return self._trouble_watch.trouble

    @property
    def times(self) -> StageTimes:
        """See `PictureMaker.times`."""
        return self._times

    @property
    def status(self) -> PictureStatus:
        """See `PictureMaker.status`."""
        return self._tier_watch.status

    @property
    def state(self) -> WorkerState:
        """Where the worker is."""
        return self._state

    @property
    def pid(self) -> int | None:
        """Of the worker; `None` where there is none at this moment."""
        with self._lock:
            return self._link.pid if self._link else None

    def offer(self, frame: CapturedFrame) -> None:
        """See `PictureMaker.offer`."""
        if self._paused.is_set():
            return
        try:
            with self._lock:
                if self._link is None or self._generation is None:
                    self.dropped += 1
                else:
                    self._link.offer(frame)
        except ValueError as error:
            self._failures.failed(PictureError(f"The frame is too large: {error}."))

    def pause(self, paused: bool) -> None:
        """See `PictureMaker.pause`."""
        if paused:
            self._paused.set()
        else:
            self._paused.clear()

    def set_effects(self, effects: EffectState) -> None:
        """See `PictureMaker.set_effects`. Survives one restart of the worker."""
        with self._asking:
            done = self._desk.ask(effects)
            self._nudge.wake()
            wait({done}, _ASK_TIMEOUT_S)
            if not done.done():
                self._desk.fail("nobody answers")
            done.result()

    def _run(self) -> None:
        delays = RestartDelays(self._limits)
        try:
            while not self._closing.is_set():
                self._running_since_s = None
                reason = self._one_life()
                if not self._closing.is_set():
                    self._rest(reason, delays.next_s(self._lived_s()))
        except Exception:
            log.exception("the picture is no longer supervised")
        finally:
            self._enter(WorkerState.STOPPED)
            self._desk.close()
            self._nudge.close()

    def _lived_s(self) -> float:
        return time.monotonic() - self._running_since_s if self._running_since_s is not None else 0.0

    def _rest(self, reason: str, delay_s: float) -> None:
        self._enter(WorkerState.RESTARTING)
        self.restarts += 1
        log.debug("the picture worker is started anew in %.2f s, because %s", delay_s, reason)
        self._on_restart(reason)
        until_s = time.monotonic() + delay_s
        while (left_s := until_s - time.monotonic()) > 0 and not self._closing.is_set() and not self._desk.is_asked:
            self._nudge.wait(left_s)
        if not self._closing.is_set():
            self._enter(WorkerState.STARTING)

    def _one_life(self) -> str:
        """Start a worker and serve it to its end.

        Returns:
            Why it ended.
        """
        try:
            with Link(self._open_picture, self._capacity_bytes) as link:
                try:
                    with self._lock:
                        self._link = link
                    self._serve(link)
                finally:
                    with self._lock:
                        self._link, self._generation = None, None
                        self.dropped += link.offered - link.answered_number
        except WorkerLostError as error:
            self._desk.lose(str(error))
            return str(error)
        return "it was closed"

    def _serve(self, link: Link) -> None:
        """Follow one worker until it is lost or the picture is closed."""
        watch = Watch(link, self._limits)
        while not self._closing.is_set():
            order = self._desk.next_order(restored=self._generation is not None)
            if order is not None:
                watch.preparing.begin(time.monotonic())
                link.tell(order)
            for message in link.receive(self._nudge.connection, _LOOK_EVERY_S):
                self._take(message, link, watch)
            self._nudge.clear()
            try:
                watch.look(self._times.total_ms / 1e3)
            except EffectsTooSlowError as error:
                self._desk.fail(str(error))
                raise

    def _take(self, message: FromWorker, link: Link, watch: Watch) -> None:
        match message:
            case FrameAnswer():
                self._take_answer(message, link)
            case Prepared():
                watch.preparing.end()
                self._take_effects(message)
            case Pong():
                watch.take_sign()
            case LogLine(level, logger, text):
                logging.getLogger(logger).log(level, "%s", text)
            case Unable(error):
                raise WorkerLostError(f"it cannot begin: {error}")

    def _take_answer(self, answer: FrameAnswer, link: Link) -> None:
        made = link.made(answer) if answer.made else None
        with self._lock:
            before = link.answered_number
            link.answered(answer)
            self.dropped += max(0, answer.number - before - 1)
        if answer.error is not None:
            self._failures.failed(answer.error)
        elif made is not None and made.generation == self._generation:
            self._failures.worked()
            self._times = answer.times
            self._tier_watch.saw(answer.status)
            self._trouble_watch.saw(answer.trouble)
            self.processed += 1
            self._on_picture(made.frame)

    def _take_effects(self, answer: Prepared) -> None:
        if answer.error is None:
            self._generation = answer.generation
            if self._state is WorkerState.STARTING:
                self._running_since_s = time.monotonic()
                self._enter(WorkerState.RUNNING)
        can_go_on = self._desk.settle(answer)
        if not can_go_on:
            if answer.error is not None:
                self._failures.failed(answer.error)
            raise WorkerLostError(f"its effects cannot be had: {answer.error or 'nobody waits for them any more'}")

    def _enter(self, state: WorkerState) -> None:
        if state not in TRANSITIONS[self._state]:
            raise RuntimeError(f"a worker cannot go from {self._state} to {state}")
        self._state = state
