"""Devices of torch. Imports it."""

from __future__ import annotations

import torch

from eyeline.models.errors import InferenceError
from eyeline.models.runtimes.base import one_line


def torch_device(name: str) -> torch.device:
    """A device that can be computed on, tried out.

    On a CPU, torch is held to one thread from now on, in this whole process: the other cores are the encoder's. On
    CUDA, convolutions are held to 24 bits: the 11 of TF32 would give other masks than the published network.

    Raises:
        InferenceError: There is none of that name here.
    """
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).add_(1).cpu()
    except (RuntimeError, AssertionError, NotImplementedError) as error:  # torch says it in each of these ways
        raise InferenceError(
            f"torch cannot use {name} here: {one_line(error)}.", hint="Set video.device to cpu, or see to the driver."
        ) from error
    if device.type == "cpu":
        torch.set_num_threads(1)
    elif device.type == "cuda":
        torch.backends.cudnn.allow_tf32 = False
    return device
