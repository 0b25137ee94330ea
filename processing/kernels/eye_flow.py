"""An eye as the flow net sees it, and a plane changed by what the net says; the order of channels is `eye_patch`'s.

Lengths are in luma pixels of the frame, but for those in pixels of the patch, which are told apart by name.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from eyeline.models.nets import eye_patch as patch
from eyeline.processing.kernels.compiled import compiled, inlined

Plane = NDArray[np.uint8]
Values = NDArray[np.float32]

# Where the numbers of an eye are in their array; radius, iris and shift are in pixels of the patch.
MIDDLE_X, MIDDLE_Y, COSINE, SINE, SCALE = 0, 1, 2, 3, 4
IRIS_X, IRIS_Y, RADIUS, SHIFT_X, SHIFT_Y, PRESENCE = 5, 6, 7, 8, 9, 10
EYE_NUMBERS = 11

# The machine code that is kept holds these, and knows of no other file's changes: who changes one touches this file.
_WIDTH, _HEIGHT = patch.PATCH_PX
_LUMA, _CHROMA, _UPPER, _LOWER = patch.LUMA, patch.CHROMA, patch.UPPER, patch.LOWER
_FROM_IRIS, _TO_IRIS, _SHIFT, _PLACE = patch.FROM_IRIS, patch.TO_IRIS, patch.SHIFT, patch.PLACE
_BLACK, _RANGE = patch.LUMA_BLACK, patch.LUMA_RANGE
_GREY, _CHROMA_RANGE = patch.CHROMA_GREY, patch.CHROMA_RANGE
_LID_RANGE, _IRIS_RANGE, _SHIFT_RANGE = patch.LID_RANGE_PX, patch.IRIS_RANGE, patch.SHIFT_RANGE_PX
_LAYERS, _LIGHT, _SHARE, _FLOW_RANGE = patch.LAYERS, patch.LIGHT, patch.SHARE, patch.FLOW_RANGE_PX
_LEAST_LIGHT, _MOST_LIGHT, _FADE = patch.LEAST_LIGHT, patch.MOST_LIGHT, patch.FADE_PX
_SHARE_RANGE = patch.SHARE_RANGE
_NOTHING = -6.0  # logits below it change no sample by half a step
_UNSEEN = 0.002


@inlined
def _linear(plane: Plane, x: float, y: float) -> float:
    """A sample between others; edges are repeated."""
    last_row, last_column = plane.shape[0] - 1, plane.shape[1] - 1
    x, y = min(max(x, 0.0), float(last_column)), min(max(y, 0.0), float(last_row))
    column, row = int(x), int(y)
    beside, below = min(column + 1, last_column), min(row + 1, last_row)
    fx, fy = x - column, y - row
    upper = plane[row, column] * (1 - fx) + plane[row, beside] * fx
    lower = plane[below, column] * (1 - fx) + plane[below, beside] * fx
    return float(upper * (1 - fy) + lower * fy)


@inlined
def _mean(plane: Plane, eye: Values, step: int, at_x: float, at_y: float, side: float) -> float:
    """Mean over a square of the patch, `side` of its pixels wide, of as many samples as the frame has there."""
    count = max(1, math.ceil(eye[SCALE] * side / step - 0.25))
    rest, total = (step - 1) * 0.5, 0.0
    for sample in range(count * count):
        px = (at_x - (_WIDTH - 1) / 2 + ((sample % count + 0.5) / count - 0.5) * side) * eye[SCALE]
        py = (at_y - (_HEIGHT - 1) / 2 + ((sample // count + 0.5) / count - 0.5) * side) * eye[SCALE]
        x = eye[MIDDLE_X] + eye[COSINE] * px - eye[SINE] * py
        y = eye[MIDDLE_Y] + eye[SINE] * px + eye[COSINE] * py
        total += _linear(plane, (x - rest) / step, (y - rest) / step)
    return float(total / (count * count))


@compiled
def see_eye(luma: Plane, u: Plane, v: Plane, eye: Values, upper: Values, lower: Values, out: Values) -> None:
    """Fill the net's input for one eye.

    Args:
        luma: `uint8`, `(rows, columns)`.
        u: Half as large.
        v: Half as large.
        eye: Numbers of the eye, in the order of the constants above: `float32`, `(EYE_NUMBERS,)`.
        upper: Heights of the upper lid in pixels of the patch at the net's columns: `(32,)`.
        lower: Likewise.
        out: Filled: `float32`, `(24, 32, CHANNELS_IN)`.
    """
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            x, y = 2 * column + 0.5, 2 * row + 0.5
            for part in range(4):
                value = _mean(luma, eye, 1, 2.0 * column + part % 2, 2.0 * row + part // 2, 1.0)
                out[row, column, _LUMA + part] = (value - _BLACK) / _RANGE - 0.5
            out[row, column, _CHROMA] = (_mean(u, eye, 2, x, y, 2.0) - _GREY) / _CHROMA_RANGE
            out[row, column, _CHROMA + 1] = (_mean(v, eye, 2, x, y, 2.0) - _GREY) / _CHROMA_RANGE
            out[row, column, _UPPER] = min(max((y - upper[column]) / _LID_RANGE, -1.0), 1.0)
            out[row, column, _LOWER] = min(max((y - lower[column]) / _LID_RANGE, -1.0), 1.0)
            for channel in range(2):
                dx, dy = x - eye[IRIS_X] - channel * eye[SHIFT_X], y - eye[IRIS_Y] - channel * eye[SHIFT_Y]
                away = min(math.sqrt(dx * dx + dy * dy) / eye[RADIUS], _IRIS_RANGE)
                out[row, column, _FROM_IRIS + channel] = away * (2 / _IRIS_RANGE) - 1
                out[row, column, _SHIFT + channel] = eye[SHIFT_X + channel] / _SHIFT_RANGE
            out[row, column, _PLACE] = x / out.shape[1] - 1
            out[row, column, _PLACE + 1] = y / out.shape[0] - 1


@inlined
def _weights(t: np.float32, weights: Values) -> None:
    """Of four samples in a row: a cubic that keeps edges (Keys, 1981, a = -0.75)."""
    one, a = np.float32(1), np.float32(-0.75)
    for index in range(4):
        d = abs(t + one - np.float32(index))
        if d < one:
            weights[index] = ((a + np.float32(2)) * d - (a + np.float32(3))) * d * d + one
        else:
            weights[index] = ((a * d - np.float32(5) * a) * d + np.float32(8) * a) * d - np.float32(4) * a


@inlined
def _cubic(plane: Plane, x: np.float32, y: np.float32, across: Values, down: Values) -> np.float32:
    """A sample between others; edges are repeated. `across` and `down` are room to work in."""
    left, top = int(np.floor(x)), int(np.floor(y))
    _weights(x - np.float32(left), across)
    _weights(y - np.float32(top), down)
    last_row, last_column = plane.shape[0] - 1, plane.shape[1] - 1
    total = np.float32(0)
    if left >= 1 and left + 2 <= last_column and top >= 1 and top + 2 <= last_row:
        for j in range(4):
            line = np.float32(0)
            for i in range(4):
                line += np.float32(plane[top - 1 + j, left - 1 + i]) * across[i]
            total += line * down[j]
        return total
    for j in range(4):
        row = min(max(top - 1 + j, 0), last_row)
        line = np.float32(0)
        for i in range(4):
            line += np.float32(plane[row, min(max(left - 1 + i, 0), last_column)]) * across[i]
        total += line * down[j]
    return total


@inlined
def _mixed(said: Values, x: np.float32, y: np.float32, shares: Values) -> bool:
    """Fill in the layers' shares at a place of the patch; whether there is anything but the unchanged picture.

    They have the patch's full resolution, and are mixed as logits, so that edges stay crisp when enlarged.
    """
    one, zero = np.float32(1), np.float32(0)
    left, top = min(int(x), _WIDTH - 2), min(int(y), _HEIGHT - 2)
    fx, fy = x - np.float32(left), y - np.float32(top)
    highest = zero
    lowest = np.float32(_NOTHING)
    for layer in range(_LAYERS):
        logit = zero
        for part in range(4):
            px, py = left + (part & 1), top + (part >> 1)
            weight = (fx if part & 1 else one - fx) * (fy if part >> 1 else one - fy)
            logit += weight * said[py >> 1, px >> 1, _SHARE + 4 * layer + 2 * (py & 1) + (px & 1)]
        shares[layer] = logit * np.float32(_SHARE_RANGE)
        highest, lowest = max(highest, shares[layer]), max(lowest, shares[layer])
    if lowest <= np.float32(_NOTHING):
        return False
    total = np.exp(-highest)
    for layer in range(_LAYERS):
        shares[layer] = np.exp(shares[layer] - highest)
        total += shares[layer]
    for layer in range(_LAYERS):
        shares[layer] /= total
    return True


@inlined
def _between(said: Values, row: int, column: int, fx: np.float32, fy: np.float32, channel: int) -> np.float32:
    """A channel of half resolution between four of its samples."""
    one = np.float32(1)
    upper = said[row, column, channel] * (one - fx) + said[row, column + 1, channel] * fx
    lower = said[row + 1, column, channel] * (one - fx) + said[row + 1, column + 1, channel] * fx
    return np.float32(upper * (one - fy) + lower * fy)


@compiled
def move_eye(plane: Plane, step: int, eye: Values, said: Values, box: NDArray[np.int64], out: Plane) -> None:
    """Change one eye in one plane as the net says.

    Args:
        plane: `uint8`, `(rows, columns)`: as it was.
        step: Luma pixels for each sample: 1 for luma, 2 for chroma.
        eye: Numbers of the eye, in the order of the constants above: `float32`, `(EYE_NUMBERS,)`.
        said: What the net gave: `float32`, `(24, 32, CHANNELS_OUT)`.
        box: First and last row, first and last column of samples that may change; the last ones are outside.
        out: Changed: as `plane`; holds a copy of it.
    """
    one, half, zero = np.float32(1), np.float32(0.5), np.float32(0)
    grain, rest = np.float32(step), np.float32((step - 1) * 0.5)
    inverse, scale = one / eye[SCALE], eye[SCALE] / grain
    last_x, last_y = np.float32(_WIDTH - 1), np.float32(_HEIGHT - 1)
    shares, across, down = np.empty(_LAYERS, np.float32), np.empty(4, np.float32), np.empty(4, np.float32)
    for row in range(box[0], box[1]):
        for column in range(box[2], box[3]):
            at_x = np.float32(column) * grain + rest - eye[MIDDLE_X]
            at_y = np.float32(row) * grain + rest - eye[MIDDLE_Y]
            x = (eye[COSINE] * at_x + eye[SINE] * at_y) * inverse + last_x * half
            y = (eye[COSINE] * at_y - eye[SINE] * at_x) * inverse + last_y * half
            edge = min(min(x, last_x - x), min(y, last_y - y))
            if edge <= zero or not _mixed(said, x, y, shares):
                continue
            # Flow and light have half of the patch's resolution.
            half_x = min(max((x - half) * half, zero), np.float32(said.shape[1] - 1))
            half_y = min(max((y - half) * half, zero), np.float32(said.shape[0] - 1))
            left, top = min(int(half_x), said.shape[1] - 2), min(int(half_y), said.shape[0] - 2)
            fx, fy = half_x - np.float32(left), half_y - np.float32(top)
            light = one
            if step == 1:
                light += _between(said, top, left, fx, fy, _LIGHT)
                light = min(max(light, np.float32(_LEAST_LIGHT)), np.float32(_MOST_LIGHT))
            kept = min(edge * np.float32(1 / _FADE), one) * eye[PRESENCE]
            before, change = np.float32(plane[row, column]), zero
            for layer in range(_LAYERS):
                share = shares[layer] * kept
                if share < np.float32(_UNSEEN):
                    continue
                flow_x = _between(said, top, left, fx, fy, 2 * layer) * np.float32(_FLOW_RANGE)
                flow_y = _between(said, top, left, fx, fy, 2 * layer + 1) * np.float32(_FLOW_RANGE)
                if layer > 0:
                    flow_x -= eye[SHIFT_X]
                    flow_y -= eye[SHIFT_Y]
                from_x = np.float32(column) + (eye[COSINE] * flow_x - eye[SINE] * flow_y) * scale
                from_y = np.float32(row) + (eye[SINE] * flow_x + eye[COSINE] * flow_y) * scale
                value = _cubic(plane, from_x, from_y, across, down)
                if step == 1:
                    value = (value - np.float32(_BLACK)) * light + np.float32(_BLACK)
                change += share * (value - before)
            out[row, column] = np.uint8(min(max(before + change + half, zero), np.float32(255)))
