"""Telling once that a background has trouble, and once that it is well again, whoever makes the pictures."""

from __future__ import annotations

import re
from collections.abc import Callable

_NUMBERS = re.compile(r"[0-9]+")


class TroubleWatch:
    """Used by one thread; the trouble may be read from any.

    Args:
        on_trouble: Told of each new reason, and of its end by an empty one. A reason in which only numbers have changed
            is not new.
    """

    def __init__(self, on_trouble: Callable[[str], None]) -> None:
        self._on_trouble = on_trouble
        self.trouble = ""

    def saw(self, trouble: str) -> None:
        """Take the trouble after a frame; empty for none."""
        before, self.trouble = self.trouble, trouble
        if _NUMBERS.sub("", trouble) != _NUMBERS.sub("", before):
            self._on_trouble(trouble)
