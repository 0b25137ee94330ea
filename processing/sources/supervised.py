"""Keeps a source alive: opens it, notices that it is lost, says why, tries again.

The event loop decides and waits; threads only read. At any time there is at most one thread: a source that hangs in a
driver is not tried again until the driver lets go of it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Generic, Self, TypeVar

from eyeline.processing.errors import SourceError
from eyeline.processing.sources.attempt import Attempt
from eyeline.processing.sources.reader import Reader
from eyeline.processing.sources.retry import DEFAULT_POLICY, Backoff, RetryPolicy
from eyeline.processing.sources.state import TRANSITIONS, SourcePhase, SourceState

log = logging.getLogger(__name__)

T = TypeVar("T")

_CHECK_INTERVAL_S = 0.25
_LEAVE_TIMEOUT_S = 1.5


class Supervised(Generic[T]):
    """One source over any number of attempts; an async context manager.

    Args:
        name: What it is called in errors and in the log; holds no secret.
        make_reader: Makes the reader of the next attempt; called in the event loop.
        on_item: Takes every item, in the source's thread.
        on_state: Takes every change of state, in the event loop.
        policy: Time limits.
    """

    def __init__(
        self,
        name: str,
        make_reader: Callable[[], Reader[T]],
        *,
        on_item: Callable[[T], None],
        on_state: Callable[[SourceState], None],
        policy: RetryPolicy = DEFAULT_POLICY,
    ) -> None:
        self._name = name
        self._make_reader = make_reader
        self._on_item = on_item
        self._on_state = on_state
        self._policy = policy
        self._paused = threading.Event()
        self._state: SourceState | None = None
        self._reason = ""
        self._attempt: Attempt[T] | None = None
        self._task: asyncio.Task[None] | None = None
        self._outcome: asyncio.Future[SourceError | None] | None = None

    async def __aenter__(self) -> Self:
        self._outcome = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._supervise(), name=self._name)
        self._task.add_done_callback(self._notice_bug)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._attempt is not None:
            self._attempt.stop()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        self._decide(SourceError(f"{self._name} was closed before it opened."))
        try:
            await self._thread_ended()
        finally:
            self._enter(SourceState(SourcePhase.STOPPED))

    @property
    def state(self) -> SourceState | None:
        """The newest state; `None` before the first one."""
        return self._state

    async def opened(self) -> None:
        """Wait until the first attempt has delivered its first item.

        Raises:
            SourceError: It failed; the source goes on trying.
        """
        if self._outcome is None:
            raise RuntimeError("opened() is for within the context")
        error = await asyncio.shield(self._outcome)
        if error is not None:
            raise error

    def pause(self) -> None:
        """Deliver nothing, with as little work as possible. The source stays open."""
        self._paused.set()

    def resume(self) -> None:
        """Deliver again."""
        self._paused.clear()

    async def _supervise(self) -> None:
        backoff = Backoff(self._policy)
        while True:
            self._enter(SourceState(SourcePhase.OPENING))
            attempt = Attempt(self._name, self._make_reader(), paused=self._paused, on_item=self._on_item)
            self._attempt = attempt
            error = await self._live(attempt)
            delay_s = backoff.next_s(attempt.delivered_for_s)
            self._lose(error, delay_s)
            await asyncio.gather(asyncio.wait({attempt.ended}), asyncio.sleep(delay_s))

    async def _live(self, attempt: Attempt[T]) -> SourceError:
        """Run one attempt until it is lost."""
        attempt.start()
        while not attempt.ended.done():
            if attempt.delivering.done():
                self._run()
            if error := self._hung(attempt):
                attempt.stop()
                return error
            await attempt.news(timeout_s=_CHECK_INTERVAL_S)
        return attempt.ended.result()

    def _hung(self, attempt: Attempt[T]) -> SourceError | None:
        if attempt.delivering.done():
            limit_s, what = self._policy.silence_timeout_s, "has delivered nothing for"
        else:
            limit_s, what = self._policy.open_timeout_s, "did not deliver anything within"
        if attempt.silent_for_s <= limit_s:
            return None
        return SourceError(f"{self._name} {what} {limit_s:.0f} s.", hint="Is it connected and switched on?")

    def _run(self) -> None:
        if self._state is not None and self._state.phase is SourcePhase.OPENING:
            log.info("%s delivers", self._name)
            self._reason = ""
            self._enter(SourceState(SourcePhase.RUNNING))
            self._decide(None)

    def _lose(self, error: SourceError, delay_s: float) -> None:
        known = self._reason == error.message
        log.log(logging.DEBUG if known else logging.WARNING, "%s Trying again in %.1f s.", error.message, delay_s)
        self._reason = error.message
        self._enter(SourceState(SourcePhase.LOST, error, delay_s))
        self._decide(error)

    def _decide(self, error: SourceError | None) -> None:
        if self._outcome is not None and not self._outcome.done():
            self._outcome.set_result(error)

    def _notice_bug(self, task: asyncio.Task[None]) -> None:
        """Supervision ends by cancellation alone; anything else is a bug, of ours or of `on_state`."""
        if not task.cancelled() and (bug := task.exception()) is not None:
            log.error("%s is no longer supervised", self._name, exc_info=bug)
            self._decide(SourceError(f"{self._name} failed: {type(bug).__name__}: {bug}."))

    async def _thread_ended(self) -> None:
        if self._attempt is None:
            return
        _, hung = await asyncio.wait({self._attempt.ended}, timeout=_LEAVE_TIMEOUT_S)
        if hung:
            log.warning("%s did not close within %.1f s and is left behind", self._name, _LEAVE_TIMEOUT_S)

    def _enter(self, state: SourceState) -> None:
        before = self._state.phase if self._state else None
        if state.phase not in TRANSITIONS[before]:
            raise RuntimeError(f"a source cannot go from {before} to {state.phase}")
        self._state = state
        self._on_state(state)
