"""The flow net of eyes as a file that LiteRT runs. Imports torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import nn

from eyeline.models.nets import eye_patch as patch
from eyeline.models.nets.eye_flow import EyeFlowNet
from eyeline.models.nets.tflite_file import write_graph
from eyeline.models.nets.tflite_graph import Graph, GraphTensor, Operation, Options

EYES = 2
"""Both eyes in one run."""

_NONE, _RELU = 0, 1


def tflite_of(net: EyeFlowNet) -> bytes:
    """The file: `(EYES, 24, 32, CHANNELS_IN)` to `(EYES, 24, 32, CHANNELS_OUT)`, NHWC."""
    return write_graph(_Lines(net).graph)


class _Lines:
    """The net's steps, in the order of its `forward`."""

    def __init__(self, net: EyeFlowNet) -> None:
        self._tensors: list[GraphTensor] = []
        self._operations: list[Operation] = []
        columns, rows = patch.PATCH_PX[0] // 2, patch.PATCH_PX[1] // 2
        seen = self._tensor("seen", (EYES, rows, columns, patch.CHANNELS_IN))
        fine = self._convolved("enter", net.enter, seen, _RELU)
        middle = self._convolved("down_middle", net.down_middle, fine, _RELU)
        middle = self._convolved("look_middle", net.look_middle, middle, _RELU)
        coarse = self._convolved("down_coarse", net.down_coarse, middle, _RELU)
        coarse = self._convolved("look_coarse", net.look_coarse, coarse, _RELU)
        middle = self._joined("joined_middle", middle, self._convolved("up_middle", net.up_middle, coarse, _NONE))
        middle = self._convolved("mix_middle", net.mix_middle, middle, _RELU)
        fine = self._joined("joined_fine", fine, self._convolved("up_fine", net.up_fine, middle, _NONE))
        fine = self._convolved("mix_fine", net.mix_fine, fine, _RELU)
        said = self._convolved("leave", net.leave, fine, _NONE)
        self.graph = Graph("eye-flow", tuple(self._tensors), tuple(self._operations), (seen,), (said,))

    def _tensor(self, name: str, shape: tuple[int, ...], data: NDArray[np.generic] | None = None) -> int:
        self._tensors.append(GraphTensor(name, shape, data))
        return len(self._tensors) - 1

    def _constant(self, name: str, data: NDArray[np.generic]) -> int:
        return self._tensor(name, data.shape, data)

    def _step(self, kind: str, inputs: tuple[int, ...], shape: tuple[int, ...], name: str, options: Options) -> int:
        made = self._tensor(name, shape)
        self._operations.append(Operation(kind, inputs, made, options))
        return made

    def _convolved(self, name: str, layer: nn.Conv2d, image: int, activation: int) -> int:
        stride = layer.stride[0]
        weight = layer.weight.detach().numpy().transpose(0, 2, 3, 1)
        if layer.bias is None:
            raise AssertionError(f"{name} has no bias")
        filters = self._constant(f"{name}/weight", np.ascontiguousarray(weight, np.float32))
        bias = self._constant(f"{name}/bias", layer.bias.detach().numpy().astype(np.float32))
        batch, rows, columns, _ = self._tensors[image].shape
        options: Options = {
            "padding_same": True,
            "stride_w": stride,
            "stride_h": stride,
            "dilation_w": 1,
            "dilation_h": 1,
            "activation": activation,
        }
        shape = batch, rows // stride, columns // stride, weight.shape[0]
        return self._step("CONV_2D", (image, filters, bias), shape, name, options)

    def _joined(self, name: str, fine: int, coarse: int) -> int:
        """A coarse image, doubled, added to a fine one."""
        shape = self._tensors[fine].shape
        size = self._constant(f"{name}/size", np.array(shape[1:3], np.int32))
        doubled = self._step(
            "RESIZE_BILINEAR", (coarse, size), shape, f"{name}/doubled", {"align_corners": False, "half_pixel": True}
        )
        return self._step("ADD", (fine, doubled), shape, name, {"activation": _NONE})
