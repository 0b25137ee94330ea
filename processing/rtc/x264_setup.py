"""What x264 is opened with, whichever way it is reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FPS: Final = 30
TUNE: Final = "zerolatency"
PROFILE: Final = "baseline"
# by x264's own names
SETTINGS: Final = {
    "threads": "1",
    "sliced-threads": "0",
    "keyint": "infinite",
    "scenecut": "0",
    "aq-mode": "0",
    "repeat-headers": "1",
    "bframes": "0",
}
_LEVEL_3_1_MACROBLOCKS: Final = 3600


@dataclass(frozen=True, slots=True)
class X264Setup:
    """One stream of one size.

    x264 follows a rate that is assigned later only when it was opened with maximum and target alike, and never above
    that. So it is opened with the highest rate there can be. It also takes all frames to be 1/30 s apart: told of other
    times it would hold one frame back.

    Args:
        width_px: Of all its pictures.
        height_px: Of all its pictures.
        preset: How much time it takes.
        highest_bps: No rate that is assigned is above it.
        buffer_bits: By how much the sizes of pictures may differ from the rate.
    """

    width_px: int
    height_px: int
    preset: str
    highest_bps: int
    buffer_bits: int

    @property
    def level(self) -> str:
        """Of H.264 (table A-1), for pictures of this size."""
        macroblocks = -(-self.width_px // 16) * -(-self.height_px // 16)
        return "3.1" if macroblocks <= _LEVEL_3_1_MACROBLOCKS else "4.0"
