"""GStreamer's pipeline of the same codec: encode, packetise, encrypt, send, in one process."""

from __future__ import annotations

import asyncio
import logging
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from eyeline.bot.bench.clip import FPS, Clip
from eyeline.bot.bench.cpu import process_cpu_s
from eyeline.bot.bench.errors import BenchError
from eyeline.processing.rtc.effort import Effort
from eyeline.processing.rtc.h264_encoder import PRESET
from eyeline.processing.rtc.vp8_encoder import CPU_USED

log = logging.getLogger(__name__)

_LEAVE_S: Final = 5.0
_AROUND_PAYLOAD_BYTES: Final = 22  # RTP's header and SRTP's tag
_SRTP: Final = "srtpenc key=" + "0123456789" * 6 + " rtp-cipher=aes-128-icm rtp-auth=hmac-sha1-80"
_NEEDED: Final = {
    "VP8": ("vp8enc", "rtpvp8pay", "srtpenc", "udpsink", "rawvideoparse"),
    "H264": ("x264enc", "rtph264pay", "srtpenc", "udpsink", "rawvideoparse"),
}


def encoder_elements(codec: str, bitrate_bps: int, effort: Effort) -> str:
    """Encoder and payloader with the settings of ours.

    Args:
        codec: `VP8` or `H264`.
        bitrate_bps: To aim at.
        effort: As our encoder has it.
    """
    if codec == "VP8":
        return (
            f"vp8enc deadline=1 cpu-used={CPU_USED[effort]} threads=1 target-bitrate={bitrate_bps} end-usage=cbr "
            "keyframe-mode=disabled max-intra-bitrate=450 noise-sensitivity=0 static-threshold=1 lag-in-frames=0 "
            "min-quantizer=2 max-quantizer=56 undershoot=100 overshoot=15 dropframe-threshold=20 "
            "buffer-size=1000 buffer-initial-size=600 buffer-optimal-size=600 "
            "! rtpvp8pay"
        )
    kbps = bitrate_bps // 1000
    return (
        f"x264enc speed-preset={PRESET[effort]} tune=zerolatency threads=1 sliced-threads=false bitrate={kbps} "
        f"vbv-buf-capacity=250 key-int-max=100000 bframes=0 option-string=scenecut=0:aq-mode=0 "
        "! video/x-h264,profile=constrained-baseline ! rtph264pay aggregate-mode=zero-latency config-interval=-1"
    )


async def gstreamer_lacks(codec: str) -> str | None:
    """What is missing to compare with GStreamer; `None` when nothing is."""
    if shutil.which("gst-launch-1.0") is None or shutil.which("gst-inspect-1.0") is None:
        return "gst-launch-1.0 is not installed"
    for element in _NEEDED[codec]:
        process = await asyncio.create_subprocess_exec(
            "gst-inspect-1.0",
            "--exists",
            element,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        if await process.wait():
            return f"GStreamer has no {element}"
    return None


class _Counter(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.frames = 0
        self.octets = 0

    def datagram_received(self, data: bytes, _: object) -> None:
        self.frames += data[1] >> 7
        self.octets += len(data) - _AROUND_PAYLOAD_BYTES


@dataclass(frozen=True, slots=True)
class GStreamerCost:
    """Of the whole process.

    Args:
        cpu_ms: CPU time for a picture.
        bps: What was sent, as payload.
    """

    cpu_ms: float
    bps: int


async def gstreamer_cost(clip: Clip, encoder: str | None, *, seconds: float, warm_up_s: float) -> GStreamerCost:
    """What GStreamer costs.

    Args:
        clip: What is encoded, paced by its clock; `seconds` and `warm_up_s` together must not be longer than it is.
        encoder: As `encoder_elements` gives it; `None` measures reading the clip alone.
        seconds: To measure.
        warm_up_s: Before that.

    Raises:
        BenchError: The pipeline does not run.
    """
    loop = asyncio.get_running_loop()
    transport, counter = await loop.create_datagram_endpoint(_Counter, ("127.0.0.1", 0), family=socket.AF_INET)
    port = transport.get_extra_info("sockname")[1]
    sink = f"! {encoder} mtu=1200 ! {_SRTP} ! udpsink host=127.0.0.1 port={port} sync=false" if encoder else ""
    try:
        async with _launched(f"{_source(clip)} {sink or '! fakesink sync=false'}") as process:
            await asyncio.sleep(warm_up_s)
            cpu_s, frames, octets = process_cpu_s(process.pid), counter.frames, counter.octets
            await asyncio.sleep(seconds)
            end_cpu_s, frames = process_cpu_s(process.pid), counter.frames - frames
            octets = counter.octets - octets
            if cpu_s is None or end_cpu_s is None or process.returncode is not None:
                raise BenchError(f"GStreamer's pipeline ended early: {await _complaint(process)}")
    finally:
        transport.close()
    if encoder and frames < seconds * FPS / 2:
        raise BenchError(f"GStreamer sent {frames} pictures in {seconds:.0f} s.")
    cpu_ms = (end_cpu_s - cpu_s) * 1000 / (frames if encoder else seconds * FPS)
    return GStreamerCost(cpu_ms, int(octets * 8 / seconds))


def _source(clip: Clip) -> str:
    size = f"width={clip.width_px} height={clip.height_px}"
    blocks = f"blocksize={clip.width_px * clip.height_px * 3 // 2}"
    raw = f"rawvideoparse format=i420 {size} framerate={FPS}/1"
    return f"filesrc location={clip.path} {blocks} ! {raw} ! identity sync=true"


@asynccontextmanager
async def _launched(pipeline: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        "gst-launch-1.0",
        "-q",
        *pipeline.split(),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(_LEAVE_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _complaint(process: asyncio.subprocess.Process) -> str:
    if process.stderr is None:
        return ""
    return " ".join((await process.stderr.read()).decode(errors="replace").split())[:300]
