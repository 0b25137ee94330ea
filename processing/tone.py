"""High dynamic range, shown on what has none."""

from __future__ import annotations

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from eyeline.processing.frame import I420Image

_AVCOL_TRC_SMPTE2084 = 16
_WHITE_NITS = 203  # BT.2408: paper in the sun
_EXPOSURE = 1.5
_BRIGHTEST = _EXPOSURE * 1000 / _WHITE_NITS
_GAMMA = 2.2
_MOST_COLOR = 1.8


def is_perceptual_quantizer(frame: av.VideoFrame) -> bool:
    """Whether the frame's levels mean light by SMPTE ST 2084, as HDR10's do; HLG needs no help to be looked at."""
    return int(frame.color_trc) == _AVCOL_TRC_SMPTE2084


def tone_mapped(image: I420Image) -> I420Image:
    """A picture whose limited-range levels are by ST 2084, as one with the usual gamma; highlights are pressed.

    The colours keep BT.2020's primaries and look a little pale: good enough out of focus behind a person.
    """
    result = I420Image.empty(*image.size)
    cv2.LUT(image.y, _LEVELS, dst=result.y)
    half_px = image.u.shape[::-1]
    strength = _COLOR[cv2.resize(image.y, half_px, interpolation=cv2.INTER_AREA)]
    for plane, target in zip((image.u, image.v), (result.u, result.v), strict=True):
        np.copyto(
            target, np.clip(np.rint(128 + (plane.astype(np.float32) - 128) * strength), 16, 240), casting="unsafe"
        )
    return result


def _signal() -> NDArray[np.float64]:
    return np.clip((np.arange(256) - 16) / 219, 0, 1)


def _shown(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """0..1 by ST 2084 to 0..1 by gamma, over the curve of Reinhard et al. 2002, equation 4."""
    root = signal ** (1 / 78.84375)
    nits = 10_000 * (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
    light = _EXPOSURE * nits / _WHITE_NITS
    return np.clip(light * (1 + light / _BRIGHTEST**2) / (1 + light), 0, 1) ** (1 / _GAMMA)


_LEVELS = np.rint(16 + 219 * _shown(_signal())).astype(np.uint8)
_COLOR = np.clip(_shown(_signal()) / np.maximum(_signal(), 1e-3), 0, _MOST_COLOR).astype(np.float32)
