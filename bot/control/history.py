"""What the picture was before, to go back to."""

from __future__ import annotations

from collections import deque

from eyeline.processing.effects import EffectState
from eyeline.processing.picture import shows_room

MAX_STEPS = 32


class EffectHistory:
    """The states that were left, newest last. Those that showed the room are not kept: no way back leads there."""

    def __init__(self) -> None:
        self._left: deque[EffectState] = deque(maxlen=MAX_STEPS)

    def left(self, effects: EffectState) -> None:
        """Note a state that was changed for another."""
        if not shows_room(effects):
            self._left.append(effects)

    def before(self, current: EffectState) -> EffectState | None:
        """The newest one that is different, or `None`."""
        return next((effects for effects in reversed(self._left) if effects != current), None)

    def went_back(self, effects: EffectState) -> None:
        """That one is on again: forget it and what came after it."""
        while self._left and self._left.pop() != effects:
            pass
