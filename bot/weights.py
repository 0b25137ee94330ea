"""The person's mask, ready to run: weights from the store, fetched at first use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from eyeline.config.schema import ModelsSettings
from eyeline.models.progress import ReportProgress, no_progress
from eyeline.models.registry import SELFIE_SEGMENTATION_LANDSCAPE
from eyeline.models.runtimes import load_runtime
from eyeline.models.store import ModelStore
from eyeline.processing.mask import PersonMask


def fetch_weights(settings: ModelsSettings, report: ReportProgress = no_progress) -> Path:
    """Have the weights at hand, fetching what is missing. Blocks.

    Args:
        settings: Where weights are kept and whether the network may be used.
        report: Told how far a download is.

    Raises:
        ModelError: The weights cannot be had.
    """
    [path] = ModelStore.configured(settings).fetch([SELFIE_SEGMENTATION_LANDSCAPE.name], report)
    return path


def mask_opener(settings: ModelsSettings, report: ReportProgress = no_progress) -> Callable[[], PersonMask]:
    """What `Picture` calls when effects first need the net. The call blocks, and fetches what is missing."""
    return lambda: PersonMask(load_runtime(fetch_weights(settings, report)))
