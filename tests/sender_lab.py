"""A WebRTC sender that is none of ours (plain aiortc), with known pictures and sounds."""

from __future__ import annotations

import asyncio
import time
from fractions import Fraction
from types import TracebackType
from typing import Self

import numpy as np
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame
from counted_pictures import BITS, BLOCK_PX

from eyeline.processing.frame import I420Image

RATE_HZ = 48_000
TONE_HZ = 440


def number_in(image: I420Image) -> int:
    """The number in one of `counted_pictures`."""
    centre = image.y[BLOCK_PX // 2, BLOCK_PX // 2 : BITS * BLOCK_PX : BLOCK_PX]
    return sum(1 << bit for bit, level in enumerate(centre) if level > 125)


class ToneTrack(MediaStreamTrack):
    """A steady tone, stereo."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._begun_at_s: float | None = None
        self._index = 0

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        if self._begun_at_s is None:
            self._begun_at_s = time.monotonic()
        await asyncio.sleep(max(0.0, self._begun_at_s + self._index * 0.02 - time.monotonic()))
        at = np.arange(960) + self._index * 960
        tone = np.repeat((8000 * np.sin(2 * np.pi * TONE_HZ * at / RATE_HZ)).astype(np.int16), 2)
        frame = AudioFrame.from_ndarray(tone[None], format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, self._index * 960, Fraction(1, RATE_HZ)
        self._index += 1
        return frame


class Sender:
    """One connection that sends; an async context manager.

    Args:
        tracks: What is sent.
        codec: The only codec of video that is offered, `VP8` or `H264`; all where it is empty.
    """

    def __init__(self, *tracks: MediaStreamTrack, codec: str = "") -> None:
        self.connection = RTCPeerConnection()
        self._tracks = tracks
        for track in tracks:
            transceiver = self.connection.addTransceiver(track, direction="sendonly")
            if track.kind == "video" and codec:
                codecs = RTCRtpSender.getCapabilities("video").codecs
                transceiver.setCodecPreferences([c for c in codecs if c.name in (codec, "rtx")])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.connection.close()
        for track in self._tracks:
            track.stop()

    async def offer(self) -> str:
        """The offer."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def accept(self, answer_sdp: str) -> None:
        """Begin."""
        await self.connection.setRemoteDescription(RTCSessionDescription(answer_sdp, "answer"))
