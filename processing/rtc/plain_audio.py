"""Sound that is not Opus (G.711, G.722), played as it comes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import av
from aiortc.codecs import get_decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from eyeline.processing.rtc.counters import Unwrapper
from eyeline.processing.rtc.media_packet import MediaPacket
from eyeline.processing.rtc.sender_clock import StreamClock


class PlainAudioReceiver:
    """Plays one stream. These codecs are of telephones: nothing is repaired, and what comes late is left out.

    Args:
        codec: Negotiated.
        clock: Of the sender, for RTP timestamps of this stream.
        deliver: Takes each frame; its `time` is when it was captured, on our monotonic clock.
    """

    def __init__(
        self, codec: RTCRtpCodecParameters, clock: StreamClock, deliver: Callable[[av.AudioFrame], None]
    ) -> None:
        self._clock = clock
        self._deliver = deliver
        self._decoder = get_decoder(codec)
        self._numbers = Unwrapper(16)
        self._newest = -1

    def add(self, packet: MediaPacket, arrived_at_s: float) -> None:
        """Take one packet, in whatever order it came."""
        del arrived_at_s  # playing at once needs no clock of arrivals
        number = self._numbers.extend(packet.sequence_number)
        if number <= self._newest or not packet.payload:
            return
        self._newest = number
        captured_at_s = self._clock.captured_at_s(packet.timestamp)
        for frame in self._decoder.decode(JitterFrame(packet.payload, packet.timestamp)):
            if not isinstance(frame, av.AudioFrame):
                continue
            frame.time_base = Fraction(1, frame.sample_rate)
            frame.pts = round(captured_at_s * frame.sample_rate)
            self._deliver(frame)

    def close(self) -> None:
        """Nothing is held."""
