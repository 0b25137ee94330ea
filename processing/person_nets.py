"""The nets that find a person, loaded as was asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from eyeline.models.runtimes import Runtime, RuntimeChoice, load_runtime
from eyeline.models.runtimes.matting import load_mask_model
from eyeline.processing.mask import PersonMask


@dataclass(frozen=True, slots=True)
class NetsChoice:
    """How they are run, and whether one of them is somebody's own; fit to be sent to another process.

    Args:
        runtime: What runs them.
        mask_model: Weights of Fast Deep Matting, which then takes the closer look instead of Eyeline's own net.
    """

    runtime: RuntimeChoice = field(default_factory=RuntimeChoice)
    mask_model: Path | None = None

    @property
    def needs_torch(self) -> bool:
        """Whether torch has to be imported, which takes seconds."""
        return self.mask_model is not None or self.runtime.wants_torch

    def closeup(self, path: Path) -> Runtime:
        """The net for the closer look; `path` is Eyeline's own.

        Raises:
            ModelError: It cannot be loaded.
        """
        if self.mask_model is not None:
            return load_mask_model(self.mask_model, self.runtime.device)
        return load_runtime(path, self.runtime)

    def open(self, finder: Path, closeup: Path) -> PersonMask:
        """Both nets, ready to find a person.

        Args:
            finder: Weights of the net that sees whole frames.
            closeup: Weights of the net that sees the person.

        Raises:
            ModelError: They cannot be loaded.
        """
        found = load_runtime(finder, self.runtime)
        try:
            return PersonMask(found, self.closeup(closeup))
        except Exception:
            found.close()
            raise
