"""The sound of one WebRTC sender, played steadily in the event loop.

How it is used, by whoever receives RTP::

    receiver = AudioReceiver(clock, deliver, channels=2)   # in the event loop
    receiver.add(packet, arrived_at_s)                     # every RTP packet of the Opus payload type
    receiver.close()                                       # when the track ends

`clock.captured_at_s(rtp_timestamp)` says when a sender captured a sample, on our monotonic clock. `deliver` is called
in the event loop with an `av.AudioFrame` (`s16`, packed, 48 kHz, about as long as a packet) whose `time` is the capture
time of its first sample. Frames come at the pace of the clock: a consumer may play them as they come, or by their time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Protocol

import av

from eyeline.processing.rtc.audio_jitter_buffer import AudioJitterBuffer, Chunk, JitterStats
from eyeline.processing.rtc.media_packet import MediaPacket
from eyeline.processing.rtc.opus import open_opus_decoder
from eyeline.processing.rtc.opus_packet import LOOKAHEAD_SAMPLES, OPUS_RATE_HZ

TIME_BASE = Fraction(1, OPUS_RATE_HZ)


class CaptureClock(Protocol):
    """Knows the sender's clock."""

    def captured_at_s(self, rtp_timestamp: int) -> float:
        """When this was captured, in seconds of our `time.monotonic()`."""
        ...


class AudioReceiver:
    """Plays one stream. Made and used in one event loop.

    Args:
        clock: Of the sender, for RTP timestamps of this stream.
        deliver: Takes each frame; must not block.
        channels: 1 or 2, of the frames, whatever is sent.
        ahead_s: How long before its time a frame may be delivered, for a consumer that goes by the frame's time. Then
            there is no need to wake up for it: what came in its order is delivered as it comes.
    """

    def __init__(
        self,
        clock: CaptureClock,
        deliver: Callable[[av.AudioFrame], None],
        *,
        channels: int = 2,
        ahead_s: float = 0.0,
    ) -> None:
        self._clock = clock
        self._deliver = deliver
        self._ahead_s = ahead_s
        self._layout = "stereo" if channels == 2 else "mono"
        self._decoder = open_opus_decoder(channels)
        self._buffer = AudioJitterBuffer(self._decoder)
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_s = 0.0
        self._closed = False

    @property
    def stats(self) -> JitterStats:
        """What happened so far."""
        return self._buffer.stats

    def add(self, packet: MediaPacket, arrived_at_s: float) -> None:
        """Take one packet, in whatever order it came.

        Args:
            packet: Its payload is Opus.
            arrived_at_s: When it came, on the monotonic clock.
        """
        if self._closed:
            return
        self._buffer.add(packet, arrived_at_s)
        while self._is_due_ahead(arrived_at_s):
            self._deliver_next(arrived_at_s)
        self._wait()

    def close(self) -> None:
        """Deliver nothing more."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._decoder.close()

    def _is_due_ahead(self, now_s: float) -> bool:
        due_s = self._buffer.due_s
        return due_s is not None and due_s - now_s < self._ahead_s and not self._closed and self._buffer.has_next

    def _wait(self) -> None:
        """Be woken when the next frame is due."""
        due_s = self._buffer.due_s
        if self._timer is not None:
            if due_s == self._timer_s:
                return
            self._timer.cancel()
            self._timer = None
        if due_s is not None and not self._closed:
            delay_s = max(0.0, due_s - time.monotonic())
            self._timer, self._timer_s = self._loop.call_later(delay_s, self._play), due_s

    def _play(self) -> None:
        self._timer = None
        self._deliver_next(time.monotonic())
        self._wait()

    def _deliver_next(self, now_s: float) -> None:
        chunk = self._buffer.pull(now_s)
        if chunk is not None:
            self._deliver(self._frame(chunk))

    def _frame(self, chunk: Chunk) -> av.AudioFrame:
        frame = av.AudioFrame("s16", self._layout, len(chunk.samples))
        frame.planes[0].update(chunk.samples.tobytes())
        captured_at_s = self._clock.captured_at_s(chunk.rtp_timestamp) - LOOKAHEAD_SAMPLES / OPUS_RATE_HZ
        frame.sample_rate = OPUS_RATE_HZ
        frame.time_base = TIME_BASE
        frame.pts = round(captured_at_s * OPUS_RATE_HZ)
        return frame
