"""Weights that are part of the package."""

from __future__ import annotations

from pathlib import Path

import eyeline.models
from eyeline.models import files
from eyeline.models.errors import DamagedModelError, MissingModelError
from eyeline.models.registry import ShippedModel

_HINT = "Install Eyeline again."


def shipped_file(entry: ShippedModel) -> Path:
    """The file of the weights, checked at this moment.

    Raises:
        MissingModelError: The installation lacks it.
        DamagedModelError: It is not the registered file.
        StorageError: It cannot be read.
    """
    file = Path(eyeline.models.__file__).parent / entry.file_name
    with files.storage_errors(file.parent):
        try:
            digest = files.sha256_of(file)
        except FileNotFoundError:
            raise MissingModelError(f"{file} is missing.", hint=_HINT) from None
    if digest != entry.sha256:
        raise DamagedModelError(f"{file} is not the registered file of {entry.name} (wrong SHA-256).", hint=_HINT)
    return file
