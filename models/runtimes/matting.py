"""A person's own weights of Fast Deep Matting as a `Runtime`. Imports torch when asked for them, and not before."""

from __future__ import annotations

from pathlib import Path

from eyeline.models.runtimes.base import Runtime
from eyeline.models.runtimes.choice import CPU, require_torch


def load_mask_model(path: Path, device: str = CPU, *, feathered: bool = True) -> Runtime:
    """The network with the weights of a file: takes RGB in [0, 1] of 256x256, as `(1, 256, 256, 3)`.

    Args:
        path: Of the parameters, as `torch.save` writes them.
        device: Where torch is to run it.
        feathered: Whether the feathering block has the last word; without it, the network is as Streamix uses it.

    Raises:
        RuntimeMissingError: torch is not installed.
        MaskModelError: The file is missing, is something else, or its numbers do not fit.
        InferenceError: There is no such device.
    """
    require_torch("A mask model")
    from eyeline.models.nets.matting_weights import load_matting_runtime

    return load_matting_runtime(path, device, feathered=feathered)
