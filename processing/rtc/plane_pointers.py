"""Where a picture lies in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlanePointers:
    """Where an I420 picture lies.

    Args:
        addresses: Of the first byte of Y, U and V.
        strides: Bytes from one row to the next.
    """

    addresses: Sequence[int]
    strides: Sequence[int]
