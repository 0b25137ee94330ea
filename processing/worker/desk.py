"""Which effects the worker is to have: what was confirmed, what is asked for, and what it is preparing."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass

from eyeline.processing.effects import EffectState
from eyeline.processing.errors import PictureError
from eyeline.processing.worker.messages import Prepare, Prepared

_TRIES = 3


@dataclass(slots=True)
class _Request:
    effects: EffectState
    done: Future[None]
    tries: int = 0


class EffectsDesk:
    """At most one order is with the worker. Every method may be called from any thread.

    Each order has a number of its own, the generation, also one that only repeats what a dead worker had.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._confirmed: EffectState | None = None
        self._request: _Request | None = None
        self._generation = 0
        self._ordered: _Request | EffectState | None = None
        self._closed = False

    @property
    def confirmed(self) -> EffectState | None:
        """What a worker has applied, and the next one is to apply again."""
        return self._confirmed

    @property
    def is_asked(self) -> bool:
        """Whether effects are asked for that no worker has tried yet."""
        request = self._request
        return request is not None and request.tries == 0

    def ask(self, effects: EffectState) -> Future[None]:
        """Ask for effects; the future tells when they are applied, or why they cannot be. One at a time."""
        with self._lock:
            request = _Request(effects, Future())
            if self._closed:
                request.done.set_exception(_closed())
            else:
                self._request = request
            return request.done

    def next_order(self, *, restored: bool) -> Prepare | None:
        """What to tell the worker now; `None` while it has an order, or where there is nothing to do.

        Args:
            restored: Whether this worker has applied what was confirmed.
        """
        with self._lock:
            if self._ordered is not None:
                return None
            if self._request is not None:
                self._ordered, effects = self._request, self._request.effects
            elif self._confirmed is not None and not restored:
                self._ordered = effects = self._confirmed
            else:
                return None
            self._generation += 1
            return Prepare(self._generation, effects, restoring=effects is self._ordered)

    def settle(self, answer: Prepared) -> bool:
        """The worker has answered.

        Returns:
            Whether it can go on. It cannot without what was confirmed before, nor with what nobody waits for any more.
        """
        with self._lock:
            ordered, self._ordered = self._ordered, None
            if isinstance(ordered, _Request):
                if ordered is not self._request:
                    return False
                self._request = None
                if answer.error is None:
                    self._confirmed = ordered.effects
                    ordered.done.set_result(None)
                else:
                    ordered.done.set_exception(answer.error)
                return True
            return answer.error is None

    def lose(self, reason: str) -> None:
        """There is no worker any more, or none could be started. What is asked for is tried again, but not for ever."""
        with self._lock:
            self._ordered = None
            if self._request is not None:
                self._request.tries += 1
                if self._request.tries == _TRIES:
                    self._give_up(PictureError(f"The effects could not be prepared: {reason}."))

    def fail(self, reason: str) -> None:
        """What is asked for is not to be tried again."""
        with self._lock:
            if self._request is not None:
                self._give_up(PictureError(f"The effects could not be prepared: {reason}."))

    def close(self) -> None:
        """Nothing is prepared any more."""
        with self._lock:
            self._closed = True
            if self._request is not None:
                self._give_up(_closed())

    def _give_up(self, error: PictureError) -> None:
        request, self._request = self._request, None
        if request is not None:
            request.done.set_exception(error)


def _closed() -> PictureError:
    return PictureError("The picture was closed.")
