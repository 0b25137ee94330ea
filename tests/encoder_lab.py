"""Runs an encoder over a clip, decodes what came out, and measures it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
from aiortc.codecs import depayload
from aiortc.codecs.base import Encoder
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from moving_clip import frame, psnr_db

from eyeline.processing.rtc.native_library import library_names

VP8 = RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90_000, payloadType=97)
H264 = RTCRtpCodecParameters(
    mimeType="video/H264",
    clockRate=90_000,
    payloadType=99,
    parameters={"packetization-mode": "1", "profile-level-id": "42e01f"},
)
WIDTH_PX, HEIGHT_PX = 640, 360
_DECODERS = {"VP8": "libvpx", "H264": "h264"}


@dataclass
class Run:
    """What came out of an encoder, one entry for each picture that went in; `decoded` only for those not left out."""

    at_s: list[float] = field(default_factory=list)
    payloads: list[list[bytes]] = field(default_factory=list)
    keyframes: list[int] = field(default_factory=list)
    decoded: list[av.VideoFrame] = field(default_factory=list)
    psnrs_db: list[float] = field(default_factory=list)

    def kbps(self, begin_s: float, end_s: float) -> float:
        """The rate of the coded pictures between two moments."""
        chosen = [index for index, at_s in enumerate(self.at_s) if begin_s <= at_s < end_s]
        octets = sum(len(payload) for index in chosen for payload in self.payloads[index])
        return octets * 8 / 1000 / (end_s - begin_s)

    def psnr_db(self, begin_s: float) -> float:
        """The mean from a moment on."""
        return float(np.mean([psnr for psnr, at_s in zip(self.psnrs_db, self.at_s, strict=True) if at_s >= begin_s]))


def loadable_libraries(stem: str) -> list[str]:
    """Every library of this machine by a name such as `vpx`: PyAV's and the system's."""
    return [name for name in library_names(stem) if _can_load(name)]


def _can_load(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def coded(codec: RTCRtpCodecParameters, payloads: Iterable[bytes]) -> bytes:
    """The picture that payloads carry, as decoders take it."""
    return b"".join(depayload(codec, payload) for payload in payloads)


def is_keyframe(codec: RTCRtpCodecParameters, data: bytes) -> bool:
    """What the bits say: RFC 6386, section 9.1, and H.264, table 7-1."""
    if codec.name == "VP8":
        return data[0] & 1 == 0
    return any(unit[0] & 0x1F == 5 for unit in data.split(b"\0\0\1")[1:])


def steady(seconds: float, fps: float = 30.0) -> list[float]:
    """Times of frames that come evenly."""
    return [number / fps for number in range(round(seconds * fps))]


def run(
    encoder: Encoder,
    codec: RTCRtpCodecParameters,
    times_s: Iterable[float],
    *,
    rates_bps: Mapping[int, int] | None = None,
    forced: Iterable[int] = (),
    size_px: tuple[int, int] = (WIDTH_PX, HEIGHT_PX),
    measure: bool = False,
) -> Run:
    """Encode one picture for each time; `rates_bps` and `forced` go by the picture's number."""
    made, forced_set = Run(), set(forced)
    decoder: Any = av.CodecContext.create(_DECODERS[codec.name], "r")
    for number, at_s in enumerate(times_s):
        if rates_bps and number in rates_bps:
            encoder.target_bitrate = rates_bps[number]  # type: ignore[attr-defined]
        picture = frame(round(at_s * 30), *size_px, at_s=at_s)
        payloads, _ = encoder.encode(picture, number in forced_set)
        data = coded(codec, payloads)
        made.at_s.append(at_s)
        made.payloads.append(payloads)
        if data and is_keyframe(codec, data):
            made.keyframes.append(number)
        if measure and data:
            (shown,) = decoder.decode(av.Packet(data))
            made.decoded.append(shown)
            made.psnrs_db.append(psnr_db(shown, picture))
    return made
