"""From frames to pictures on one device, for several people at once: one copy in, one copy out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from eyeline.models.nets.graph_net import GraphNet, load_graph_net
from eyeline.models.runtimes.devices import torch_device
from eyeline.processing.device.blur import blurred_rooms
from eyeline.processing.device.frames import FrameBatch
from eyeline.processing.device.masks import PeopleMasks
from eyeline.processing.device.matte import mattes_of
from eyeline.processing.device.pyramid import DevicePyramid
from eyeline.processing.frame import I420Image


class DeviceChain:
    """Masks, mattes and composites of several streams. Remembers their frames before; used by one thread at a time.

    What comes out are plain pictures: whoever shows them makes them `ProcessedFrame`s in `Picture`.

    Args:
        finder: Weights of the net that sees whole frames.
        closeup: Weights of the net that sees people.
        device: What torch calls it: `cpu`, `cuda`, `cuda:1`, `mps`.

    Raises:
        InferenceError: The weights cannot be read, or there is no such device.
    """

    def __init__(self, finder: Path, closeup: Path, *, device: str = "cpu") -> None:
        self.device = torch_device(device)
        nets = [load_graph_net(path).to(self.device) for path in (finder, closeup)]
        self._masks = PeopleMasks(nets[0], _side_lengths(nets[0]), nets[1], _side_lengths(nets[1]))

    def upload(self, images: Sequence[I420Image]) -> FrameBatch:
        """Pictures on this chain's device; all of one size.

        Raises:
            ValueError: Their sizes differ.
        """
        return FrameBatch.upload(images, self.device)

    def process(self, frames: FrameBatch, behind: FrameBatch | int) -> FrameBatch:
        """The next picture of each stream.

        Args:
            frames: One of each person, always in the same order. When their number or size changes, all begin anew.
            behind: What is put behind them, of the same shape or one for all; or how strongly the room is blurred,
                from 1 to 100.

        Raises:
            MaskError: A net gave no usable mask; there is no picture of anybody, and all begin anew.
            ValueError: The sizes differ, or the room would not be blurred.
        """
        with torch.inference_mode():
            pyramid = DevicePyramid(frames)
            masks = self._masks.update(pyramid)
            if isinstance(behind, int):
                if not 1 <= behind <= 100:
                    raise ValueError(f"no blur of strength {behind}")
                behind = blurred_rooms(frames, pyramid, masks, behind)
            return blend(frames, behind, mattes_of(pyramid, masks).alpha(frames))

    def reset(self, people: Sequence[int] | None = None) -> None:
        """Forget the frames before, of some people or of all."""
        self._masks.reset(people)


def blend(frames: FrameBatch, behind: FrameBatch, alpha: Tensor) -> FrameBatch:
    """`frame * alpha + behind * (1 - alpha)`, in whole numbers as on the CPU.

    Args:
        frames: In front.
        behind: Of the same shape, or one for all.
        alpha: 0 to 255: `int32`, `(people, height, width)`.

    Raises:
        ValueError: The sizes differ.
    """
    if (frames.width_px, frames.height_px) != (behind.width_px, behind.height_px):
        raise ValueError("what is behind people is not as large as their frames")
    blocks = alpha.reshape(-1, frames.height_px // 2, 2, frames.width_px // 2, 2)
    small = (blocks.sum(dim=(2, 4), dtype=torch.int32) + 2) >> 2
    planes = zip(frames.planes, behind.planes, (alpha, small, small), strict=True)
    y, u, v = (_mixed(front.to(torch.int32), back.to(torch.int32), share) for front, back, share in planes)
    return FrameBatch.of_planes(y, u, v)


def _mixed(front: Tensor, back: Tensor, alpha: Tensor) -> Tensor:
    total = front * alpha + back * (255 - alpha) + 128
    return ((total + (total >> 8)) >> 8).to(torch.uint8)


def _side_lengths(net: GraphNet) -> tuple[int, int]:
    _, rows, columns, _ = net.input_shape
    return rows, columns
