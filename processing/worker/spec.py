"""The picture's recipe, fit to be sent to another process."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from eyeline.models.registry import (
    FACE_DETECTION,
    FACE_LANDMARKS,
    IRIS_LANDMARKS,
    SELFIE_SEGMENTATION,
    SELFIE_SEGMENTATION_LANDSCAPE,
)
from eyeline.models.store import ModelStore
from eyeline.processing.beside import usable_cores
from eyeline.processing.gallery import Gallery
from eyeline.processing.gaze.correction import GazeCorrection
from eyeline.processing.gaze.face_nets import FaceNets
from eyeline.processing.gaze.face_tracker import FaceTracker
from eyeline.processing.gaze.warpers import DEFAULT_WARPER, WarperKind, open_warper
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
        kind: What is made; a class of its own to measure with.
        warper: What turns eyes.
    """

    weights: Path
    backgrounds: Path | None
    tier: Tier | None = None
    nets: NetsChoice = field(default_factory=NetsChoice)
    kind: type[Picture] = Picture
    warper: WarperKind = DEFAULT_WARPER

    def __call__(self) -> Picture:
        """Make the picture. Reads nothing yet."""
        gallery = Gallery(self.backgrounds)
        return self.kind(self._open_mask, gallery, tier=self.tier, open_gaze=self._open_gaze, beside=usable_cores() > 1)

    def _open_mask(self) -> PersonMask:
        store = ModelStore(self.weights, offline=True)
        finder, closeup = store.path(SELFIE_SEGMENTATION_LANDSCAPE.name), store.path(SELFIE_SEGMENTATION.name)
        return self.nets.open(finder, closeup)

    def _open_gaze(self) -> GazeCorrection:
        store = ModelStore(self.weights, offline=True)
        detector, mesh, iris = (store.path(net.name) for net in (FACE_DETECTION, FACE_LANDMARKS, IRIS_LANDMARKS))
        nets = FaceNets.load(detector, mesh, iris, self.nets.runtime)
        return GazeCorrection(FaceTracker(nets), open_warper(self.warper))
