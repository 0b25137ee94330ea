"""From any decoded frame to the one pixel format inside."""

from __future__ import annotations

import av
import cv2
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from eyeline.processing.frame import I420Image

_AVCOL_SPC_UNSPECIFIED = 2
_AVCOL_SPC_BT_601 = (5, 6)
_TURNS = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


def to_i420(frame: av.VideoFrame) -> I420Image:
    """Limited-range BT.601 I420, upright, with a last odd column or row cut off.

    A YUV frame that does not say its matrix is taken for BT.601, one that does not say its range for limited: that is
    what encoders on this side of the wire assume, too.

    Raises:
        ValueError: The frame is less than 2 pixels wide or high.
    """
    image = I420Image.from_video_frame(_as_limited_bt_601(frame))
    return _turned(image, frame.rotation % 360)


def _as_limited_bt_601(frame: av.VideoFrame) -> av.VideoFrame:
    unsaid = frame.colorspace == _AVCOL_SPC_UNSPECIFIED
    limited = frame.color_range in (ColorRange.UNSPECIFIED, ColorRange.MPEG)
    if frame.format.name == "yuv420p" and limited and (unsaid or frame.colorspace in _AVCOL_SPC_BT_601):
        return frame
    return frame.reformat(
        format="yuv420p",
        src_colorspace=Colorspace.ITU601 if unsaid and not frame.format.is_rgb else None,
        dst_colorspace=Colorspace.ITU601,
        dst_color_range=ColorRange.MPEG,
        interpolation=Interpolation.BILINEAR | Interpolation.ACCURATE_RND,
        threads=1,
    )


def _turned(image: I420Image, degrees: int) -> I420Image:
    """The image turned counter-clockwise by a multiple of 90 degrees; by another angle, not at all."""
    if degrees not in _TURNS:
        return image
    sideways = degrees != 180
    turned = I420Image.empty(*(image.size[::-1] if sideways else image.size))
    for source, target in zip(image.planes, turned.planes, strict=True):
        cv2.rotate(source, _TURNS[degrees], dst=target)
    return turned
