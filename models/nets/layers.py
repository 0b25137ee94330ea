"""The operations of TensorFlow Lite as torch modules, on images laid out as NCHW.

Padding "SAME" pads by what the size asks for, the odd sample below and on the right; torch's own pads both sides alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

Size = tuple[int, int]
Sides = tuple[int, int, int, int]
"""Left, right, top, bottom."""

_NCHW = (0, 3, 1, 2)
_NHWC = (0, 2, 3, 1)


def same_padding(size: Size, kernel: Size, stride: Size, dilation: Size = (1, 1)) -> Sides:
    """How many samples "SAME" adds around an image of a size; all as `(rows, columns)`."""
    sides = []
    for length, reach, step, spread in zip(size, kernel, stride, dilation, strict=True):
        total = max(0, (math.ceil(length / step) - 1) * step + (reach - 1) * spread + 1 - length)
        sides.append((total // 2, total - total // 2))
    (top, bottom), (left, right) = sides
    return left, right, top, bottom


class Convolution(nn.Module):
    """A convolution, of all channels or of each for itself.

    Args:
        weight: `float32`, `(out, in / groups, rows, columns)`.
        bias: `float32`, `(out,)`.
        stride: `(rows, columns)`.
        dilation: `(rows, columns)`.
        padding: Around the image.
        groups: 1, or the number of channels.
    """

    def __init__(
        self, weight: Tensor, bias: Tensor | None, *, stride: Size, dilation: Size, padding: Sides, groups: int
    ) -> None:
        super().__init__()
        left, right, top, bottom = padding
        even = left == right and top == bottom
        self.around = None if even else padding
        self.conv = nn.Conv2d(
            weight.shape[1] * groups,
            weight.shape[0],
            (weight.shape[2], weight.shape[3]),
            stride=stride,
            padding=(top, left) if even else 0,
            dilation=dilation,
            groups=groups,
            bias=bias is not None,
        )
        self.conv.weight = nn.Parameter(weight, requires_grad=False)
        if bias is not None:
            self.conv.bias = nn.Parameter(bias, requires_grad=False)

    def forward(self, image: Tensor) -> Tensor:
        """An image, convolved."""
        if self.around is not None:
            image = functional.pad(image, self.around)
        result: Tensor = self.conv(image)
        return result


class Pool(nn.Module):
    """Largest or mean value under a window; padding counts for neither."""

    def __init__(self, kind: str, kernel: Size, stride: Size, padding: Sides) -> None:
        super().__init__()
        self.largest = kind == "MAX_POOL_2D"
        self.kernel, self.stride, self.around = kernel, stride, padding

    def forward(self, image: Tensor) -> Tensor:
        """An image, pooled."""
        if not self.largest:
            return functional.avg_pool2d(image, self.kernel, self.stride)
        if any(self.around):
            image = functional.pad(image, self.around, value=-math.inf)
        return functional.max_pool2d(image, self.kernel, self.stride)


class Resize(nn.Module):
    """Bilinear, sampled at the middles of pixels."""

    def __init__(self, size: Size, *, align_corners: bool) -> None:
        super().__init__()
        self.size, self.align_corners = size, align_corners

    def forward(self, image: Tensor) -> Tensor:
        """An image at another size."""
        return functional.interpolate(image, size=self.size, mode="bilinear", align_corners=self.align_corners)


class Reshape(nn.Module):
    """Another shape of the same numbers, in the order in which TensorFlow counts them; batches stay apart."""

    def __init__(self, shape: Sequence[int]) -> None:
        super().__init__()
        self.shape = tuple(shape)

    def forward(self, value: Tensor) -> Tensor:
        """The value, reshaped."""
        flat = value.permute(_NHWC) if value.dim() == 4 else value
        shaped = flat.reshape(value.shape[0], *self.shape[1:])
        return shaped.permute(_NCHW) if len(self.shape) == 4 else shaped


class PlainStep(nn.Module):
    """A step without weights.

    Args:
        name: What it is.
        function: What it does.
    """

    def __init__(self, name: str, function: Callable[..., Tensor]) -> None:
        super().__init__()
        self.name, self.function = name, function

    def forward(self, *values: Tensor) -> Tensor:
        """Do it."""
        return self.function(*values)

    def extra_repr(self) -> str:
        """For people."""
        return self.name


class WithConstant(nn.Module):
    """A sum or product of an image and numbers that are known.

    Args:
        function: Of two tensors.
        constant: For the channels, or one for all.
    """

    constant: Tensor

    def __init__(self, function: Callable[[Tensor, Tensor], Tensor], constant: Tensor) -> None:
        super().__init__()
        self.function = function
        self.register_buffer("constant", constant)

    def forward(self, value: Tensor) -> Tensor:
        """The result."""
        return self.function(value, self.constant)


def as_channels(data: NDArray[Any]) -> Tensor:
    """A constant for images, as they are laid out here."""
    value = torch.from_numpy(np.array(data, np.float32))
    if value.dim() == 4:
        return value.permute(_NCHW).contiguous()
    if value.dim() == 3:
        return value.permute(2, 0, 1)[None].contiguous()
    return value.reshape(1, -1, 1, 1) if value.numel() > 1 else value.reshape(())


def prelu_slopes(data: NDArray[Any]) -> Tensor:
    """Of one slope for each channel; any other shape of slopes fails."""
    slopes = torch.from_numpy(np.array(data, np.float32))
    if slopes.numel() != slopes.shape[-1]:
        raise ValueError("slopes that differ from place to place")
    return slopes.reshape(-1)
