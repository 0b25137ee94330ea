"""One eye of one plane, redrawn with its iris elsewhere: lids by a flow of the skin, the eyeball under them by another.

All lengths are in luma pixels, in the eye's own axes: x from the left corner to the right one as seen, y down, the
origin half-way between the corners.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.kernels.compiled import compiled, inlined

Plane = NDArray[np.uint8]
Values = NDArray[np.float32]

LID_STEPS = 33
"""Each lid is a table of so many heights, from one corner to the other."""

# Where the numbers of an eye are in their array.
MIDDLE_X, MIDDLE_Y, COSINE, SINE, HALF_WIDTH = 0, 1, 2, 3, 4
IRIS_X, IRIS_Y, RADIUS, SHIFT_X, SHIFT_Y = 5, 6, 7, 8, 9
UPPER_SHIFT, LOWER_SHIFT, UPPER_REACH, LOWER_REACH, SOFTNESS = 10, 11, 12, 13, 14
NARROWED = 15
EYE_NUMBERS = 16


@inlined
def _smooth(t: np.float32) -> np.float32:
    t = min(max(t, np.float32(0)), np.float32(1))
    return t * t * (np.float32(3) - t - t)


@inlined
def _height(lid: Values, x: np.float32, half_width: np.float32) -> np.float32:
    """Of a lid at x."""
    at = (x / half_width + np.float32(1)) * np.float32(0.5) * np.float32(LID_STEPS - 1)
    at = min(max(at, np.float32(0)), np.float32(LID_STEPS - 1.001))
    index = int(at)
    t = at - np.float32(index)
    return np.float32(lid[index] + t * (lid[index + 1] - lid[index]))


@inlined
def _outer(t: np.float32) -> np.float32:
    """Of a cubic that keeps edges (Keys, 1981, a = -0.9): the weight at a distance of 1 + t, up to 2."""
    rest = np.float32(1) - t
    return np.float32(-0.9) * t * rest * rest


@inlined
def _inner(t: np.float32) -> np.float32:
    """The weight at a distance t, up to 1."""
    return (np.float32(1.1) * t - np.float32(2.1)) * t * t + np.float32(1)


@inlined
def _line(
    plane: Plane,
    row: int,
    left: int,
    w0: np.float32,
    w1: np.float32,
    w2: np.float32,
    w3: np.float32,
) -> np.float32:
    return (
        np.float32(plane[row, left]) * w0
        + np.float32(plane[row, left + 1]) * w1
        + np.float32(plane[row, left + 2]) * w2
        + np.float32(plane[row, left + 3]) * w3
    )


@inlined
def _sample(plane: Plane, x: np.float32, y: np.float32) -> np.float32:
    """Bicubic; x and y count plane samples. At the edges of the plane, the nearest place that has all neighbours."""
    x = min(max(x, np.float32(1)), np.float32(plane.shape[1] - 2.001))
    y = min(max(y, np.float32(1)), np.float32(plane.shape[0] - 2.001))
    left, top = int(x), int(y)
    fx, fy = x - np.float32(left), y - np.float32(top)
    gx, gy = np.float32(1) - fx, np.float32(1) - fy
    w0, w1, w2, w3 = _outer(fx), _inner(fx), _inner(gx), _outer(gx)
    left, top = left - 1, top - 1
    value = _line(plane, top, left, w0, w1, w2, w3) * _outer(fy)
    value += _line(plane, top + 1, left, w0, w1, w2, w3) * _inner(fy)
    value += _line(plane, top + 2, left, w0, w1, w2, w3) * _inner(gy)
    return value + _line(plane, top + 3, left, w0, w1, w2, w3) * _outer(gy)


@inlined
def _soft_sample(plane: Plane, x: np.float32, y: np.float32) -> np.float32:
    """Bilinear, likewise."""
    x = min(max(x, np.float32(0)), np.float32(plane.shape[1] - 1.001))
    y = min(max(y, np.float32(0)), np.float32(plane.shape[0] - 1.001))
    left, top = int(x), int(y)
    fx, fy = x - np.float32(left), y - np.float32(top)
    a, b = np.float32(plane[top, left]), np.float32(plane[top, left + 1])
    c, d = np.float32(plane[top + 1, left]), np.float32(plane[top + 1, left + 1])
    above = a + fx * (b - a)
    return above + fy * (c + fx * (d - c) - above)


@inlined
def _seen(plane: Plane, eye: Values, step: np.float32, rest: np.float32, x: np.float32, y: np.float32) -> np.float32:
    """The plane at a place of the eye; of colour nobody sees how sharp it is."""
    at_x = eye[MIDDLE_X] + eye[COSINE] * x - eye[SINE] * y
    at_y = eye[MIDDLE_Y] + eye[SINE] * x + eye[COSINE] * y
    if step > np.float32(1):
        return _soft_sample(plane, (at_x - rest) / step, (at_y - rest) / step)
    return _sample(plane, at_x, at_y)


@inlined
def _rolled_in(
    upper: Values, lower: Values, eye: Values, x: np.float32, y: np.float32, side: np.float32, inset: np.float32
) -> tuple[np.float32, np.float32]:
    """A place under a lid, turned around the iris towards `side` until it can be seen; relative to the iris."""
    radius = np.sqrt(x * x + y * y)
    for _ in range(4):
        top = _height(upper, eye[IRIS_X] + x, eye[HALF_WIDTH]) + inset - eye[IRIS_Y]
        bottom = _height(lower, eye[IRIS_X] + x, eye[HALF_WIDTH]) - inset - eye[IRIS_Y]
        middle = (top + bottom) * np.float32(0.5)
        y = min(max(y, min(top, middle)), max(bottom, middle))
        y = min(max(y, -radius), radius)
        x = side * np.sqrt(max(radius * radius - y * y, np.float32(0)))
    limit = eye[HALF_WIDTH] * np.float32(0.93)
    x = min(max(x, -limit - eye[IRIS_X]), limit - eye[IRIS_X])
    return x, y


@inlined
def _shown(
    plane: Plane,
    upper: Values,
    lower: Values,
    eye: Values,
    step: np.float32,
    rest: np.float32,
    x: np.float32,
    y: np.float32,
) -> np.float32:
    """The eyeball as it was at a place relative to the iris; what a lid hides is made of what can be seen."""
    inset = eye[SOFTNESS]
    top = _height(upper, eye[IRIS_X] + x, eye[HALF_WIDTH]) + inset - eye[IRIS_Y]
    bottom = _height(lower, eye[IRIS_X] + x, eye[HALF_WIDTH]) - inset - eye[IRIS_Y]
    inside = abs(eye[IRIS_X] + x) < eye[HALF_WIDTH] * np.float32(0.95)
    if top <= y <= bottom and inside:
        return _seen(plane, eye, step, rest, eye[IRIS_X] + x, eye[IRIS_Y] + y)
    right_x, right_y = _rolled_in(upper, lower, eye, x, y, np.float32(1), inset)
    left_x, left_y = _rolled_in(upper, lower, eye, x, y, np.float32(-1), inset)
    distance = np.sqrt(x * x + y * y)
    to_right = _smooth(np.float32(0.5) + x / (np.float32(1.2) * max(eye[RADIUS], distance * np.float32(0.8))))
    filled = _seen(plane, eye, step, rest, eye[IRIS_X] + right_x, eye[IRIS_Y] + right_y) * to_right
    filled += _seen(plane, eye, step, rest, eye[IRIS_X] + left_x, eye[IRIS_Y] + left_y) * (np.float32(1) - to_right)
    return filled


@inlined
def _borrowed(eye: Values, x: np.float32, from_x: np.float32, distance: np.float32, rigid: np.float32) -> np.float32:
    """How much of the white comes from the other side of the iris, because its own would be stretched too far."""
    one = np.float32(1)
    if from_x * eye[SHIFT_X] >= np.float32(0):
        return np.float32(0)
    side = np.float32(-1) if eye[SHIFT_X] > np.float32(0) else one
    there = max(eye[HALF_WIDTH] - side * eye[IRIS_X] - eye[RADIUS], np.float32(1))
    stretched = one + abs(eye[SHIFT_X]) / there
    share = _smooth((stretched - np.float32(1.35)) / np.float32(0.8))
    share *= _smooth((distance - rigid) / (np.float32(0.12) * eye[RADIUS]))
    share *= _smooth((abs(from_x) / distance - np.float32(0.25)) * np.float32(2.5))
    return share * (one - _smooth((abs(x) / eye[HALF_WIDTH] - np.float32(0.66)) / np.float32(0.26)))


@inlined
def _eyeball(
    plane: Plane,
    upper: Values,
    lower: Values,
    eye: Values,
    step: np.float32,
    rest: np.float32,
    x: np.float32,
    y: np.float32,
) -> np.float32:
    """The eyeball at a place of the changed eye: the iris moved as one, the white drawn after it."""
    one = np.float32(1)
    from_x, from_y = x - eye[IRIS_X] - eye[SHIFT_X], y - eye[IRIS_Y] - eye[SHIFT_Y]
    distance = np.sqrt(from_x * from_x + from_y * from_y)
    rigid = eye[RADIUS] * np.float32(1.04)  # beyond it lie corners and shadows, which do not go along
    way = np.sqrt(eye[SHIFT_X] * eye[SHIFT_X] + eye[SHIFT_Y] * eye[SHIFT_Y])
    reach = max(eye[HALF_WIDTH] * np.float32(1.1), rigid + np.float32(2.2) * way)
    share = one - _smooth((distance - rigid) / (reach - rigid))
    narrowed = one + (eye[NARROWED] - one) * share
    sx = (from_x + eye[SHIFT_X] * (one - share)) * narrowed
    sy = from_y + eye[SHIFT_Y] * (one - share)
    value = _shown(plane, upper, lower, eye, step, rest, sx, sy)
    borrowed = _borrowed(eye, x, from_x, distance, rigid)
    if borrowed > np.float32(0):
        value += borrowed * (_shown(plane, upper, lower, eye, step, rest, -from_x, sy) - value)
    return value


@compiled
def warp_eye(
    plane: Plane, step: int, eye: Values, upper: Values, lower: Values, box: NDArray[np.int64], out: Plane
) -> None:
    """Redraw one eye in one plane.

    Args:
        plane: `uint8`, `(rows, columns)`: as it was.
        step: Luma pixels for each sample: 1 for luma, 2 for chroma.
        eye: Numbers of the eye, in the order of the constants above: `float32`, `(EYE_NUMBERS,)`.
        upper: Heights of the upper lid: `float32`, `(LID_STEPS,)`.
        lower: Heights of the lower lid, likewise.
        box: First and last row, first and last column of samples that may change; the last ones are outside.
        out: Changed: as `plane`; holds a copy of it.
    """
    grain, rest = np.float32(step), np.float32((step - 1) * 0.5)
    half_width, soft = eye[HALF_WIDTH], eye[SOFTNESS]
    one, zero = np.float32(1), np.float32(0)
    for row in range(box[0], box[1]):
        for column in range(box[2], box[3]):
            at_x = np.float32(column) * grain + rest - eye[MIDDLE_X]
            at_y = np.float32(row) * grain + rest - eye[MIDDLE_Y]
            x = eye[COSINE] * at_x + eye[SINE] * at_y
            y = eye[COSINE] * at_y - eye[SINE] * at_x
            across = x / half_width
            if abs(across) >= one:
                continue
            near = one - across * across
            near = near * (np.float32(2) - near)
            top = _height(upper, x, half_width)
            bottom = _height(lower, x, half_width)
            new_top, new_bottom = top + eye[UPPER_SHIFT] * near, bottom + eye[LOWER_SHIFT] * near
            if y < new_top - eye[UPPER_REACH] or y > new_bottom + eye[LOWER_REACH]:
                continue
            ball = _smooth((y - new_top) / soft + np.float32(0.5)) * _smooth((new_bottom - y) / soft + np.float32(0.5))
            value = zero
            if ball < one:
                if y < (new_top + new_bottom) * np.float32(0.5):
                    shift = eye[UPPER_SHIFT] * near * (one - _smooth((new_top - y) / eye[UPPER_REACH]))
                else:
                    shift = eye[LOWER_SHIFT] * near * (one - _smooth((y - new_bottom) / eye[LOWER_REACH]))
                if ball == zero and abs(shift) < np.float32(0.01):
                    continue
                value += _seen(plane, eye, grain, rest, x, y - shift) * (one - ball)
            if ball > zero:
                value += _eyeball(plane, upper, lower, eye, grain, rest, x, y) * ball
            out[row, column] = np.uint8(min(max(value + np.float32(0.5), zero), np.float32(255)))
