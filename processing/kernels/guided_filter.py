"""The colour guided filter's two passes over a grid.

Sums over boxes are kept up from row to row, one sum for each column; across, they are added up anew. Everything runs
along rows, one quantity after the other, so that the compiler turns each loop into vector instructions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.kernels.compiled import compiled

Plane = NDArray[np.uint8]
Row32 = NDArray[np.float32]
Image32 = NDArray[np.float32]

NO_EDGE = 0.004  # nearer to 0 or 1 than this on average, a box holds no edge
_PRODUCTS = 13
_LINE = 4


@compiled
def _add(row: Row32, sums: Row32) -> None:
    for x in range(row.size):
        sums[x] += row[x]


@compiled
def _subtract(row: Row32, sums: Row32) -> None:
    for x in range(row.size):
        sums[x] -= row[x]


@compiled
def _add_three(row: Row32, gap: int, sums: Row32) -> None:
    first, second, third = row[: sums.size], row[gap : gap + sums.size], row[2 * gap : 2 * gap + sums.size]
    for x in range(sums.size):
        sums[x] = first[x] + second[x] + third[x]


@compiled
def _sum_across(sums: Row32, count: int, step: int, spare: Row32, box: Row32) -> None:
    """Into each element of `box`, the sum of `count` elements of `sums` from there on, `step` apart."""
    if count == 9:  # the usual box, in two passes instead of nine
        threes = spare[: box.size + 6 * step]
        _add_three(sums, step, threes)
        _add_three(threes, 3 * step, box)
    else:
        box[:] = 0
        for k in range(count):
            _add(sums[k * step : k * step + box.size], box)


@compiled
def _shares(columns: int, radius: int, tall: int, shares: Row32) -> None:
    """One over the number of pixels in the box around each column."""
    for x in range(columns):
        wide = min(x + radius, columns - 1) - max(x - radius, 0) + 1
        shares[x] = np.float32(1) / np.float32(tall * wide)


@compiled
def _products(y: Plane, u: Plane, v: Plane, mask: Row32, row: Image32) -> None:
    """Y, U, V and the mask of one line, and their products, into `row` of shape `(13, columns)`."""
    scale, middle = np.float32(1 / 255), np.float32(128)
    for x in range(mask.size):
        a = (np.float32(y[x]) - middle) * scale
        b = (np.float32(u[x]) - middle) * scale
        c = (np.float32(v[x]) - middle) * scale
        p = mask[x]
        row[0, x], row[1, x], row[2, x], row[3, x] = a, b, c, p
        row[4, x], row[5, x], row[6, x] = a * p, b * p, c * p
        row[7, x], row[8, x], row[9, x] = a * a, a * b, a * c
        row[10, x], row[11, x], row[12, x] = b * b, b * c, c * c


@compiled
def _fit(box: Image32, shares: Row32, epsilon: np.float32, line: Image32) -> None:
    """The least-squares line from colour to mask at each column; `box` holds sums, `(13, columns)`."""
    zero, one, surely = np.float32(0), np.float32(1), np.float32(NO_EDGE)
    for x in range(shares.size):
        share = shares[x]
        p = box[3, x] * share
        y, u, v = box[0, x] * share, box[1, x] * share, box[2, x] * share
        yp, up, vp = box[4, x] * share - y * p, box[5, x] * share - u * p, box[6, x] * share - v * p
        yy, yu, yv = box[7, x] * share - y * y + epsilon, box[8, x] * share - y * u, box[9, x] * share - y * v
        uu, uv, vv = (
            box[10, x] * share - u * u + epsilon,
            box[11, x] * share - u * v,
            box[12, x] * share - v * v + epsilon,
        )
        # the inverse of the symmetric 3x3 covariance, by cofactors
        c00, c01, c02 = uu * vv - uv * uv, yv * uv - yu * vv, yu * uv - yv * uu
        c11, c12, c22 = yy * vv - yv * yv, yu * yv - yy * uv, yy * uu - yu * yu
        inverse = one / (yy * c00 + yu * c01 + yv * c02)
        if p < surely or p > one - surely:
            inverse = zero
        by_y = (c00 * yp + c01 * up + c02 * vp) * inverse
        by_u = (c01 * yp + c11 * up + c12 * vp) * inverse
        by_v = (c02 * yp + c12 * up + c22 * vp) * inverse
        line[x, 0], line[x, 1], line[x, 2] = by_y, by_u, by_v
        line[x, 3] = p - by_y * y - by_u * u - by_v * v


@compiled
def local_lines(y: Plane, u: Plane, v: Plane, mask: Image32, radius: int, epsilon: float, lines: Image32) -> None:
    """For each pixel, the line through the box around it that best gives the mask from the colour.

    Args:
        y: Luma, `uint8` of the shape of `mask`.
        u: Blue chroma, as `y`.
        v: Red chroma, as `y`.
        mask: `float32`, `(rows, columns)`.
        radius: Of the box, in pixels.
        epsilon: How much colour must vary before it counts; in squared units of full range.
        lines: Filled with slope by Y, U, V, and offset: `float32`, `(rows, columns, 4)`.
    """
    rows, columns = mask.shape
    height = 2 * radius + 1
    ring = np.zeros((height, _PRODUCTS, columns), np.float32)
    sums = np.zeros((_PRODUCTS, columns + 2 * radius), np.float32)
    spare = np.empty(columns + 2 * radius, np.float32)
    box = np.empty((_PRODUCTS, columns), np.float32)
    shares = np.empty(columns, np.float32)
    for entering in range(rows + radius):
        row = ring[entering % height]
        for c in range(_PRODUCTS):
            if entering >= height:
                _subtract(row[c], sums[c, radius : radius + columns])
        if entering < rows:
            _products(y[entering], u[entering], v[entering], mask[entering], row)
            for c in range(_PRODUCTS):
                _add(row[c], sums[c, radius : radius + columns])
        at = entering - radius
        if at >= 0:
            for c in range(_PRODUCTS):
                _sum_across(sums[c], height, 1, spare, box[c])
            _shares(columns, radius, min(entering, rows - 1) - max(at - radius, 0) + 1, shares)
            _fit(box, shares, np.float32(epsilon), lines[at])


@compiled
def box_means(values: Image32, radius: int, means: Image32) -> None:
    """Mean over the box around each pixel.

    Args:
        values: `float32`, `(rows, columns, 4)`.
        radius: Of the box, in pixels.
        means: Filled: as `values`.
    """
    rows, columns, _ = values.shape
    flat, results = values.reshape(rows, columns * _LINE), means.reshape(rows, columns * _LINE)
    sums = np.zeros((columns + 2 * radius) * _LINE, np.float32)
    spare = np.empty_like(sums)
    inner = sums[radius * _LINE : (radius + columns) * _LINE]
    shares = np.empty(columns, np.float32)
    for entering in range(rows + radius):
        leaving, at = entering - 2 * radius - 1, entering - radius
        if leaving >= 0:
            _subtract(flat[leaving], inner)
        if entering < rows:
            _add(flat[entering], inner)
        if at >= 0:
            _sum_across(sums, 2 * radius + 1, _LINE, spare, results[at])
            _shares(columns, radius, min(entering, rows - 1) - max(at - radius, 0) + 1, shares)
            for x in range(columns):
                for c in range(_LINE):
                    means[at, x, c] *= shares[x]
