"""From a decoded frame to the picture that was asked for: size, turn, range and matrix."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import av
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from eyeline.processing.convert import to_i420
from eyeline.processing.frame import I420Image, fit_within

_AVCOL_SPC_UNSPECIFIED = 2
_HD_HEIGHT_PX = 720


@dataclass(frozen=True, slots=True)
class Box:
    """The largest picture wanted, and how many of them a second."""

    width_px: int
    height_px: int
    fps: int


class FrameFitter:
    """Scales and converts in one step of swscale; for one thread.

    Args:
        box: Pictures are made to fit in it, never enlarged.
        unsaid: The matrix of YUV frames that do not say theirs. Cameras mean BT.601. `None` guesses by size as players
            do: BT.709 from 720 lines on.
    """

    def __init__(self, box: Box, *, unsaid: Colorspace | None = None) -> None:
        self._box = box
        self._unsaid = unsaid
        self._reformatter = VideoReformatter()

    def fit(self, frame: av.VideoFrame, pixel_shape: Fraction | None = None) -> I420Image:
        """Limited-range BT.601, upright, with square pixels.

        Args:
            frame: As decoded.
            pixel_shape: Width of a pixel by its height; square when it is not known.
        """
        width_px, height_px = self._size(frame, pixel_shape or Fraction(1))
        fitted = self._reformatter.reformat(
            frame,
            width_px,
            height_px,
            format="yuv420p",
            src_colorspace=self._matrix(frame),
            dst_colorspace=Colorspace.ITU601,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BILINEAR | Interpolation.ACCURATE_RND,
            threads=1,
        )
        return to_i420(fitted)

    def _size(self, frame: av.VideoFrame, pixel_shape: Fraction) -> tuple[int, int]:
        """The size before the turn, within a box turned the other way."""
        box_px = (self._box.width_px, self._box.height_px)
        if frame.rotation % 180:
            box_px = box_px[::-1]
        wide, tall = max(pixel_shape, Fraction(1)), max(1 / pixel_shape, Fraction(1))
        return fit_within(max(1, round(frame.width / tall)), max(1, round(frame.height / wide)), *box_px)

    def _matrix(self, frame: av.VideoFrame) -> Colorspace | None:
        if frame.colorspace != _AVCOL_SPC_UNSPECIFIED or frame.format.is_rgb:
            return None
        if self._unsaid is not None:
            return self._unsaid
        is_hd = min(frame.width, frame.height) >= _HD_HEIGHT_PX
        return Colorspace.ITU709 if is_hd else Colorspace.ITU601
