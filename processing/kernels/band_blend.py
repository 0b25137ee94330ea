"""Blending where the matte is mixed, copying where it is not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.kernels.compiled import compiled

Plane = NDArray[np.uint8]
Image32 = NDArray[np.float32]

ROOM, MIXED, PERSON = 0, 1, 2


@compiled
def _end_of_run(kinds: Plane, row: int, column: int) -> int:
    """The first column after `column` of another kind."""
    kind = kinds[row, column]
    column += 1
    while column < kinds.shape[1] and kinds[row, column] == kind:
        column += 1
    return column


@compiled
def _first_pixel(column: int, columns: int, width: int) -> int:
    """Where a column of cells begins, even."""
    return (column * width // columns) & ~1


@compiled
def _lines_of_row(lines: Image32, height: int, first: int, column: int, after: int, between: Image32) -> None:
    """The lines half-way between two rows of luma, for the columns of cells from `column` to `after` and beside."""
    rows, columns = lines.shape[:2]
    at = (np.float32(first) + np.float32(1)) * np.float32(rows / height) - np.float32(0.5)
    at = min(max(at, np.float32(0)), np.float32(rows - 1))
    upper = int(at)
    lower = min(upper + 1, rows - 1)
    down = at - np.float32(upper)
    for x in range(max(0, column - 1), min(columns, after + 1)):
        for c in range(4):
            between[x, c] = lines[upper, x, c] * (np.float32(1) - down) + lines[lower, x, c] * down


@compiled
def _mixed_alpha(
    y: Plane,
    u: Plane,
    v: Plane,
    lines: Image32,
    first: int,
    begin: int,
    end: int,
    low: float,
    high: float,
    alpha: Plane,
) -> None:
    """The matte of two rows of luma from the pixel `begin` to `end`; `lines` is their row of lines."""
    columns, width = lines.shape[0], y.shape[1]
    one, zero, half, middle, unit = np.float32(1), np.float32(0), np.float32(0.5), np.float32(128), np.float32(1 / 255)
    floor, slope = np.float32(low), np.float32(1 / (high - low))
    step, last = np.float32(columns / width), np.float32(columns - 1)
    for x in range(begin, end, 2):
        at = min(max((np.float32(x) + one) * step - half, zero), last)
        left = int(at)
        right = min(left + 1, columns - 1)
        across = at - np.float32(left)
        by_y = (lines[left, 0] + (lines[right, 0] - lines[left, 0]) * across) * slope
        by_u = lines[left, 1] + (lines[right, 1] - lines[left, 1]) * across
        by_v = lines[left, 2] + (lines[right, 2] - lines[left, 2]) * across
        offset = lines[left, 3] + (lines[right, 3] - lines[left, 3]) * across
        cb = (np.float32(u[first >> 1, x >> 1]) - middle) * unit
        cr = (np.float32(v[first >> 1, x >> 1]) - middle) * unit
        base = (by_u * cb + by_v * cr + offset - floor) * slope
        for dy in range(2):
            for dx in range(2):
                luma = (np.float32(y[first + dy, x + dx]) - middle) * unit
                t = min(max(by_y * luma + base, zero), one)
                alpha[dy, x + dx] = np.uint8(t * t * (np.float32(3) - (t + t)) * np.float32(255) + half)


@compiled
def full_matte(
    y: Plane, u: Plane, v: Plane, lines: Image32, kinds: Plane, low: float, high: float, matte: Plane
) -> None:
    """The whole matte.

    Args:
        y: Luma, `uint8`, `(height, width)`, both even.
        u: Blue chroma, `uint8`, `(height / 2, width / 2)`.
        v: Red chroma, as `u`.
        lines: Slopes by Y, U, V, and offset, on a coarser grid: `float32`, `(rows, columns, 4)`.
        kinds: `ROOM`, `MIXED` or `PERSON` for each cell of that grid: `uint8`, `(rows, columns)`.
        low: What counts as surely room.
        high: What counts as surely person.
        matte: Filled: `uint8`, of the shape of `y`.
    """
    height, width = y.shape
    rows, columns = kinds.shape
    between = np.empty((columns, 4), np.float32)
    for first in range(0, height, 2):
        row = min((first + 1) * rows // height, rows - 1)
        alpha = matte[first : first + 2]
        column = 0
        while column < columns:
            after = _end_of_run(kinds, row, column)
            begin, end = _first_pixel(column, columns, width), _first_pixel(after, columns, width)
            if kinds[row, column] == MIXED:
                _lines_of_row(lines, height, first, column, after, between)
                _mixed_alpha(y, u, v, between, first, begin, end, low, high, alpha)
            else:
                alpha[:, begin:end] = 255 if kinds[row, column] == PERSON else 0
            column = after


@compiled
def blend_planes(
    y: Plane,
    u: Plane,
    v: Plane,
    back_y: Plane,
    back_u: Plane,
    back_v: Plane,
    lines: Image32,
    kinds: Plane,
    low: float,
    high: float,
    out_y: Plane,
    out_u: Plane,
    out_v: Plane,
) -> None:
    """The person over something else, all three planes in one pass; arguments as of `full_matte`.

    Args:
        y: Of the person's frame.
        u: As `y`.
        v: As `y`.
        back_y: Of what is behind.
        back_u: As `back_y`.
        back_v: As `back_y`.
        lines: See `full_matte`.
        kinds: See `full_matte`.
        low: See `full_matte`.
        high: See `full_matte`.
        out_y: Filled.
        out_u: Filled.
        out_v: Filled.
    """
    height, width = y.shape
    rows, columns = kinds.shape
    alpha = np.empty((2, width), np.uint8)
    between = np.empty((columns, 4), np.float32)
    for first in range(0, height, 2):
        row = min((first + 1) * rows // height, rows - 1)
        column = 0
        while column < columns:
            after = _end_of_run(kinds, row, column)
            begin, end = _first_pixel(column, columns, width), _first_pixel(after, columns, width)
            kind = kinds[row, column]
            if kind == MIXED:
                _lines_of_row(lines, height, first, column, after, between)
                _mixed_alpha(y, u, v, between, first, begin, end, low, high, alpha)
                _blend_luma(y, back_y, alpha, first, begin, end, out_y)
                _blend_chroma(u, back_u, alpha, first >> 1, begin, end, out_u)
                _blend_chroma(v, back_v, alpha, first >> 1, begin, end, out_v)
            elif kind == PERSON:
                _copy(y, u, v, first, begin, end, out_y, out_u, out_v)
            else:
                _copy(back_y, back_u, back_v, first, begin, end, out_y, out_u, out_v)
            column = after


@compiled
def _copy(
    y: Plane, u: Plane, v: Plane, first: int, begin: int, end: int, out_y: Plane, out_u: Plane, out_v: Plane
) -> None:
    for dy in range(2):
        _copy_row(y[first + dy], begin, end, out_y[first + dy])
    _copy_row(u[first >> 1], begin >> 1, end >> 1, out_u[first >> 1])
    _copy_row(v[first >> 1], begin >> 1, end >> 1, out_v[first >> 1])


@compiled
def _copy_row(source: Plane, begin: int, end: int, target: Plane) -> None:
    part, filled = source[begin:end], target[begin:end]
    for x in range(part.size):  # numba vectorises this, but not the assignment of slices
        filled[x] = part[x]


@compiled
def _mixed(front: np.uint8, back: np.uint8, alpha: np.int32) -> np.uint8:
    """Rounded to the nearest, without a division."""
    total = np.int32(front) * alpha + np.int32(back) * (np.int32(255) - alpha) + np.int32(128)
    return np.uint8((total + (total >> 8)) >> 8)


@compiled
def _blend_luma(front: Plane, back: Plane, alpha: Plane, first: int, begin: int, end: int, out: Plane) -> None:
    for dy in range(2):
        person, behind = front[first + dy, begin:end], back[first + dy, begin:end]
        shares, filled = alpha[dy, begin:end], out[first + dy, begin:end]
        for x in range(filled.size):
            filled[x] = _mixed(person[x], behind[x], np.int32(shares[x]))


@compiled
def _blend_chroma(front: Plane, back: Plane, alpha: Plane, row: int, begin: int, end: int, out: Plane) -> None:
    for x in range(begin >> 1, end >> 1):
        total = np.int32(alpha[0, 2 * x]) + np.int32(alpha[0, 2 * x + 1])
        total += np.int32(alpha[1, 2 * x]) + np.int32(alpha[1, 2 * x + 1])
        out[row, x] = _mixed(front[row, x], back[row, x], (total + np.int32(2)) >> 2)
