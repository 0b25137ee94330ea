"""The clip as a stream of H264, for a sender that must not cost what encoding does."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Self

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from eyeline.bot.bench.clip import FPS, Clip
from eyeline.bot.bench.errors import BenchError

BITRATE_BPS: Final = 2_500_000
KEYFRAME_EVERY: Final = FPS


@dataclass(frozen=True, slots=True)
class CodedClip:
    """One access unit for each picture, keyframes once a second.

    Args:
        path: The access units one after the other, as byte streams (ITU-T H.264, annex B).
        sizes: Of the access units, in bytes.
        width_px: Of each picture.
        height_px: Of each picture.
    """

    path: Path
    sizes: tuple[int, ...]
    width_px: int
    height_px: int

    @classmethod
    def of(cls, arguments: dict[str, Any]) -> Self:
        """From the arguments of a process."""
        return cls(**{**arguments, "path": Path(arguments["path"]), "sizes": tuple(arguments["sizes"])})

    def arguments(self) -> dict[str, Any]:
        """For another process; fits in JSON."""
        return {**dataclasses.asdict(self), "path": str(self.path)}

    def units(self) -> list[bytes]:
        """The access units."""
        data, begin, units = self.path.read_bytes(), 0, []
        for size in self.sizes:
            units.append(data[begin : begin + size])
            begin += size
        return units


def is_keyframe(number: int) -> bool:
    """Whether a picture of the clip was coded by itself."""
    return number % KEYFRAME_EVERY == 0


def next_keyframe(number: int, frames: int) -> int:
    """The first picture from this one on that was coded by itself; the clip begins anew after its last."""
    return -(-number // KEYFRAME_EVERY) * KEYFRAME_EVERY % frames


def encode_clip(clip: Clip, path: Path) -> CodedClip:
    """Encode a clip into a file. Takes seconds.

    Raises:
        BenchError: There is no H264 encoder.
    """
    try:
        codec = _codec(clip)
    except (av.FFmpegError, ValueError) as error:
        raise BenchError(f"There is no H264 encoder to make the measurement's stream with: {error}.") from error
    units = []
    for number, picture in enumerate(clip.open()):
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts = number
        frame.pict_type = PictureType.I if is_keyframe(number) else PictureType.NONE
        units.append(b"".join(map(bytes, codec.encode(frame))))
    path.write_bytes(b"".join(units))
    return CodedClip(path, tuple(map(len, units)), clip.width_px, clip.height_px)


def _codec(clip: Clip) -> VideoCodecContext:
    codec = VideoCodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = clip.width_px, clip.height_px, "yuv420p"
    codec.bit_rate = BITRATE_BPS
    codec.framerate, codec.time_base = Fraction(FPS), Fraction(1, FPS)
    codec.thread_count = 1
    codec.profile = "Baseline"
    codec.options = {
        "preset": "superfast",
        "tune": "zerolatency",
        "level": "3.1",
        "maxrate": str(BITRATE_BPS),
        "bufsize": str(BITRATE_BPS // 4),
        "forced-idr": "1",
        "x264-params": f"keyint={KEYFRAME_EVERY}:scenecut=0:repeat-headers=1:sliced-threads=0",
    }
    codec.open()
    return codec
