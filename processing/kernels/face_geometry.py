"""Points of a face and its eyes: too few for numpy to be quick with, and too many for the interpreter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.kernels.compiled import compiled, inlined

Points = NDArray[np.float32]
Values = NDArray[np.float32]


@compiled
def place_points(points: Points, matrix: Points, depth: float, out: Points) -> None:
    """Points of a net's input in the frame. Nets count from the corner of the first pixel, matrices from its middle.

    Args:
        points: `float32`, `(count, 2)` or `(count, 3)`.
        matrix: From pixels of the input to those of the frame: `float32`, `(2, 3)`.
        depth: What a third column is multiplied by.
        out: Filled: as `points`.
    """
    half = np.float32(0.5)
    for index in range(points.shape[0]):
        x, y = points[index, 0] - half, points[index, 1] - half
        out[index, 0] = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]
        out[index, 1] = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]
        if points.shape[1] == 3:
            out[index, 2] = points[index, 2] * np.float32(depth)


@compiled
def turned_bounds(points: Points, cosine: float, sine: float, bounds: Values) -> None:
    """Bounds of points in axes that are turned.

    Args:
        points: `float32`, `(count, 2)` or more columns.
        cosine: Of the turn.
        sine: Of the turn.
        bounds: Filled: left, top, right, bottom; `float32`, `(4,)`.
    """
    c, s = np.float32(cosine), np.float32(sine)
    for index in range(points.shape[0]):
        x = points[index, 0] * c + points[index, 1] * s
        y = points[index, 1] * c - points[index, 0] * s
        if index == 0:
            bounds[0] = bounds[2] = x
            bounds[1] = bounds[3] = y
        bounds[0], bounds[1] = min(bounds[0], x), min(bounds[1], y)
        bounds[2], bounds[3] = max(bounds[2], x), max(bounds[3], y)


@compiled
def head_axes(right: Values, left: Values, top: Values, bottom: Values, axes: Points) -> float:
    """Axes of a head from four of its points.

    Args:
        right: On the person's right, `float32`, `(3,)`.
        left: Opposite.
        top: Of the middle of the face, likewise.
        bottom: Likewise.
        axes: Filled: rows x, y and z; `float32`, `(3, 3)`.

    Returns:
        The distance of the first two.
    """
    length, down, along = np.float32(0), np.float32(0), np.float32(0)
    for k in range(3):
        axes[0, k] = left[k] - right[k]
        length += axes[0, k] * axes[0, k]
    length = np.sqrt(length)
    for k in range(3):
        axes[0, k] /= max(length, np.float32(1e-6))
        axes[1, k] = bottom[k] - top[k]
        along += axes[0, k] * axes[1, k]
    for k in range(3):
        axes[1, k] -= along * axes[0, k]
        down += axes[1, k] * axes[1, k]
    down = max(np.sqrt(down), np.float32(1e-6))
    for k in range(3):
        axes[1, k] /= down
    for k in range(3):
        i, j = (k + 1) % 3, (k + 2) % 3
        axes[2, k] = axes[0, i] * axes[1, j] - axes[0, j] * axes[1, i]
    return float(length)


@compiled
def opening_px(upper: Points, lower: Points) -> float:
    """How far the lids are apart, square to the line between the corners: the mean of the three widest places.

    Args:
        upper: From corner to corner: `float32`, `(9, 2)`.
        lower: Likewise.
    """
    last = lower.shape[0] - 1
    across_x, across_y = lower[last, 0] - lower[0, 0], lower[last, 1] - lower[0, 1]
    length = max(np.sqrt(across_x * across_x + across_y * across_y), np.float32(1e-6))
    first, second, third = np.float32(0), np.float32(0), np.float32(0)
    for k in range(1, last):
        x, y = lower[k, 0] - upper[k, 0], lower[k, 1] - upper[k, 1]
        gap = abs(across_x * y - across_y * x) / length
        if gap > first:
            first, second, third = gap, first, second
        elif gap > second:
            second, third = gap, second
        elif gap > third:
            third = gap
    return float((first + second + third) / np.float32(3))


@inlined
def _height_at(points: Points, x: np.float32, cosine: np.float32, sine: np.float32) -> np.float32:
    """Of a line through points, in turned axes; beyond its ends, that of the nearest point."""
    last = points.shape[0] - 1
    forth = points[0, 0] * cosine + points[0, 1] * sine <= points[last, 0] * cosine + points[last, 1] * sine
    left_x = left_y = np.float32(0)
    for k in range(last + 1):
        place = k if forth else last - k
        here_x = points[place, 0] * cosine + points[place, 1] * sine
        here_y = points[place, 1] * cosine - points[place, 0] * sine
        if here_x >= x:
            if k == 0:
                return np.float32(here_y)
            share = (x - left_x) / max(here_x - left_x, np.float32(1e-6))
            return np.float32(left_y + share * (here_y - left_y))
        left_x, left_y = here_x, here_y
    return np.float32(left_y)


@compiled
def below_corners(upper: Points, lower: Points, iris: Values, roll: float, below: Values) -> None:
    """How far the iris and the lids above and below it are below the middle of an eye's corners.

    Args:
        upper: From corner to corner: `float32`, `(9, 2)`.
        lower: Likewise; it begins and ends with the corners.
        iris: Its middle: `float32`, `(2,)`.
        roll: Of the head, in radians, clockwise: which way is down.
        below: Filled: iris, upper lid, lower lid; `float32`, `(3,)`.
    """
    cosine, sine = np.float32(np.cos(roll)), np.float32(np.sin(roll))
    last = lower.shape[0] - 1
    middle_x, middle_y = (
        (lower[0, 0] + lower[last, 0]) * np.float32(0.5),
        (lower[0, 1] + lower[last, 1]) * np.float32(0.5),
    )
    middle = middle_y * cosine - middle_x * sine
    x = iris[0] * cosine + iris[1] * sine
    below[0] = iris[1] * cosine - iris[0] * sine - middle
    below[1] = _height_at(upper, x, cosine, sine) - middle
    below[2] = _height_at(lower, x, cosine, sine) - middle


@compiled
def lid_heights(points: Points, middle: Values, axes: Points, half_width_px: float, heights: Values) -> None:
    """A lid as a table of heights over the line between the corners, rounded off, since its points are few.

    Args:
        points: `float32`, `(count, 2)`, from one corner to the other.
        middle: Between the corners, `float32`, `(2,)`.
        axes: Rows: along that line and square to it; `float32`, `(2, 2)`.
        half_width_px: From the middle to a corner.
        heights: Filled: at even steps from corner to corner; `float32`, `(steps,)`.
    """
    count, steps = points.shape[0], heights.shape[0]
    own = np.empty((count, 2), np.float32)
    for k in range(count):
        dx, dy = points[k, 0] - middle[0], points[k, 1] - middle[1]
        x, y = axes[0, 0] * dx + axes[0, 1] * dy, axes[1, 0] * dx + axes[1, 1] * dy
        place = k
        while place > 0 and own[place - 1, 0] > x:
            own[place, 0], own[place, 1] = own[place - 1, 0], own[place - 1, 1]
            place -= 1
        own[place, 0], own[place, 1] = x, y
    plain = np.empty(steps, np.float32)
    k = 0
    for step in range(steps):
        x = np.float32((2 * step / (steps - 1) - 1) * half_width_px)
        while k < count - 2 and own[k + 1, 0] <= x:
            k += 1
        run = max(own[k + 1, 0] - own[k, 0], np.float32(1e-6))
        share = min(max((x - own[k, 0]) / run, np.float32(0)), np.float32(1))
        plain[step] = own[k, 1] + share * (own[k + 1, 1] - own[k, 1])
    heights[0], heights[steps - 1] = plain[0], plain[steps - 1]
    for step in range(1, steps - 1):
        heights[step] = plain[step] / np.float32(2) + (plain[step - 1] + plain[step + 1]) / np.float32(4)
