"""A person's camera and microphone: sends the coded clip and beeps with its flashes, and notes when."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from types import TracebackType
from typing import Any, Final, Self

import av
import numpy as np
from aiortc import MediaStreamTrack, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av.packet import Packet

from eyeline.bot.bench.beat import Beat
from eyeline.bot.bench.clip import FLASH_EVERY
from eyeline.bot.bench.packets import CodedClip, next_keyframe
from eyeline.processing.frame import VIDEO_CLOCK_HZ, VIDEO_TIME_BASE
from eyeline.processing.rtc.aiortc_internals import LivePeerConnection, LiveSender
from eyeline.processing.sound import BLOCK_MS, BLOCK_SAMPLES, SAMPLE_RATE_HZ

BEEP_S: Final = 0.1
BEEP_LEVEL: Final = 8000
_BEEP_HZ: Final = 1000
_BLOCK_S: Final = BLOCK_MS / 1000


class CodedTrack(MediaStreamTrack):
    """The coded clip over and over, 30 pictures a second, as packets that need no encoding.

    Attributes:
        sent: Number in the pixels of each picture, and when it was handed to the sender, on the monotonic clock.
        flashes_s: When pictures with a flash that begins were captured.

    Args:
        units: Of the clip.
        requests: How many keyframes were asked for so far; when there are more, the clip jumps to its next one.
    """

    kind = "video"

    def __init__(self, units: list[bytes], requests: Callable[[], int]) -> None:
        super().__init__()
        self.sent: list[tuple[int, float]] = []
        self.flashes_s: list[float] = []
        self.captured_offset_s: float | None = None
        self._units = units
        self._requests = requests
        self._granted = 0
        self._beat = Beat()
        self._number = 0

    async def recv(self) -> Packet[Any]:
        """The next picture, when it is due."""
        if self.readyState != "live":
            raise MediaStreamError
        await self._beat.wait()
        now_s = time.monotonic()
        if self.captured_offset_s is None:
            self.captured_offset_s = now_s
        asked = self._requests()
        if asked > self._granted:
            self._granted, self._number = asked, next_keyframe(self._number, len(self._units))
        packet: Packet[Any] = av.Packet(self._units[self._number])
        packet.pts, packet.time_base = round((now_s - self.captured_offset_s) * VIDEO_CLOCK_HZ), VIDEO_TIME_BASE
        if self._number % FLASH_EVERY == 0:
            self.flashes_s.append(now_s)
        self.sent.append((self._number, now_s))
        self._number = (self._number + 1) % len(self._units)
        return packet


class BeepTrack(MediaStreamTrack):
    """A beep for every flash, captured at the same moment; a block leaves when it is over, as a microphone's does."""

    kind = "audio"

    def __init__(self, picture: CodedTrack) -> None:
        super().__init__()
        self.captured_offset_s: float | None = None
        self._picture = picture
        self._beat = Beat(1 / _BLOCK_S)
        self._blocks = 0

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms, when they are over."""
        if self.readyState != "live":
            raise MediaStreamError
        await self._beat.wait()
        if self.captured_offset_s is None:
            self.captured_offset_s = time.monotonic() - _BLOCK_S
        late = int((time.monotonic() - self.captured_offset_s) / _BLOCK_S) - 1 - self._blocks
        self._blocks += max(0, late)
        samples = self._heard(self.captured_offset_s + self._blocks * _BLOCK_S)
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE_HZ, self._blocks * BLOCK_SAMPLES
        frame.time_base = Fraction(1, SAMPLE_RATE_HZ)
        self._blocks += 1
        return frame

    def _heard(self, begin_s: float) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
        at_s = begin_s + np.arange(BLOCK_SAMPLES) / SAMPLE_RATE_HZ
        on = np.zeros(BLOCK_SAMPLES, bool)
        for flash_s in self._picture.flashes_s[-2:]:
            on |= (at_s >= flash_s) & (at_s < flash_s + BEEP_S)
        wave = BEEP_LEVEL * np.sin(2 * np.pi * _BEEP_HZ * at_s + 1.5)
        return (wave * on).astype(np.int16)


class Sender:
    """The role. Offers one connection.

    Args:
        coded: Arguments of the `CodedClip`.
    """

    def __init__(self, coded: dict[str, Any]) -> None:
        self._units = CodedClip.of(coded).units()

    async def __aenter__(self) -> Self:
        self._connection = LivePeerConnection()
        self._picture = CodedTrack(self._units, self._requests)
        transceiver = self._connection.addTransceiver(self._picture, direction="sendonly")
        codecs = RTCRtpSender.getCapabilities("video").codecs
        transceiver.setCodecPreferences([codec for codec in codecs if codec.name in ("H264", "rtx")])
        self._sender = transceiver.sender
        self._connection.addTransceiver(BeepTrack(self._picture), direction="sendonly")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connection.close()

    async def offer(self) -> str:
        """The offer."""
        await self._connection.setLocalDescription(await self._connection.createOffer())
        return self._connection.localDescription.sdp

    async def accept(self, sdp: str) -> None:
        """Begin to send."""
        await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def sent(self) -> dict[str, Any]:
        """What was sent, as `CodedTrack` notes it."""
        return {"pictures": self._picture.sent, "flashes_s": self._picture.flashes_s, "requests": self._requests()}

    def _requests(self) -> int:
        sender = self._sender
        return sender.statistics.keyframe_requests if isinstance(sender, LiveSender) else 0
