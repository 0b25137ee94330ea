"""One picture file through the picture."""

from __future__ import annotations

from pathlib import Path

import cv2

from eyeline.processing.effects import Exposure
from eyeline.processing.errors import RenderError
from eyeline.processing.frame import CapturedFrame, I420Image, Plane
from eyeline.processing.partial_file import written_whole
from eyeline.processing.picture import Picture
from eyeline.processing.picture_file import picture_image, read_picture
from eyeline.processing.render_job import MAX_PIXELS, RenderJob, RenderReport

_SETTLING_FRAMES = 40
_SETTLING_STEP_S = 0.2
_JPEG = (cv2.IMWRITE_JPEG_QUALITY, 95)
_OPTIONS = {".jpg": _JPEG, ".jpeg": _JPEG, ".webp": (cv2.IMWRITE_WEBP_QUALITY, 95)}


def render_picture(picture: Picture, job: RenderJob) -> RenderReport:
    """Render one picture; the outputs have its size, odd or even, unless framing makes it smaller.

    Raises:
        SourceError: The source cannot be read.
        RenderError: An output cannot be written.
        ModelError: No mask could be had.
    """
    bgr = read_picture(job.source, max_pixels=MAX_PIXELS)
    height_px, width_px = bgr.shape[:2]
    frame = _settled(picture, picture_image(bgr))
    if job.matte is None:
        _write(job.target, picture.process(frame).image.to_bgr()[:height_px, :width_px])
    else:
        processed, matte = picture.process_with_matte(frame)
        _write(job.target, processed.image.to_bgr()[:height_px, :width_px])
        _write(job.matte, matte.plane[:height_px, :width_px])
    return RenderReport(1)


def _settled(picture: Picture, image: I420Image) -> CapturedFrame:
    """The frame to take: the first, or the one at which whatever follows the person has come to rest."""
    effects = picture.effects
    if effects is None or not (effects.framing.follow or effects.exposure is Exposure.LIFT):
        return CapturedFrame(image, 0.0)
    for number in range(_SETTLING_FRAMES):
        picture.process(CapturedFrame(image, number * _SETTLING_STEP_S))
    return CapturedFrame(image, _SETTLING_FRAMES * _SETTLING_STEP_S)


def _write(path: Path, pixels: Plane) -> None:
    try:
        suffix = path.suffix.lower()
        encoded, content = cv2.imencode(suffix, pixels, _OPTIONS.get(suffix, ()))
    except cv2.error as error:
        raise RenderError(f"{path.name} cannot be encoded: {error.err}.") from error
    if not encoded:
        raise RenderError(f"{path.name} cannot be encoded.")
    with written_whole(path) as partial:
        partial.write_bytes(content.tobytes())
