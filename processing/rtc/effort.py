"""How much time an encoder takes for a picture, in steps that every codec knows."""

from __future__ import annotations

from enum import IntEnum


class Effort(IntEnum):
    """From the best picture for its bits to the quickest one."""

    LEAST = 0
    LOW = 1
    MEDIUM = 2
    FULL = 3
