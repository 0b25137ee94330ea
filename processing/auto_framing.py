"""Following the person with a smaller picture, as somebody behind the camera would: late, smoothly and seldom.

Only ever a part of the given picture is shown, at most as large as it is there: nothing is enlarged. So the size of
what comes out is one of a few, and changes seldom, since encoders begin anew when it does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from eyeline.processing.box import Box
from eyeline.processing.cutting import part
from eyeline.processing.frame import I420Image
from eyeline.processing.pyramid import grid_size
from eyeline.processing.segmenter import Mask
from eyeline.processing.spring import Spring
from eyeline.processing.stance import Stance, stance_of

_SIZES = (0.5, 0.75, 1.0)  # of the picture's sides
_FILLS = 0.55  # of the view's width, that a person may take for it to get smaller
_BURSTS = 0.7  # and more than this makes it larger
_HEADROOM = 0.14  # of the view's height
_AWAY = 0.1  # of the view, that the person may be off before it follows
_CLOSER_S, _WIDER_S, _ASIDE_S = 2.0, 1.0, 0.5  # so long it must last
_OMEGA = 3.5  # there within a second and a half
_AT_REST = 5e-4
_LEAST_SIDE_PX = 160


@dataclass(frozen=True, slots=True)
class View:
    """The part of a picture that is shown.

    Args:
        left_px: Where it begins.
        top_px: Where it begins.
        width_px: How wide it is.
        height_px: How high it is.
        size_px: What comes out: even, never larger than the part itself.
        still: Whether all of these are whole and even numbers, and nothing is resampled.
    """

    left_px: float
    top_px: float
    width_px: float
    height_px: float
    size_px: tuple[int, int]
    still: bool


@dataclass(frozen=True, slots=True)
class _Goal:
    """Shares of the picture."""

    left: float = 0.0
    top: float = 0.0
    size: float = 1.0

    def is_near(self, other: _Goal) -> bool:
        """Whether it is not worth to move."""
        reach = _AWAY * self.size
        return self.size == other.size and max(abs(self.left - other.left), abs(self.top - other.top)) <= reach


class AutoFraming:
    """The view of one stream; used by one thread. While nobody is there it stays where it is: it never opens up."""

    def __init__(self) -> None:
        self._size_px = (0, 0)
        self._last_s: float | None = None
        self._begin((0, 0))

    def follow(self, mask: Mask, size_px: tuple[int, int], captured_at_s: float, face: float | None = None) -> View:
        """The view of the next frame.

        Args:
            mask: Probability of person, spread over the picture.
            size_px: Of the picture.
            captured_at_s: When it was captured, on any steady clock.
            face: Where the owner's face is, as a share of the width, if that is known. It says better than a mask who
                of several is meant, and where somebody is who leans.
        """
        if size_px != self._size_px:
            self._begin(size_px)
        passed_s = 0.0 if self._last_s is None else max(0.0, captured_at_s - self._last_s)
        self._last_s = captured_at_s
        stance = stance_of(mask)
        if stance is not None and min(size_px) >= _LEAST_SIDE_PX:
            self._consider(stance if face is None else replace(stance, middle=face), passed_s)
        return self._moved(passed_s)

    def _begin(self, size_px: tuple[int, int]) -> None:
        self._size_px = size_px
        self._goal = self._other = _Goal()
        self._other_for_s = 0.0
        self._left, self._top, self._size = (Spring(start, _OMEGA) for start in (0.0, 0.0, 1.0))
        self._shown = 1.0
        self._last_s = None

    def _consider(self, stance: Stance, passed_s: float) -> None:
        """Go elsewhere if that has been better for long enough."""
        wanted = self._goal_for(stance, _size_for(stance, self._goal.size))
        if self._goal.is_near(wanted):
            self._other_for_s = 0.0
            return
        self._other_for_s = self._other_for_s + passed_s if wanted.size == self._other.size else 0.0
        self._other = wanted
        if self._other_for_s >= _patience_s(self._goal.size, wanted.size):
            self._goal, self._other_for_s = wanted, 0.0

    def _goal_for(self, stance: Stance, size: float) -> _Goal:
        """The view at which the person is in the middle, on even pixels, so that arriving there moves nothing."""
        left = _on_even_px(min(max(stance.middle - size / 2, 0.0), 1 - size), self._size_px[0])
        top = _on_even_px(min(max(stance.head - _HEADROOM * size, 0.0), 1 - size), self._size_px[1])
        return _Goal(left, top, size)

    def _moved(self, passed_s: float) -> View:
        springs = self._left, self._top, self._size
        for spring, target in zip(springs, (self._goal.left, self._goal.top, self._goal.size), strict=True):
            spring.target = target
            spring.step(passed_s)
        if all(spring.rests(_AT_REST) for spring in springs):
            for spring in springs:
                spring.settle()
            self._shown = self._goal.size
            return self._still()
        self._shown = min(self._shown, self._goal.size)
        return self._moving()

    def _still(self) -> View:
        width_px, height_px = self._size_px
        size_px = _even_px(width_px * self._shown), _even_px(height_px * self._shown)
        left_px = min(_even_px(self._left.at * width_px), width_px - size_px[0])
        top_px = min(_even_px(self._top.at * height_px), height_px - size_px[1])
        return View(left_px, top_px, *size_px, size_px, still=True)

    def _moving(self) -> View:
        width_px, height_px = self._size_px
        size = min(max(self._size.at, self._shown), 1.0)
        left, top = (min(max(spring.at, 0.0), 1.0 - size) for spring in (self._left, self._top))
        size_px = _even_px(width_px * self._shown), _even_px(height_px * self._shown)
        return View(left * width_px, top * height_px, size * width_px, size * height_px, size_px, still=False)


def framed_image(image: I420Image, view: View) -> I420Image:
    """What is seen of a picture; the picture itself where that is all of it."""
    if view.still:
        left_px, top_px = int(view.left_px), int(view.top_px)
        return part(image, Box(left_px, top_px, left_px + view.size_px[0], top_px + view.size_px[1]))
    result = I420Image.empty(*view.size_px)
    for source, target in zip(image.planes, result.planes, strict=True):
        cv2.warpAffine(
            source,
            _placement(view, image.size, source.shape, target.shape),
            target.shape[::-1],
            dst=target,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
    return result


def framed_mask(mask: Mask, view: View, size_px: tuple[int, int]) -> Mask:
    """A mask of the picture as a mask of what is seen, on the grid of that; the mask itself where that is all of it.

    Args:
        mask: On the grid of the picture.
        view: What is seen.
        size_px: Of the picture.
    """
    columns, rows = grid_size(*view.size_px)
    if view.still and view.size_px == size_px and mask.shape == (rows, columns):
        return mask
    placement = _placement(view, size_px, mask.shape, (rows, columns))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(mask, placement, (columns, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def _placement(
    view: View, size_px: tuple[int, int], source: tuple[int, ...], target: tuple[int, ...]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """From samples of what is seen to samples of the picture, on any two grids spread over them."""
    scale_x, scale_y = source[1] / size_px[0], source[0] / size_px[1]
    step_x, step_y = view.width_px * scale_x / target[1], view.height_px * scale_y / target[0]
    begin_x, begin_y = view.left_px * scale_x + step_x / 2 - 0.5, view.top_px * scale_y + step_y / 2 - 0.5
    return np.array(((step_x, 0, begin_x), (0, step_y, begin_y)))


def _size_for(stance: Stance, size: float) -> float:
    """The size of the view, which stays while the person neither bursts it nor leaves it half empty."""
    fitting = next((each for each in _SIZES if stance.width <= _FILLS * each), _SIZES[-1])
    return fitting if fitting < size or stance.width > _BURSTS * size else size


def _patience_s(size: float, wanted: float) -> float:
    if wanted == size:
        return _ASIDE_S
    return _CLOSER_S if wanted < size else _WIDER_S


def _on_even_px(share: float, length_px: int) -> float:
    return _even_px(share * length_px) / length_px


def _even_px(length_px: float) -> int:
    return int(length_px / 2 + 1e-6) * 2
