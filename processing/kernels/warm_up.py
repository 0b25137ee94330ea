"""Compiling ahead of the first frame."""

from __future__ import annotations

import threading
from typing import Any

from numba import types

from eyeline.processing.kernels.band_blend import blend_planes, full_matte
from eyeline.processing.kernels.eye_flow import move_eye, see_eye
from eyeline.processing.kernels.eye_surroundings import strangeness, surroundings
from eyeline.processing.kernels.eye_visibility import eye_visibility
from eyeline.processing.kernels.eye_warp import warp_eye
from eyeline.processing.kernels.face_geometry import (
    below_corners,
    head_axes,
    lid_heights,
    opening_px,
    place_points,
    turned_bounds,
)
from eyeline.processing.kernels.guided_filter import box_means, local_lines
from eyeline.processing.kernels.light_wrap import lay_light
from eyeline.processing.kernels.mask_steps import agree, follow
from eyeline.processing.kernels.tensor_values import spread

_lock = threading.Lock()

# Arguments that are only read are declared so: arrays that may be written are accepted for them too.
_PLANE = types.Array(types.uint8, 2, "C", readonly=True)
_FILLED_PLANE = types.Array(types.uint8, 2, "C")
_MASK = types.Array(types.float32, 2, "C", readonly=True)
_FILLED_MASK = types.Array(types.float32, 2, "C")
_LINES = types.Array(types.float32, 3, "C", readonly=True)
_FILLED_LINES = types.Array(types.float32, 3, "C")
_YUV = (_PLANE,) * 3
_RANGE = (types.float64, types.float64)

_KERNELS: tuple[tuple[Any, tuple[Any, ...]], ...] = (
    (agree, (_MASK, _MASK, _MASK, *_RANGE, _FILLED_MASK)),
    (follow, (_MASK, _MASK, *_RANGE, types.float64, _FILLED_MASK)),
    (local_lines, (*_YUV, _MASK, types.int64, types.float64, _FILLED_LINES)),
    (box_means, (_LINES, types.int64, _FILLED_LINES)),
    (full_matte, (*_YUV, _LINES, _PLANE, *_RANGE, _FILLED_PLANE)),
    (blend_planes, (*_YUV, *_YUV, _LINES, _PLANE, *_RANGE, *(_FILLED_PLANE,) * 3)),
    (lay_light, (_LINES, _PLANE, *(_FILLED_PLANE,) * 3)),
)

_VALUES = types.Array(types.float32, 1, "C", readonly=True)
_FILLED_VALUES = types.Array(types.float32, 1, "C")
_TENSOR = types.Array(types.float32, 4, "C")
_BOX = types.Array(types.int64, 1, "C", readonly=True)

_GAZE_KERNELS: tuple[tuple[Any, tuple[Any, ...]], ...] = (
    (spread, (types.Array(types.uint8, 3, "C"), *_RANGE, _TENSOR)),
    (eye_visibility, (_TENSOR, _MASK, _MASK, _MASK, _FILLED_VALUES)),
    (surroundings, (_TENSOR, _FILLED_LINES)),
    (strangeness, (_LINES, _LINES, types.int64)),
    (place_points, (_MASK, _MASK, types.float64, _FILLED_MASK)),
    (turned_bounds, (_MASK, *_RANGE, _FILLED_VALUES)),
    (head_axes, (*(_VALUES,) * 4, _FILLED_MASK)),
    (opening_px, (_MASK, _MASK)),
    (below_corners, (_MASK, _MASK, _VALUES, types.float64, _FILLED_VALUES)),
    (lid_heights, (_MASK, _VALUES, _MASK, types.float64, _FILLED_VALUES)),
    (see_eye, (_PLANE, _PLANE, _PLANE, _VALUES, _VALUES, _VALUES, _FILLED_LINES)),
    (move_eye, (_PLANE, types.int64, _VALUES, _LINES, _BOX, _FILLED_PLANE)),
    (warp_eye, (_PLANE, types.int64, _VALUES, _VALUES, _VALUES, _BOX, _FILLED_PLANE)),
)


def warm_up_gaze() -> None:
    """Have the kernels of the gaze correction ready, as `warm_up` has those of the rest."""
    _compile(_GAZE_KERNELS)


def kept_in() -> str | None:
    """The folder that keeps what was compiled; `None` where it cannot be kept."""
    kernel: Any = agree
    return kernel.stats.cache_path or None


def was_compiled() -> bool:
    """Whether this process had to compile a kernel, since none that was kept would do."""
    return any(kernel.stats.cache_misses for kernel, _ in _KERNELS)


def warm_up() -> None:
    """Have all kernels of backgrounds ready. The very first time takes seconds; later starts load what was kept.

    From then on nothing is compiled any more: a kernel refuses arguments of a kind that it was not compiled for.
    """
    _compile(_KERNELS)


def _compile(kernels: tuple[tuple[Any, tuple[Any, ...]], ...]) -> None:
    with _lock:
        for kernel, signature in kernels:
            if kernel._can_compile:  # noqa: SLF001 - numba tells it nowhere else
                kernel.compile(signature)
                kernel.disable_compile()
