"""An Opus encoder for networks that lose packets: each one carries a copy of what is important in the one before."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
from aiortc.codecs.base import Encoder
from aiortc.mediastreams import convert_timebase
from av import AudioFrame, AudioResampler
from av.audio.codeccontext import AudioCodecContext
from av.frame import Frame
from av.packet import Packet

from eyeline.processing.rtc.opus import OpusError
from eyeline.processing.rtc.opus_packet import OPUS_RATE_HZ

PACKET_MS = 20
TIME_BASE = Fraction(1, OPUS_RATE_HZ)

_PACKET_SAMPLES = PACKET_MS * OPUS_RATE_HZ // 1000
_BITRATES_BPS = {"mono": 40_000, "stereo": 64_000}
_EXPECTED_LOSS_PERCENT = 10
_OPTIONS = {
    "application": "voip",
    "frame_duration": str(PACKET_MS),
    "compression_level": "5",  # of 10: a fifth less time, and speech sounds the same
    "fec": "1",
    "packet_loss": str(_EXPECTED_LOSS_PERCENT),
}


class OpusEncoder(Encoder):
    """Makes packets of 20 ms with in-band error correction (RFC 6716, section 2.1.7), in aiortc's form of an encoder.

    Mono is sent as mono, which every receiver takes, whatever was negotiated (RFC 7587, section 3.4). libopus puts
    copies in where somebody speaks; they cost a third of the rate there. A packet's timestamp is that of the sound that
    went in; a receiver hears it 6.5 ms later, since the encoder looks ahead.
    """

    def __init__(self) -> None:
        self._layout = ""
        self._codec: AudioCodecContext | None = None
        self._resampler: AudioResampler | None = None

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """Encode sound of any form; what does not fill a packet waits for more.

        Args:
            frame: An `AudioFrame` with pts and time base.
            force_keyframe: Of no meaning for sound.

        Returns:
            Packets of 20 ms each, perhaps none, and the timestamp of the first one in 1/48000 s.

        Raises:
            OpusError: The sound cannot be encoded.
        """
        del force_keyframe
        if not isinstance(frame, AudioFrame):
            raise OpusError(f"Opus encodes sound, not {type(frame).__name__}.")
        layout = "mono" if len(frame.layout.channels) == 1 else "stereo"
        try:
            codec, resampler = self._open(layout)
            parts = resampler.resample(frame)
            payloads = [bytes(packet) for part in parts for packet in codec.encode(part)]
        except (av.FFmpegError, ValueError) as error:
            raise OpusError(f"Sound cannot be encoded as Opus: {error}.") from None
        if not payloads or parts[0].pts is None:
            return [], 0
        return payloads, parts[0].pts

    def pack(self, packet: Packet[Any]) -> tuple[list[bytes], int]:
        """Pass on what is Opus already."""
        if packet.pts is None or packet.time_base is None:
            raise OpusError("An Opus packet without a time cannot be sent.")
        return [bytes(packet)], convert_timebase(packet.pts, packet.time_base, TIME_BASE)

    def _open(self, layout: str) -> tuple[AudioCodecContext, AudioResampler]:
        if self._codec is None or self._resampler is None or layout != self._layout:
            self._layout = layout
            self._resampler = AudioResampler("s16", layout, OPUS_RATE_HZ, _PACKET_SAMPLES)
            self._codec = AudioCodecContext.create("libopus", "w")
            self._codec.sample_rate, self._codec.layout, self._codec.format = OPUS_RATE_HZ, layout, "s16"
            self._codec.bit_rate, self._codec.time_base = _BITRATES_BPS[layout], TIME_BASE
            self._codec.options = dict(_OPTIONS)
        return self._codec, self._resampler
