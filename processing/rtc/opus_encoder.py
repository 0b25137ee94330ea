"""An Opus encoder for networks that lose packets: each one carries a copy of what is important in the one before."""

from __future__ import annotations

from typing import Any

import av
from aiortc.codecs.base import Encoder
from aiortc.mediastreams import convert_timebase
from av import AudioFrame, AudioResampler
from av.frame import Frame
from av.packet import Packet

from eyeline.processing.rtc.opus import OpusError
from eyeline.processing.rtc.opus_coder import PACKET_SAMPLES, TIME_BASE, OpusCoder, open_opus_coder
from eyeline.processing.rtc.opus_packet import OPUS_RATE_HZ


class OpusEncoder(Encoder):
    """Makes packets of 20 ms with in-band error correction (RFC 6716, section 2.1.7), in aiortc's form of an encoder.

    Mono is sent as mono, which every receiver takes, whatever was negotiated (RFC 7587, section 3.4). libopus puts
    copies in where somebody speaks; they cost a third of the rate there. A packet's timestamp is that of the sound that
    went in; a receiver hears it 6.5 ms later, since the encoder looks ahead.
    """

    def __init__(self) -> None:
        self._channels = 0
        self._coder: OpusCoder | None = None
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
        coder = self._coder_for(frame.layout.nb_channels)
        try:
            blocks = [frame] if self._resampler is None and _is_whole(frame) else self._blocks(frame)
        except (av.FFmpegError, ValueError) as error:
            raise OpusError(f"Sound cannot be encoded as Opus: {error}.") from None
        if not blocks:
            return [], 0
        pts, time_base = blocks[0].pts, blocks[0].time_base
        payloads = [payload for block in blocks for payload in coder.encode(block)]
        if not payloads or pts is None or time_base is None:
            return [], 0
        return payloads, convert_timebase(pts, time_base, TIME_BASE)

    def pack(self, packet: Packet[Any]) -> tuple[list[bytes], int]:
        """Pass on what is Opus already."""
        if packet.pts is None or packet.time_base is None:
            raise OpusError("An Opus packet without a time cannot be sent.")
        return [bytes(packet)], convert_timebase(packet.pts, packet.time_base, TIME_BASE)

    def _coder_for(self, channels: int) -> OpusCoder:
        channels = min(2, channels)
        if self._coder is None or channels != self._channels:
            self._channels = channels
            self._coder = open_opus_coder(channels)
            self._resampler = None
        return self._coder

    def _blocks(self, frame: AudioFrame) -> list[AudioFrame]:
        """The sound in blocks of 20 ms; from the first one that is none on, what is left over waits for more."""
        if self._resampler is None:
            layout = "mono" if self._channels == 1 else "stereo"
            self._resampler = AudioResampler("s16", layout, OPUS_RATE_HZ, PACKET_SAMPLES)
        return self._resampler.resample(frame)


def _is_whole(frame: AudioFrame) -> bool:
    """Whether it is one block as it is."""
    return (
        frame.samples == PACKET_SAMPLES
        and frame.sample_rate == OPUS_RATE_HZ
        and frame.format.name == "s16"
        and frame.layout.nb_channels <= 2
    )
