"""A person whose outline is known, in a room that was never photographed, and the weights to find her with."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Self

import av
import cv2
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.container import OutputContainer
from numpy.typing import NDArray
from skimage import data

from eyeline.models.runtimes.litert import LiteRtRuntime
from eyeline.models.store import default_directory
from eyeline.processing.frame import CapturedFrame, I420Image
from eyeline.processing.mask import PersonMask
from eyeline.processing.pyramid import Pyramid
from eyeline.processing.refine import matte_of

CLIPS = Path(__file__).resolve().parents[1] / "../shared/clips/matting"

# The outline of the person in scikit-image's `astronaut`, which is 512 pixels square.
_OUTLINE = (
    *((201, 21), (182, 39), (165, 48), (153, 72), (156, 102), (176, 123), (183, 148), (145, 155), (122, 180)),
    *((112, 206), (88, 222), (60, 245), (40, 290), (30, 330), (24, 400), (30, 460), (20, 511), (495, 511)),
    *((497, 450), (480, 395), (440, 355), (400, 345), (362, 352), (358, 310), (343, 264), (303, 230), (296, 206)),
    *((258, 173), (267, 141), (289, 119), (299, 101), (301, 79), (289, 43), (274, 29), (238, 14)),
)


def load_mask() -> PersonMask:
    """The real nets; skips the test where their weights were never fetched."""
    return PersonMask(load_net("selfie_segmentation_landscape"), load_net("selfie_segmentation"))


def load_net(stem: str) -> LiteRtRuntime:
    """One real net; skips the test where its weights were never fetched."""
    path = default_directory() / f"{stem}.tflite"
    if not path.is_file():
        pytest.skip("the weights are not on this machine: eyeline models fetch")
    return LiteRtRuntime(path)


def found_matte(person: PersonMask, image: I420Image) -> NDArray[np.float32]:
    """The matte of the next frame of a stream, 0..1, shape `(height, width)`."""
    pyramid = Pyramid(image)
    return matte_of(image, pyramid, person.update(pyramid)).plane.astype(np.float32) / 255


class StillRuntime:
    """A runtime that finds the same mask in every frame and remembers what it was given."""

    def __init__(self, mask: NDArray[np.float32]) -> None:
        self.mask = mask
        self.seen: list[NDArray[np.float32]] = []
        self.closed = False

    @property
    def input_shape(self) -> tuple[int, ...]:
        return (1, *self.mask.shape, 3)

    def run(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        self.seen.append(tensor.copy())
        return self.mask[None, ..., None].copy()

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def half_person(rows: int = 18, columns: int = 32) -> NDArray[np.float32]:
    """A mask that says: the left half is a person."""
    mask = np.zeros((rows, columns), np.float32)
    mask[:, : columns // 2] = 1
    return mask


def captured(image: I420Image, at_s: float = 0.0) -> CapturedFrame:
    return CapturedFrame(image, at_s)


def room(width_px: int, height_px: int) -> NDArray[np.uint8]:
    """A wall with a window, a shelf and a floor, BGR."""
    bgr = np.full((height_px, width_px, 3), (150, 175, 185), np.uint8)
    bgr[height_px * 4 // 5 :] = (70, 100, 130)
    window = slice(height_px // 8, height_px // 2), slice(width_px // 14, width_px // 4)
    bgr[window] = (235, 215, 180)
    for index in range(8):
        left = width_px * (70 + index * 3) // 100
        bgr[height_px // 4 : height_px // 2, left : left + width_px // 45] = (40 + 25 * index, 90, 200 - 20 * index)
    noise = np.random.default_rng(1).normal(0, 2, bgr.shape)
    return np.clip(bgr + noise, 0, 255).astype(np.uint8)


def scene(width_px: int, height_px: int, *, shift: float = 0.0) -> tuple[I420Image, NDArray[np.float32]]:
    """The person in the room and her exact matte, shape `(height, width)`.

    Args:
        width_px: Even.
        height_px: Even.
        shift: Of the person, in widths from the middle.
    """
    person, alpha = _person()
    scale = 0.85 * height_px / 512
    move = np.array(
        [[scale, 0, width_px * (0.5 + shift) - 240 * scale], [0, scale, height_px - 512 * scale]], np.float32
    )
    placed = cv2.warpAffine(person, move, (width_px, height_px), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    matte = np.asarray(cv2.warpAffine(alpha, move, (width_px, height_px)), np.float32)
    bgr = placed * matte[..., None] + room(width_px, height_px) * (1 - matte[..., None])
    return I420Image.from_bgr(np.rint(bgr).astype(np.uint8)), matte


@lru_cache
def _person() -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    bgr = np.ascontiguousarray(data.astronaut()[..., ::-1])
    alpha = np.zeros(bgr.shape[:2], np.float32)
    cv2.fillPoly(alpha, [np.array(_OUTLINE, np.int32)], 1.0)
    return bgr, np.asarray(cv2.GaussianBlur(alpha, (0, 0), 1.5), np.float32)


def iou(found: NDArray[np.floating], true: NDArray[np.floating]) -> float:
    """Intersection over union of two mattes at one half."""
    return float(((found > 0.5) & (true > 0.5)).sum() / ((found > 0.5) | (true > 0.5)).sum())


def mad(found: NDArray[np.floating], true: NDArray[np.floating]) -> float:
    """Mean absolute difference of two mattes."""
    return float(np.abs(found - true).mean())


def write_clip(
    path: Path,
    images: list[I420Image],
    *,
    rate: int = 25,
    pts: list[int] | None = None,
    sound: str | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """A lossless H.264 file of these frames, with a second of `sound` (PyAV's name of a codec) where one is given.

    Args:
        path: Its ending tells the container.
        images: Of one size.
        rate: Frames per second.
        pts: Timestamps in units of `1 / rate`, or one after the other.
        sound: Of the tone.
        options: Of the encoder instead of lossless coding.
    """
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=rate, options=options or {"qp": "0"})
        video.width, video.height, video.pix_fmt = images[0].width_px, images[0].height_px, "yuv420p"
        audio = container.add_stream(sound, rate=48_000, layout="mono") if sound else None
        for index, image in enumerate(images):
            frame = image.to_video_frame()
            frame.pts, frame.time_base = pts[index] if pts else index, Fraction(1, rate)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            _write_tone(container, audio)
    return path


def _write_tone(container: OutputContainer, audio: AudioStream) -> None:
    for index in range(50):
        tone = np.sin(2 * np.pi * 440 * (np.arange(960) + index * 960) / 48_000)
        frame = av.AudioFrame.from_ndarray((tone * 8000).astype(np.int16)[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, index * 960, Fraction(1, 48_000)
        container.mux(audio.encode(frame))
    container.mux(audio.encode(None))


def turn_clip(path: Path, degrees: int) -> None:
    """Give an MP4 file a display matrix: players turn its picture clockwise by 90, 180 or 270 degrees."""
    cosine, sine = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    matrix = struct.pack(">9i", cosine << 16, sine << 16, 0, -sine << 16, cosine << 16, 0, 0, 0, 1 << 30)
    content = bytearray(path.read_bytes())
    header = content.index(b"tkhd") + 4
    content[header + 40 : header + 76] = matrix
    path.write_bytes(content)


def wait_until(happened: Callable[[], bool]) -> None:
    """Give other threads time, but not for ever."""
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def video_threads() -> int:
    """How many video backgrounds run."""
    return sum(thread.name == "video-background" for thread in threading.enumerate())
