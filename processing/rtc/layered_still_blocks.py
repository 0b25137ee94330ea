"""Which parts stand still, for all layers of simulcast: found out in the tallest, which the others are made from."""

from __future__ import annotations

from collections.abc import Sequence

from eyeline.processing.rtc.plane_pointers import PlanePointers
from eyeline.processing.rtc.simulcast_layers import SizePx
from eyeline.processing.rtc.still_blocks import Blocks, StillBlocks, coarser


class LayeredStillBlocks:
    """Compares the pictures of the tallest layer. To do that for each layer costs the small ones more than it saves.

    Args:
        sizes: Lowest first, of at least one layer.

    Attributes:
        sizes: As given.
    """

    def __init__(self, sizes: tuple[SizePx, ...]) -> None:
        self.sizes = sizes
        self._still = StillBlocks(*sizes[-1])
        self._halvings = [_halvings(sizes[-1], size_px) for size_px in sizes]

    def moving(self, planes: PlanePointers) -> Sequence[Blocks | None]:
        """Which blocks of the next picture have to be encoded, layer by layer.

        Args:
            planes: Of the tallest layer.

        Returns:
            As `StillBlocks.moving`, lowest first; `None` also for a layer whose blocks cover no whole blocks of the
            tallest.
        """
        moving = self._still.moving(planes)
        return [None if moving is None or times is None else coarser(moving, times) for times in self._halvings]

    def begin_anew(self) -> None:
        """A keyframe was made, so every block wants to be refined."""
        self._still.begin_anew()


def _halvings(tall_px: SizePx, size_px: SizePx) -> int | None:
    """How often a size was halved to get another one; `None` where it was not."""
    for times in range(tall_px[0].bit_length()):
        if (size_px[0] << times, size_px[1] << times) == tall_px:
            return times
    return None
