"""What the parts cost by themselves: decoding, work and encoding, one after the other on the beat, and nothing else."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Final, Self

import av
import cv2
from av import VideoFrame
from av.video.codeccontext import VideoCodecContext

from eyeline.bot.bench.beat import Beat
from eyeline.bot.bench.clip import FPS, Clip
from eyeline.bot.bench.packets import CodedClip
from eyeline.bot.bench.work import burn
from eyeline.processing.rtc.effort import Effort
from eyeline.processing.rtc.frame_times import FrameTime
from eyeline.processing.rtc.h264_encoder import open_h264
from eyeline.processing.rtc.vp8_encoder import open_vp8

_TICKS: Final = 90_000 // FPS


@dataclass
class PartTimes:
    """CPU seconds of each part in a run, and how many pictures there were."""

    frames: int = 0
    decode_s: float = 0.0
    work_s: float = 0.0
    encode_s: float = 0.0
    octets: int = 0


class BareEncoder:
    """The codec with our settings and nothing around it, for one thread.

    Args:
        codec: `VP8` or `H264`.
        width_px: Of the pictures.
        height_px: Of the pictures.
        bitrate_bps: To aim at.
    """

    def __init__(self, codec: str, width_px: int, height_px: int, bitrate_bps: int) -> None:
        make = partial(open_vp8 if codec == "VP8" else open_h264, skips_still=False)
        self._codec = make(width_px, height_px, bitrate_bps, Effort.FULL)
        self._frames = 0

    def aim(self, bitrate_bps: int, effort: int = Effort.FULL) -> None:
        """Another rate and effort from now on, as far as that costs no keyframe."""
        self._codec.aim(bitrate_bps, Effort(effort))

    def encode(self, frame: VideoFrame, times: PartTimes) -> None:
        """Encode the next picture and note what it cost."""
        frame.pts = 0  # only has to be there
        begun_s = time.thread_time()
        coded = self._codec.encode(frame, FrameTime(self._frames * _TICKS, _TICKS), keyframe=False)
        times.encode_s += time.thread_time() - begun_s
        times.octets += len(coded.data) if coded else 0
        self._frames += 1

    def close(self) -> None:
        """Free the codec."""
        self._codec.close()


class BareCodec:
    """The role of a bare encoder that is fed with the clip, thirty times a second.

    Args:
        clip: Arguments of the `Clip`.
        codec: `VP8` or `H264`.
        bitrate_bps: To aim at.
    """

    def __init__(self, clip: dict[str, Any], codec: str, bitrate_bps: int) -> None:
        self._clip = Clip.of(clip)
        self._bitrate_bps = bitrate_bps
        self._encoder = BareEncoder(codec, self._clip.width_px, self._clip.height_px, bitrate_bps)
        self._number = 0

    async def __aenter__(self) -> Self:
        self._pictures = self._clip.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._encoder.close()

    async def measure(self, seconds: float, warm_up_s: float, effort: int) -> dict[str, Any]:
        """`cpu_s` of encoding alone, with an `Effort`, and `frames` and `octets` that came of it."""
        self._encoder.aim(self._bitrate_bps, effort)
        await asyncio.to_thread(self._run, warm_up_s)
        times = await asyncio.to_thread(self._run, seconds)
        return {"cpu_s": times.encode_s, "frames": times.frames, "octets": times.octets}

    def _run(self, seconds: float) -> PartTimes:
        times, beat, until_s = PartTimes(), Beat(), time.monotonic() + seconds
        while time.monotonic() < until_s:
            beat.sleep()
            packed = self._pictures[self._number % len(self._pictures)]
            self._encoder.encode(VideoFrame.from_numpy_buffer(packed, "yuv420p"), times)
            self._number += 1
            times.frames += 1
        return times


class Parts:
    """The role of everything that the bot cannot do without: decode, work, encode.

    Args:
        coded: Arguments of the `CodedClip`.
        codec: `VP8` or `H264`, to encode with.
        work_ms: CPU time for a picture.
    """

    def __init__(self, coded: dict[str, Any], codec: str, work_ms: float) -> None:
        self._coded = CodedClip.of(coded)
        self._units = self._coded.units()
        self._codec = codec
        self._work_ms = work_ms
        self._number = 0

    async def __aenter__(self) -> Self:
        cv2.setNumThreads(1)
        self._decoder = VideoCodecContext.create("h264", "r")
        self._decoder.thread_count = 1
        self._encoder = BareEncoder(self._codec, self._coded.width_px, self._coded.height_px, 1_200_000)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._encoder.close()

    async def measure(self, seconds: float, warm_up_s: float, bitrate_bps: int) -> dict[str, Any]:
        """`decode_ms`, `work_ms` and `encode_ms` of CPU time for a picture, at a rate."""
        self._encoder.aim(bitrate_bps)
        await asyncio.to_thread(self._run, warm_up_s)
        times = await asyncio.to_thread(self._run, seconds)
        sums_s = {"decode_ms": times.decode_s, "work_ms": times.work_s, "encode_ms": times.encode_s}
        return {name: sum_s / times.frames * 1000 for name, sum_s in sums_s.items()}

    def _run(self, seconds: float) -> PartTimes:
        times, beat, until_s = PartTimes(), Beat(), time.monotonic() + seconds
        while time.monotonic() < until_s:
            beat.sleep()
            for frame in self._decoded(times):
                begun_s = time.thread_time()
                burn(self._work_ms)
                times.work_s += time.thread_time() - begun_s
                self._encoder.encode(frame, times)
                times.frames += 1
        return times

    def _decoded(self, times: PartTimes) -> list[VideoFrame]:
        unit = self._units[self._number % len(self._units)]
        self._number += 1
        begun_s = time.thread_time()
        frames: list[VideoFrame] = []
        with suppress(av.FFmpegError):  # what follows a jump is told by the frames that are missing
            frames = self._decoder.decode(av.Packet(unit))
        times.decode_s += time.thread_time() - begun_s
        return frames
