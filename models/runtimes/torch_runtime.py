"""Networks by torch: the fallback on a CPU, and the way to a GPU. Imports torch."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from eyeline.models.errors import InferenceError
from eyeline.models.nets.graph_net import load_graph_net
from eyeline.models.runtimes.base import CheckedRuntime, Tensor
from eyeline.models.runtimes.devices import torch_device

_HINT = "Set video.runtime to litert."


class TorchRuntime(CheckedRuntime):
    """A `Runtime` over a module.

    Args:
        name: For errors.
        module: Takes and gives one image, NHWC.
        input_shape: NHWC.
        device: Where it runs. On a CPU the module is traced and frozen: that takes a third of the time. (TorchScript
            is deprecated in torch 2.15, but the fastest way on a CPU that needs no compiler on the user's machine.)

    Raises:
        InferenceError: There is no such device.
    """

    def __init__(self, name: str, module: nn.Module, input_shape: tuple[int, ...], device: str = "cpu") -> None:
        super().__init__(name, input_shape, _HINT)
        self._device = torch_device(device)
        self._module: Any = module.eval().to(self._device).to(memory_format=torch.channels_last)
        if self._device.type == "cpu":
            self._module = _frozen(self._module, input_shape)

    def _infer(self, tensor: Tensor) -> Tensor:
        with torch.inference_mode():
            result = self._module(torch.from_numpy(np.ascontiguousarray(tensor)).to(self._device))
            return np.asarray(result.cpu().numpy(), np.float32)

    def _free(self) -> None:
        self._module = None


class ImageNet(nn.Module):
    """A net of one image in and one out, laid out as NHWC on both sides.

    Args:
        net: Takes NCHW, gives a tuple of one image as NCHW.
    """

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Run it."""
        result: torch.Tensor = self.net(image.permute(0, 3, 1, 2))[0]
        return result.permute(0, 2, 3, 1)


def load_image_net(path: Path) -> tuple[ImageNet, tuple[int, ...]]:
    """A net read from a `.tflite`, and the shape that it takes, NHWC.

    Raises:
        InferenceError: The file is no network of one image in and one out, or holds what is not known here.
    """
    net = load_graph_net(path)
    if len(net.output_shapes) != 1 or len(net.output_shapes[0]) != 4:
        raise InferenceError(f"{path.name} must have one image as output, but has: {net.output_shapes}.")
    return ImageNet(net), net.input_shape


class JoinedNet(nn.Module):
    """A net of one image in and several outputs, which come in a row, largest first, each laid out as NHWC.

    Args:
        net: Takes NCHW, gives a tuple.
    """

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Run it."""
        outputs = self.net(image.permute(0, 3, 1, 2))
        rows = [(each.permute(0, 2, 3, 1) if each.dim() == 4 else each).reshape(1, -1) for each in outputs]
        return torch.cat(sorted(rows, key=lambda row: -row.shape[1]), dim=1)


def load_net(path: Path) -> tuple[nn.Module, tuple[int, ...]]:
    """A net read from a `.tflite` with one tensor on each side, and the shape that it takes, NHWC.

    Raises:
        InferenceError: The file holds what is not known here.
    """
    net = load_graph_net(path)
    if len(net.output_shapes) == 1:
        return load_image_net(path)
    return JoinedNet(net), net.input_shape


def load_joined_runtime(path: Path, device: str = "cpu") -> TorchRuntime:
    """A published `.tflite` with several outputs, ready to run; raises what `load_torch_runtime` does."""
    net = load_graph_net(path)
    return TorchRuntime(path.name, JoinedNet(net), net.input_shape, device)


def load_torch_runtime(path: Path, device: str = "cpu") -> TorchRuntime:
    """A published `.tflite`, ready to run.

    Raises:
        RuntimeMissingError: The package `tflite` is missing.
        InferenceError: The file cannot be run, or there is no such device.
    """
    module, input_shape = load_image_net(path)
    return TorchRuntime(path.name, module, input_shape, device)


def _frozen(module: nn.Module, input_shape: tuple[int, ...]) -> Any:
    """The module with its weights as constants; the first runs, which optimise it, are done."""
    example = torch.zeros(input_shape)
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced = torch.jit.freeze(torch.jit.trace(module, example))  # type: ignore[no-untyped-call]
        for _ in range(3):
            traced(example)
    return traced
