"""The picture's recipe, fit to be sent to another process."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from eyeline.models.registry import SELFIE_SEGMENTATION, SELFIE_SEGMENTATION_LANDSCAPE
from eyeline.models.store import ModelStore
from eyeline.processing.gallery import Gallery
from eyeline.processing.mask import PersonMask
from eyeline.processing.person_nets import NetsChoice
from eyeline.processing.picture import Picture
from eyeline.processing.tiers import Tier


@dataclass(frozen=True, slots=True)
class PictureSpec:
    """An `OpenPicture`. It fetches nothing: whoever asks for effects that need the net has the weights at hand first.

    Args:
        weights: The folder of weights.
        backgrounds: The gallery's folder; `None` for the user's own.
        tier: How much work masks are worth; `None` lets the time decide that frames take.
        nets: How the nets are run.
    """

    weights: Path
    backgrounds: Path | None
    tier: Tier | None = None
    nets: NetsChoice = field(default_factory=NetsChoice)

    def __call__(self) -> Picture:
        """Make the picture. Reads nothing yet."""
        return Picture(self._open_mask, Gallery(self.backgrounds), tier=self.tier)

    def _open_mask(self) -> PersonMask:
        store = ModelStore(self.weights, offline=True)
        finder, closeup = store.path(SELFIE_SEGMENTATION_LANDSCAPE.name), store.path(SELFIE_SEGMENTATION.name)
        return self.nets.open(finder, closeup)
