"""Where several people are, each in a stream of their own: as `processing.mask`, in the tier that looks closely.

On an accelerator the finder is asked at every frame, for all people at once, and not at every fifth: that costs little
there, while a decision for each person would wait for the device each time. So nothing has to be searched again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from eyeline.processing import finding as rules
from eyeline.processing.box import Box
from eyeline.processing.device.boxes import Boxes, boxes_around
from eyeline.processing.device.patches import keep_people
from eyeline.processing.device.pyramid import DevicePyramid
from eyeline.processing.device.sampling import Span, linear_weights, sampled
from eyeline.processing.device.windows import largest_around
from eyeline.processing.errors import MaskError
from eyeline.processing.mask import OVERLOOKED, TRUSTED_AGAIN
from eyeline.processing.temporal import BASE_GAIN, FLUSH_BELOW, GAIN_PER_CHANGE


@dataclass(frozen=True, slots=True)
class _Past:
    """What is remembered of each person's stream; with `people` in front."""

    boxes: Boxes
    overlooks: Tensor
    calm: Tensor
    begun: Tensor


class PeopleMasks:
    """The masks of several streams.

    Args:
        finder: Sees whole frames: takes `(people, 3, rows, columns)` RGB in [0, 1], gives a tuple of one mask.
        finder_shape: `(rows, columns)` that it takes.
        closeup: Sees people.
        closeup_shape: `(rows, columns)` that it takes.
    """

    def __init__(
        self, finder: nn.Module, finder_shape: tuple[int, int], closeup: nn.Module, closeup_shape: tuple[int, int]
    ) -> None:
        self._finder, self._finder_shape = finder, finder_shape
        self._closeup, self._closeup_shape = closeup, closeup_shape
        self._past: _Past | None = None
        self._size_px = (0, 0)

    def reset(self, people: Sequence[int] | None = None) -> None:
        """Forget the frames before, of some people or of all."""
        if people is None or self._past is None:
            self._past = None
            return
        past = self._past
        begun, known, overlooks = past.begun.clone(), past.boxes.known.clone(), past.overlooks.clone()
        for flags in (begun, known, overlooks):
            flags[list(people)] = False
        self._past = _Past(Boxes(past.boxes.sides, known), overlooks, past.calm, begun)

    def update(self, pyramid: DevicePyramid) -> Tensor:
        """The masks of the next frames; a batch of another size or number of people begins anew.

        Args:
            pyramid: Of the frames.

        Returns:
            On the pyramid's grid: `float32`, `(people, rows, columns)`.

        Raises:
            MaskError: A net gave no usable mask. What was remembered is forgotten, of all.
        """
        past = self._past
        if past is None or pyramid.size != self._size_px or past.begun.shape[0] != pyramid.people:
            past, self._size_px = _nothing(pyramid), pyramid.size
        seen, boxes, overlooks = self._seen(pyramid, past)
        calm = torch.where(past.begun[:, None, None], _followed(past.calm, seen), seen)
        calm = torch.where(calm < FLUSH_BELOW, 0.0, calm)
        if not bool(torch.isfinite(calm).all()):
            self._past = None
            raise MaskError("The segmentation net gave a mask that is not finite.")
        self._past = _Past(boxes, overlooks, calm, torch.ones_like(past.begun))
        return calm

    def _seen(self, pyramid: DevicePyramid, past: _Past) -> tuple[Tensor, Boxes, Tensor]:
        """Both nets' word on the frames, where to look next, and whom the close-up overlooks."""
        raw = self._found(pyramid)
        person, veto, core = keep_people(raw, None), _veto(raw), _core(raw)
        boxes = past.boxes.otherwise(boxes_around(person, *pyramid.size))
        closeup = self._placed(pyramid, boxes.sides)
        settled = torch.minimum(core, ((closeup - rules.DOUBT) * rules.RISE).clamp(min=0))
        agreed = torch.maximum(closeup * veto, settled)
        size = person.sum(dim=(1, 2))
        found = torch.where(size > 0, agreed.sum(dim=(1, 2)) / size, 1.0)
        overlooks = found < torch.where(past.overlooks, TRUSTED_AGAIN, OVERLOOKED)
        mask = torch.where(overlooks[:, None, None], person * veto, keep_people(agreed, raw))
        mask = torch.where(boxes.known[:, None, None], mask, 0.0)
        overlooks = torch.where(boxes.known, overlooks, past.overlooks)
        return mask, boxes.followed(boxes_around(mask, *pyramid.size)), overlooks

    def _found(self, pyramid: DevicePyramid) -> Tensor:
        whole = torch.tensor(((0, 0, *pyramid.size),), device=pyramid.device).expand(pyramid.people, -1)
        rows = rows_of(Box.whole(*pyramid.size), *self._finder_shape)
        mask = self._asked(self._finder, self._finder_shape, pyramid, whole)
        top = (self._finder_shape[0] - rows) // 2
        columns, grid_rows = pyramid.grid_size
        small = mask[:, None, top : top + rows]
        return functional.interpolate(small, size=(grid_rows, columns), mode="bilinear", align_corners=False)[:, 0]

    def _placed(self, pyramid: DevicePyramid, sides: Tensor) -> Tensor:
        """The closer look, in masks of the whole frames."""
        mask = self._asked(self._closeup, self._closeup_shape, pyramid, sides)
        columns, rows = pyramid.grid_size
        width_px, height_px = pyramid.size
        scale = torch.tensor((columns / width_px, rows / height_px) * 2, device=sides.device)
        left, top, right, bottom = (sides * scale).round().unbind(dim=1)
        used = used_rows(sides, *self._closeup_shape)
        above = ((self._closeup_shape[0] - used) / 2).floor()
        net_rows, net_columns = self._closeup_shape
        across = linear_weights(
            Span.whole(net_columns, sides.device), net_columns, Span(left, (right - left).clamp(min=1)), columns
        )
        down = linear_weights(Span(above, used), net_rows, Span(top, (bottom - top).clamp(min=1)), rows)
        return sampled(mask, down, across)

    def _asked(self, net: nn.Module, shape: tuple[int, int], pyramid: DevicePyramid, sides: Tensor) -> Tensor:
        image = pyramid.rgb(sides, used_rows(sides, *shape), *shape) * (1 / 255)
        mask: Tensor = net(image)[0]
        if mask.shape != (pyramid.people, 1, *shape):
            raise MaskError(f"The segmentation net gave a mask of shape {tuple(mask.shape)}.")
        return mask[:, 0].clamp(0, 1)


def rows_of(box: Box, rows: int, columns: int) -> int:
    """How many rows of a net a part of a frame takes, even; the rest are bars."""
    sides = torch.tensor(((box.left_px, box.top_px, box.right_px, box.bottom_px),))
    return int(used_rows(sides, rows, columns))


def used_rows(sides: Tensor, rows: int, columns: int) -> Tensor:
    """As `rows_of`, for several people: `float32`, `(people,)`."""
    width, height = sides[:, 2] - sides[:, 0], sides[:, 3] - sides[:, 1]
    return ((columns * height / width / 2).round() * 2).clamp(2, rows)


def _nothing(pyramid: DevicePyramid) -> _Past:
    columns, rows = pyramid.grid_size
    nobody = torch.zeros(pyramid.people, dtype=torch.bool, device=pyramid.device)
    calm = torch.zeros(pyramid.people, rows, columns, device=pyramid.device)
    return _Past(Boxes.none(pyramid.people, pyramid.device), nobody, calm, nobody)


def _followed(before: Tensor, now: Tensor) -> Tensor:
    """See `temporal.ChangeGatedFilter`."""
    change = now - before
    return before + (change.abs() * GAIN_PER_CHANGE + BASE_GAIN).clamp(max=1) * change


def _veto(raw: Tensor) -> Tensor:
    """What the finder allows. See `finding.Finding`."""
    ramp = _ramp(raw, rules.SURELY_NOBODY, rules.PERHAPS_SOMEBODY)
    return largest_around(ramp, rules.REACH.shape[0])


def _core(raw: Tensor) -> Tensor:
    """Where the finder is sure, well inside. See `finding.Finding`."""
    ramp = _ramp(raw, rules.PROBABLY_SOMEBODY, rules.SURELY_SOMEBODY)
    return -largest_around(-ramp, rules.DEEP.shape[0])


def _ramp(mask: Tensor, low: float, high: float) -> Tensor:
    return ((mask - low) * (255 / (high - low)) + 0.5).clamp(0, 255).floor() / 255
