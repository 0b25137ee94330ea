"""A network as torch module, built from a published `.tflite`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from eyeline.models.errors import UnsupportedNetworkError
from eyeline.models.nets.layers import (
    Convolution,
    PlainStep,
    Pool,
    Reshape,
    Resize,
    Sides,
    Size,
    WithConstant,
    as_channels,
    prelu_slopes,
    same_padding,
)
from eyeline.models.nets.tflite_graph import Graph, GraphTensor, Operation, read_graph

_AXES = {0: 0, 1: 2, 2: 3, 3: 1}  # NHWC to NCHW
_NO_PADDING = (0, 0, 0, 0)


class GraphNet(nn.Module):
    """A network as its file has it, step by step, for images laid out as NCHW, in batches of any size.

    Nothing is fused or rounded, so that results are those of LiteRT but for the order of sums.

    Args:
        graph: Of the file.

    Raises:
        UnsupportedNetworkError: The graph holds an operation that is not known here.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.input_shape = graph.tensors[graph.inputs[0]].shape
        self.output_shapes = [graph.tensors[index].shape for index in graph.outputs]
        steps, wires = _Builder(graph).built()
        self.steps = nn.ModuleList(steps)
        self._wires = wires
        self._input, self.output_indices = graph.inputs[0], graph.outputs
        self.eval()

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Run it.

        Args:
            image: `float32`, `(batch, channels, rows, columns)`.

        Returns:
            The outputs: images as NCHW, anything else as the file has it.
        """
        known = {self._input: image}
        for step, (sources, target) in zip(self.steps, self._wires, strict=True):
            known[target] = step(*(known[source] for source in sources))
        return tuple(known[index] for index in self.output_indices)


def load_graph_net(path: Path) -> GraphNet:
    """Read a `.tflite` into torch.

    Raises:
        RuntimeMissingError: The package `tflite` is missing.
        InferenceError: The file cannot be read or is no `.tflite`.
        UnsupportedNetworkError: It holds an operation that is not known here.
    """
    return GraphNet(read_graph(path))


Wire = tuple[tuple[int, ...], int]


class _Builder:
    """Turns operations into modules; what only handles constants is done at once."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._constants = {index: tensor.data for index, tensor in enumerate(graph.tensors) if tensor.data is not None}

    def built(self) -> tuple[list[nn.Module], list[Wire]]:
        if len(self._graph.inputs) != 1 or len(self._tensor(self._graph.inputs[0]).shape) != 4:
            raise self._unsupported("an input other than one image")
        steps: list[nn.Module] = []
        wires: list[Wire] = []
        for operation in self._graph.operations:
            if operation.kind == "DEQUANTIZE" and operation.inputs[0] in self._constants:
                self._constants[operation.output] = self._constants[operation.inputs[0]]  # was widened when read
                continue
            make = _MAKERS.get(operation.kind)
            if make is None:
                raise self._unsupported(operation.kind)
            try:
                steps.append(self._activated(operation, make(self, operation)))
            except (KeyError, ValueError) as error:
                raise self._unsupported(f"{operation.kind} with {error}") from error
            wires.append((tuple(index for index in operation.inputs if self._flows(index)), operation.output))
        return steps, wires

    def convolution(self, operation: Operation) -> nn.Module:
        weight = self._weight(operation, 1).transpose(0, 3, 1, 2)
        return self._convolution(operation, weight, groups=1)

    def depthwise(self, operation: Operation) -> nn.Module:
        weight = self._weight(operation, 1).transpose(3, 0, 1, 2)
        return self._convolution(operation, weight, groups=self._tensor(operation.inputs[0]).shape[3])

    def transposed(self, operation: Operation) -> nn.Module:
        weight, bias = self._weight(operation, 1), self._weight(operation, 2)
        stride = self._stride(operation)
        if weight.shape[1:3] != stride:
            raise ValueError(f"a kernel of {weight.shape[1:3]} and strides of {stride}")
        layer = nn.ConvTranspose2d(weight.shape[3], weight.shape[0], stride, stride)
        layer.weight = _fixed(weight.transpose(3, 0, 1, 2))
        layer.bias = _fixed(bias)
        return layer

    def pool(self, operation: Operation) -> nn.Module:
        kernel = int(operation.options["filter_h"]), int(operation.options["filter_w"])
        stride = self._stride(operation)
        padding = self._padding(operation, kernel, stride, (1, 1))
        if operation.kind == "AVERAGE_POOL_2D" and any(padding):
            raise ValueError("padding")
        return Pool(operation.kind, kernel, stride, padding)

    def resize(self, operation: Operation) -> nn.Module:
        align_corners = bool(operation.options["align_corners"])
        if not align_corners and not operation.options["half_pixel"]:
            raise ValueError("samples at the corners of pixels")
        rows, columns = (int(side) for side in self._constants[operation.inputs[1]])
        return Resize((rows, columns), align_corners=align_corners)

    def mean(self, operation: Operation) -> nn.Module:
        axes = {int(axis) % 4 for axis in self._constants[operation.inputs[1]].ravel()}
        if axes != {1, 2}:
            raise ValueError(f"axes {sorted(axes)}")
        keeps = bool(operation.options.get("keep_dims", False))
        return PlainStep("mean", lambda value: value.mean(dim=(2, 3), keepdim=keeps))

    def pad(self, operation: Operation) -> nn.Module:
        (first, last), *spatial = (tuple(map(int, row)) for row in self._constants[operation.inputs[1]])
        if first or last or len(spatial) != 3:
            raise ValueError("padding between images")
        rows, columns, channels = spatial
        amounts = (*columns, *rows, *channels)
        return PlainStep("pad", lambda value: functional.pad(value, amounts))

    def reshape(self, operation: Operation) -> nn.Module:
        shape = self._tensor(operation.output).shape
        if shape[0] != self._tensor(operation.inputs[0]).shape[0]:
            raise ValueError("images mixed with each other")
        return Reshape(shape)

    def concatenation(self, operation: Operation) -> nn.Module:
        rank = len(self._tensor(operation.output).shape)
        axis = int(operation.options["axis"]) % rank
        axis = _AXES[axis] if rank == 4 else axis
        return PlainStep("concatenate", lambda *values: torch.cat(values, axis))

    def prelu(self, operation: Operation) -> nn.Module:
        layer = nn.PReLU(self._tensor(operation.inputs[0]).shape[-1])
        layer.weight = nn.Parameter(prelu_slopes(self._constants[operation.inputs[1]]), requires_grad=False)
        return layer

    def arithmetic(self, operation: Operation) -> nn.Module:
        function = torch.add if operation.kind == "ADD" else torch.mul
        known = [self._constants[index] for index in operation.inputs if index in self._constants]
        return WithConstant(function, as_channels(known[0])) if known else PlainStep(operation.kind.lower(), function)

    def _convolution(self, operation: Operation, weight: NDArray[np.float32], *, groups: int) -> nn.Module:
        kernel = weight.shape[2], weight.shape[3]
        stride = self._stride(operation)
        dilation = int(operation.options["dilation_h"]), int(operation.options["dilation_w"])
        has_bias = len(operation.inputs) > 2 and operation.inputs[2] >= 0
        return Convolution(
            torch.tensor(weight),
            torch.tensor(self._weight(operation, 2)) if has_bias else None,
            stride=stride,
            dilation=dilation,
            padding=self._padding(operation, kernel, stride, dilation),
            groups=groups,
        )

    def _padding(self, operation: Operation, kernel: Size, stride: Size, dilation: Size) -> Sides:
        if not operation.options["padding_same"]:
            return _NO_PADDING
        _, rows, columns, _ = self._tensor(operation.inputs[0]).shape
        return same_padding((rows, columns), kernel, stride, dilation)

    def _stride(self, operation: Operation) -> Size:
        return int(operation.options["stride_h"]), int(operation.options["stride_w"])

    def _activated(self, operation: Operation, step: nn.Module) -> nn.Module:
        number = int(operation.options.get("activation", 0))
        if number not in _FUSED:
            raise ValueError(f"activation {number}")
        after = _FUSED[number]
        return step if after is None else nn.Sequential(step, after())

    def _weight(self, operation: Operation, place: int) -> NDArray[np.float32]:
        return np.asarray(self._constants[operation.inputs[place]], np.float32)

    def _flows(self, index: int) -> bool:
        return index >= 0 and index not in self._constants

    def _tensor(self, index: int) -> GraphTensor:
        return self._graph.tensors[index]

    def _unsupported(self, what: str) -> UnsupportedNetworkError:
        return UnsupportedNetworkError(
            f"{self._graph.name} holds what torch is not taught here: {what}.", hint="Run it with the runtime litert."
        )


_FUSED: dict[int, Callable[[], nn.Module] | None] = {0: None, 1: nn.ReLU, 3: nn.ReLU6}

_MAKERS: dict[str, Callable[[_Builder, Operation], nn.Module]] = {
    "CONV_2D": _Builder.convolution,
    "DEPTHWISE_CONV_2D": _Builder.depthwise,
    "Convolution2DTransposeBias": _Builder.transposed,
    "AVERAGE_POOL_2D": _Builder.pool,
    "MAX_POOL_2D": _Builder.pool,
    "RESIZE_BILINEAR": _Builder.resize,
    "MEAN": _Builder.mean,
    "PAD": _Builder.pad,
    "RESHAPE": _Builder.reshape,
    "CONCATENATION": _Builder.concatenation,
    "PRELU": _Builder.prelu,
    "ADD": _Builder.arithmetic,
    "MUL": _Builder.arithmetic,
    "RELU": lambda _, __: nn.ReLU(),
    "RELU6": lambda _, __: nn.ReLU6(),
    "HARD_SWISH": lambda _, __: nn.Hardswish(),
    "LOGISTIC": lambda _, __: nn.Sigmoid(),
}


def _fixed(weight: NDArray[np.float32]) -> nn.Parameter:
    return nn.Parameter(torch.tensor(weight), requires_grad=False)
