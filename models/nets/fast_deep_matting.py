"""Fast Deep Matting: a light dense network that finds a person, and a feathering block that learns a local filter.

Zhu, Chen, Wang et al., "Fast Deep Matting for Portrait Animation on Mobile Phone", 2017 (arXiv 1707.08289), in the
variant whose weights Streamix uses: residual dense blocks down to a 32nd of the size, and a decoder of two channels.
Streamix takes the decoder's word as it is and never asks the feathering block. Attributes have the names that the
weights have. Weights of it are not Eyeline's to give: whoever has a file brings it.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

SIZE_PX = 256
MEAN_BGR = (104.0, 112.0, 121.0)
"""Taken from samples of 0 to 255, before they are divided by 255."""

_CLASSES = 2  # room, person
_IMAGE = 3
_WIDTHS: Final = (12, 24, 48, 96, 192)  # channels at a half, a 4th, ... a 32nd of the size
_PIECES: Final = ((3,), (3,), (3,), (6, 6), (6, 6))  # of each residual dense block at that size


class FastDeepMatting(nn.Module):
    """The whole network.

    Args:
        feathered: Whether the feathering block has the last word, as in the paper, or is left out, as in Streamix.
    """

    def __init__(self, *, feathered: bool = True) -> None:
        super().__init__()
        self.feathered = feathered
        self.seg_extract = _Segmentation()
        self.convF1 = nn.Conv2d(3 * _IMAGE + _CLASSES, 8, 3, padding=1)
        self.bn = nn.BatchNorm2d(8)
        self.convF2 = nn.Conv2d(8, 3, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        """Opacity of the person.

        Args:
            image: BGR less `MEAN_BGR`, over 255: `float32`, `(batch, 3, rows, columns)`, sides multiples of 32.

        Returns:
            0 to 1, `(batch, 1, rows, columns)`.
        """
        shares = functional.softmax(self.seg_extract(image), dim=1)
        room, person = shares[:, :1], shares[:, 1:]
        if not self.feathered:
            return person
        seen = torch.cat((image, shares, image * image, image * person), dim=1)
        of_person, of_room, offset = self.convF2(functional.relu(self.bn(self.convF1(seen)))).split(1, dim=1)
        return torch.sigmoid(of_person * person + of_room * room + offset)


class _Segmentation(nn.Module):
    """Scores of room and person for each pixel."""

    def __init__(self) -> None:
        super().__init__()
        self.head_conv = _shrinking(_IMAGE, _WIDTHS[0])
        for level, (width, pieces) in enumerate(zip(_WIDTHS, _PIECES, strict=True)):
            blocks = [_ResidualDense(width, count) for count in pieces]
            self.add_module(f"stage_{level}", blocks[0] if len(blocks) == 1 else nn.Sequential(*blocks))
            if level:
                below = _WIDTHS[level - 1] * (1 if level == 1 else 2) + _IMAGE
                self.add_module(f"ba_{level}", nn.Sequential(nn.BatchNorm2d(below), nn.PReLU(below)))
                self.add_module(f"down_{level}", _shrinking(below, width))
        self.classifier = nn.Conv2d(_WIDTHS[-1], _CLASSES, 1, bias=False)
        self.prelu = nn.PReLU(_CLASSES)
        for level, width in enumerate(_WIDTHS[:-1]):
            self.add_module(f"stage{level}_down", _projection(width, _CLASSES, stride=1))
            self.add_module(f"bn{level}", nn.BatchNorm2d(_CLASSES))
            self.add_module(f"conv_{level}", nn.Conv2d(_CLASSES, _CLASSES, 3, padding=1, bias=False))

    def forward(self, image: Tensor) -> Tensor:
        thumbnail = image
        entered = self.head_conv(image)
        seen = [self._at("stage", 0)(entered)]
        for level in range(1, len(_WIDTHS)):
            thumbnail = functional.avg_pool2d(thumbnail, 3, stride=2, padding=1)
            known = (thumbnail, seen[-1]) if level == 1 else (thumbnail, entered, seen[-1])
            entered = self._at("down", level)(self._at("ba", level)(torch.cat(known, dim=1)))
            seen.append(self._at("stage", level)(entered))
        scores: Tensor = self.classifier(seen[-1])
        for level in reversed(range(len(_WIDTHS) - 1)):
            finer = getattr(self, f"bn{level}")(getattr(self, f"stage{level}_down")(seen[level]))
            scores = self._at("conv", level)(_doubled(scores) + self.prelu(finer))
        return _doubled(scores)

    def _at(self, part: str, level: int) -> nn.Module:
        module: nn.Module = getattr(self, f"{part}_{level}")
        return module


class _ResidualDense(nn.Module):
    """A dense block on a fraction of the channels, added to what came in.

    Args:
        channels: In and out.
        pieces: The dense block begins with so many-th of them, and each layer adds as many again.
    """

    def __init__(self, channels: int, pieces: int) -> None:
        super().__init__()
        growth = channels // pieces
        self.conv = nn.Conv2d(channels, growth, 1, bias=False)
        layers = nn.Sequential(*(_DenseLayer(growth * count, growth) for count in range(1, pieces)))
        self.dense_block = nn.Sequential(OrderedDict(dense_layers=layers))
        self.bn = nn.BatchNorm2d(channels)
        self.act = nn.PReLU(channels)

    def forward(self, features: Tensor) -> Tensor:
        result: Tensor = self.act(self.bn(features + self.dense_block(self.conv(features))))
        return result


class _DenseLayer(nn.Module):
    """Some more channels, beside those that came in."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, growth, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(growth)

    def forward(self, features: Tensor) -> Tensor:
        return torch.cat((features, functional.relu(self.bn(self.conv(features)))), dim=1)


def _projection(channels: int, wanted: int, *, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, wanted, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(wanted), nn.PReLU(wanted)
    )


def _shrinking(channels: int, wanted: int) -> nn.Sequential:
    return _projection(channels, wanted, stride=2)


def _doubled(scores: Tensor) -> Tensor:
    return functional.interpolate(scores, scale_factor=2.0, mode="bilinear", align_corners=False)
