"""The person's mask, ready to run: weights from the store, fetched at first use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eyeline.config.schema import ModelsSettings, Settings
from eyeline.models.progress import ReportProgress, no_progress
from eyeline.models.registry import SELFIE_SEGMENTATION, SELFIE_SEGMENTATION_LANDSCAPE
from eyeline.models.runtimes import load_runtime
from eyeline.models.store import ModelStore
from eyeline.processing.mask import PersonMask
from eyeline.processing.tiers import Tier
from eyeline.processing.worker.spec import PictureSpec


@dataclass(frozen=True, slots=True)
class MaskWeights:
    """Files of the two nets that find a person."""

    finder: Path
    closeup: Path


def fetch_weights(settings: ModelsSettings, report: ReportProgress = no_progress) -> MaskWeights:
    """Have the weights at hand, fetching what is missing. Blocks.

    Args:
        settings: Where weights are kept and whether the network may be used.
        report: Told how far a download is.

    Raises:
        ModelError: The weights cannot be had.
    """
    names = [SELFIE_SEGMENTATION_LANDSCAPE.name, SELFIE_SEGMENTATION.name]
    finder, closeup = ModelStore.configured(settings).fetch(names, report)
    return MaskWeights(finder, closeup)


def picture_spec(settings: Settings) -> PictureSpec:
    """The recipe of the picture. It fetches nothing: see `fetch_weights`."""
    tier = None if settings.video.tier == "auto" else Tier(settings.video.tier)
    return PictureSpec(ModelStore.configured(settings.models).directory, settings.backgrounds.directory, tier)


def mask_opener(settings: ModelsSettings, report: ReportProgress = no_progress) -> Callable[[], PersonMask]:
    """What `Picture` calls when effects first need the nets. The call blocks, and fetches what is missing."""

    def opened() -> PersonMask:
        weights = fetch_weights(settings, report)
        return PersonMask(load_runtime(weights.finder), load_runtime(weights.closeup))

    return opened
