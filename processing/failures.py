"""Frames that fail one after the other: told once, not thirty times a second."""

from __future__ import annotations

import logging
from collections.abc import Callable

log = logging.getLogger(__name__)

_COMPLAIN_EVERY = 100


class FailureRow:
    """Counts failures in a row.

    Args:
        on_failure: Told of the first of a row, and then of every hundredth.
    """

    def __init__(self, on_failure: Callable[[Exception], None]) -> None:
        self._on_failure = on_failure
        self._length = 0

    def failed(self, error: Exception) -> None:
        """One more frame failed."""
        if self._length % _COMPLAIN_EVERY == 0:
            log.error("a frame could not be processed and is not shown: %s: %s", type(error).__name__, error)
            log.debug("the failure in full", exc_info=error)
            self._on_failure(error)
        self._length += 1

    def worked(self) -> None:
        """A frame was processed: the row is over."""
        if self._length:
            log.info("the picture works again after %d failed frames", self._length)
        self._length = 0
