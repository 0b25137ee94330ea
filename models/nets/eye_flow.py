"""The flow net of eyes, and how a picture is made of what it says. Imports torch.

A small U-Net (Ronneberger, 2015) that turns an eye as DeepWarp does (Ganin, 2016): it moves pixels and changes their
light, and paints none. Two layers are moved each by a flow of its own and mixed by shares; the third is the picture as
it is, which stays wherever there is no eye.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from eyeline.models.nets import eye_patch as patch

_WIDTHS = (16, 32, 48)
_UNTOUCHED = -0.25


class EyeFlowNet(nn.Module):
    """From `(batch, CHANNELS_IN, 24, 32)` to `(batch, CHANNELS_OUT, 24, 32)`; see `eye_patch`."""

    def __init__(self) -> None:
        super().__init__()
        fine, middle, coarse = _WIDTHS
        self.enter = nn.Conv2d(patch.CHANNELS_IN, fine, 3, padding=1)
        self.down_middle = nn.Conv2d(fine, middle, 3, stride=2)
        self.look_middle = nn.Conv2d(middle, middle, 3, padding=1)
        self.down_coarse = nn.Conv2d(middle, coarse, 3, stride=2)
        self.look_coarse = nn.Conv2d(coarse, coarse, 3, padding=1)
        self.up_middle = nn.Conv2d(coarse, middle, 1)
        self.mix_middle = nn.Conv2d(middle, middle, 3, padding=1)
        self.up_fine = nn.Conv2d(middle, fine, 1)
        self.mix_fine = nn.Conv2d(fine, fine, 3, padding=1)
        self.leave = nn.Conv2d(fine, patch.CHANNELS_OUT, 3, padding=1)
        with torch.no_grad():
            self.leave.weight.mul_(0.1)
            bias = torch.zeros(patch.CHANNELS_OUT)
            bias[patch.SHARE :] = _UNTOUCHED  # what is not learned to be changed stays
            self.leave.bias = nn.Parameter(bias)

    def forward(self, seen: Tensor) -> Tensor:
        """What is to be done to each patch."""
        fine = functional.relu(self.enter(seen))
        middle = functional.relu(self.look_middle(functional.relu(self.down_middle(_padded(fine)))))
        coarse = functional.relu(self.look_coarse(functional.relu(self.down_coarse(_padded(middle)))))
        middle = functional.relu(self.mix_middle(middle + _doubled(self.up_middle(coarse))))
        fine = functional.relu(self.mix_fine(fine + _doubled(self.up_fine(middle))))
        result: Tensor = self.leave(fine)
        return result


def _padded(image: Tensor) -> Tensor:
    """For a stride of two, as TensorFlow's "SAME" does it: below and on the right alone."""
    return functional.pad(image, (0, 1, 0, 1))


def _doubled(image: Tensor) -> Tensor:
    return functional.interpolate(image, scale_factor=2.0, mode="bilinear", align_corners=False)


def compose(said: Tensor, shift_px: Tensor, luma: Tensor, chroma: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The picture that the net's words make of a patch.

    Args:
        said: What the net gave: `(batch, CHANNELS_OUT, 24, 32)`.
        shift_px: Of the iris, in pixels of the patch: `(batch, 2)`.
        luma: `(batch, 1, 48, 64)`.
        chroma: `(batch, 2, 24, 32)`.

    Returns:
        Luma, chroma, and the layers' shares, that of the unchanged picture first: `(batch, 1 + LAYERS, 48, 64)`.
    """
    logits = functional.pixel_shuffle(patch.SHARE_RANGE * said[:, patch.SHARE :], 2)
    shares = torch.softmax(torch.cat((torch.zeros_like(logits[:, :1]), logits), dim=1), dim=1)
    shares = _faded(shares)
    light = (1 + said[:, patch.LIGHT : patch.LIGHT + 1]).clamp(patch.LEAST_LIGHT, patch.MOST_LIGHT)
    fine_light = _doubled(light)
    half_shares = functional.avg_pool2d(shares, 2)
    new_luma, new_chroma = shares[:, :1] * luma, half_shares[:, :1] * chroma
    for layer in range(patch.LAYERS):
        flow = patch.FLOW_RANGE_PX * said[:, 2 * layer : 2 * layer + 2]
        if layer > 0:
            flow = flow - shift_px[:, :, None, None]
        new_luma = new_luma + shares[:, layer + 1 : layer + 2] * _moved(luma, _doubled(flow), "bicubic") * fine_light
        new_chroma = new_chroma + half_shares[:, layer + 1 : layer + 2] * _moved(chroma, flow / 2, "bilinear")
    return new_luma, new_chroma, shares


def _faded(shares: Tensor) -> Tensor:
    """Towards the edge of the patch the picture as it is."""
    rows, columns = shares.shape[-2:]
    across, down = (torch.arange(count, dtype=shares.dtype) for count in (columns, rows))
    edge = torch.minimum(
        torch.minimum(across, columns - 1 - across)[None, :], torch.minimum(down, rows - 1 - down)[:, None]
    )
    kept = (edge / patch.FADE_PX).clamp(0, 1)
    changed = shares[:, 1:] * kept
    return torch.cat((1 - changed.sum(dim=1, keepdim=True), changed), dim=1)


def _moved(image: Tensor, flow_px: Tensor, mode: str) -> Tensor:
    """An image, each sample taken from `flow_px` beside it."""
    rows, columns = image.shape[-2:]
    across = (torch.arange(columns, dtype=image.dtype) + 0.5)[None, None, :] + flow_px[:, 0]
    down = (torch.arange(rows, dtype=image.dtype) + 0.5)[None, :, None] + flow_px[:, 1]
    grid = torch.stack((across * (2 / columns) - 1, down * (2 / rows) - 1), dim=-1)
    return functional.grid_sample(image, grid, mode=mode, padding_mode="border", align_corners=False)


def seen_by_net(
    luma: Tensor, chroma: Tensor, upper: Tensor, lower: Tensor, iris: Tensor, radius: Tensor, shift_px: Tensor
) -> Tensor:
    """The net's input, all lengths in pixels of the patch.

    Args:
        luma: 0..1, `(batch, 1, 48, 64)`.
        chroma: -1..1, `(batch, 2, 24, 32)`.
        upper: Heights of the upper lid at the net's columns: `(batch, 32)`.
        lower: Likewise.
        iris: Its middle: `(batch, 2)`.
        radius: Of the iris: `(batch,)`.
        shift_px: Of the iris: `(batch, 2)`.
    """
    rows, columns = chroma.shape[-2:]
    across = torch.from_numpy(patch.COLUMNS_PX)[None, None, :].expand(1, rows, columns)
    down = (2 * torch.arange(rows, dtype=luma.dtype) + 0.5)[None, :, None].expand(1, rows, columns)

    def lid(heights: Tensor) -> Tensor:
        return ((down - heights[:, None, :]) / patch.LID_RANGE_PX).clamp(-1, 1)

    def radii_from(middle: Tensor) -> Tensor:
        away = torch.hypot(across - middle[:, :1, None], down - middle[:, 1:, None]) / radius[:, None, None]
        return away.clamp(max=patch.IRIS_RANGE) * (2 / patch.IRIS_RANGE) - 1

    batch = luma.shape[0]
    maps = [lid(upper), lid(lower), radii_from(iris), radii_from(iris + shift_px)]
    maps += [(shift_px[:, i, None, None] / patch.SHIFT_RANGE_PX).expand(batch, rows, columns) for i in range(2)]
    maps += [(across / columns - 1).expand(batch, -1, -1), (down / rows - 1).expand(batch, -1, -1)]
    return torch.cat((functional.pixel_unshuffle(luma, 2) - 0.5, chroma, torch.stack(maps, dim=1)), dim=1)
