"""Whether the networks' weights are here, and are what they should be."""

from __future__ import annotations

from collections.abc import Iterator

from eyeline.bot.doctor.diagnosis import Diagnosis, Patient, bad, ok, warn
from eyeline.models.registry import MODELS, SELFIE_SEGMENTATION, SELFIE_SEGMENTATION_LANDSCAPE, ModelEntry
from eyeline.models.store import ModelStatus, ModelStore

NEEDED = (SELFIE_SEGMENTATION_LANDSCAPE, SELFIE_SEGMENTATION)
_FETCH = "Run: eyeline models fetch"


def check_weights(patient: Patient) -> Iterator[Diagnosis]:
    """Each file, by its SHA-256."""
    store = ModelStore.configured(patient.settings.models)
    for entry in MODELS.values():
        yield _weights(store, entry)


def weights_are_ready(patient: Patient) -> bool:
    """Whether everything is here that a picture needs."""
    store = ModelStore.configured(patient.settings.models)
    return all(store.status(entry.name) is ModelStatus.READY for entry in NEEDED)


def _weights(store: ModelStore, entry: ModelEntry) -> Diagnosis:
    match store.status(entry.name):
        case ModelStatus.READY:
            return ok(entry.name, f"Verified by SHA-256, in {store.directory}.")
        case ModelStatus.DAMAGED:
            return bad(entry.name, f"{store.directory / entry.file_name} is not what it should be.", _FETCH)
        case ModelStatus.MISSING if store.offline and entry in NEEDED:
            return bad(entry.name, f"Not in {store.directory}, and models.offline forbids to fetch it.", _FETCH)
        case ModelStatus.MISSING:
            return warn(entry.name, f"Not in {store.directory}; it is fetched when it is first needed.", _FETCH)
