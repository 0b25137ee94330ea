"""What every video codec of ours does: turn one picture into bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from av import VideoFrame

from eyeline.processing.rtc.effort import Effort
from eyeline.processing.rtc.frame_times import FrameTime


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """One picture in bits.

    Args:
        data: As the codec's standard has it.
        is_keyframe: Whether it needs no other.
    """

    data: bytes
    is_keyframe: bool


class VideoCodec(Protocol):
    """An encoder of one size, for one thread at a time. Every method raises `EncoderError` when it cannot be done."""

    def encode(self, frame: VideoFrame, time: FrameTime, *, keyframe: bool) -> CodedPicture | None:
        """Encode a picture in `yuv420p` of the codec's size, without changing it; `None` when rate control left it out.

        Args:
            frame: Read only during the call. Its own time and type count for nothing.
            time: On a time line of 90 kHz.
            keyframe: Whether it must be one; none is made unasked but the first.
        """
        ...

    def aim(self, bitrate_bps: int, effort: Effort) -> None:
        """Take another rate and effort from the next picture on, as far as that costs no keyframe."""
        ...

    def close(self) -> None:
        """Free the codec; may be called again."""
        ...
