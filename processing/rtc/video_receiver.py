"""One received stream of video, from RTP packets to decoded frames."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import av
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from eyeline.processing.rtc.counters import Unwrapper
from eyeline.processing.rtc.decoder import VideoDecoder
from eyeline.processing.rtc.keyframes import KeyframeDemand
from eyeline.processing.rtc.media_packet import MediaPacket
from eyeline.processing.rtc.nack import NackList
from eyeline.processing.rtc.payload_formats import payload_reader
from eyeline.processing.rtc.sender_clock import StreamClock
from eyeline.processing.rtc.video_jitter_buffer import EncodedPicture, VideoJitterBuffer, VideoPacket
from eyeline.processing.rtc.video_playout import VideoPlayout

logger = logging.getLogger(__name__)

_RATE_HZ: Final = 90_000
_STRAY: Final = 3000  # a packet so far away belongs to another numbering
_RETIRED_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the sender is to be told now.

    Args:
        ssrc: Of the stream.
        lost: Sequence numbers to send again.
        keyframe: Whether a keyframe is needed.
    """

    ssrc: int
    lost: list[int]
    keyframe: bool


@dataclass(slots=True)
class VideoStatistics:
    """Counts since the beginning.

    Args:
        pictures: Whole pictures that were put together.
        skips: Times when pictures were left out up to a keyframe.
        nacks: Packets that were asked for, every time counted.
        keyframe_requests: PLI sent.
        decoded: Frames that came out of the decoder.
        decoder_errors: Pictures that the decoder could not use.
        decoder_overruns: Times when it fell behind.
    """

    pictures: int = 0
    skips: int = 0
    nacks: int = 0
    keyframe_requests: int = 0
    decoded: int = 0
    decoder_errors: int = 0
    decoder_overruns: int = 0


class VideoReceiver:
    """Receives one stream at a time; a new SSRC, or a jump in its numbering, begins another. Used in one event loop.

    Args:
        clock: Of the sender, for RTP timestamps of this stream.
        deliver: Takes each frame, in the thread that decoded it; its `time` is when it was captured, on our monotonic
            clock.
    """

    def __init__(self, clock: StreamClock, deliver: Callable[[av.VideoFrame], None]) -> None:
        self._clock = clock
        self._buffer = VideoJitterBuffer()
        self._nacks = NackList()
        self._demand = KeyframeDemand()
        self._numbers = Unwrapper(16)
        self._timestamps = Unwrapper(32)
        self._playout = VideoPlayout()
        self._ssrc: int | None = None
        self._retired_at_s: dict[int, float] = {}
        self._stray: int | None = None
        self._newest_pts = -1
        self._newest_timestamp = -1
        self._codec: RTCRtpCodecParameters | None = None
        self._read = payload_reader("")
        self._stalled_s = 0.0
        self._counts = VideoStatistics()
        loop = asyncio.get_running_loop()
        self._decoder = VideoDecoder(deliver, lambda: _call(loop, self._buffer.skip))

    @property
    def statistics(self) -> VideoStatistics:
        """What happened so far."""
        counts, decoder = self._counts, self._decoder
        counts.skips = self._buffer.skips
        counts.decoded, counts.decoder_errors, counts.decoder_overruns = (
            decoder.decoded,
            decoder.errors,
            decoder.overruns,
        )
        return counts

    @property
    def ssrc(self) -> int | None:
        """Of the stream that is received now."""
        return self._ssrc

    @property
    def waits(self) -> bool:
        """Whether `service` is to be called soon though no packet comes."""
        return self._buffer.has_hole or self._nacks.pending

    def add(self, packet: MediaPacket, codec: RTCRtpCodecParameters, now_s: float) -> Feedback | None:
        """Take a packet, retransmitted ones unwrapped, in whatever order it came.

        Args:
            packet: Of VP8 or H264, or only padding.
            codec: Of its payload type.
            now_s: When it came, on the monotonic clock.

        Returns:
            What the sender is to be told.
        """
        if not self._belongs(packet, now_s):
            return None
        timestamp = packet.timestamp
        if timestamp != self._newest_timestamp:  # of a picture the first packet tells the most
            self._newest_timestamp = timestamp
            self._clock.arrived(timestamp, now_s)
        now_s -= self._stalled_s
        sequence = self._numbers.extend(packet.sequence_number)
        if not self._nacks.add(sequence, now_s):
            self._buffer.skip()
        if codec is not self._codec:
            self._codec, self._read = codec, payload_reader(codec.name)
        data, start = self._read(packet.payload)
        pictures = self._buffer.add(VideoPacket(sequence, timestamp, bool(packet.marker), data, start, codec), now_s)
        if pictures:
            self._decode(pictures, now_s)
        return self._feedback(now_s) if self._nacks.pending or self._buffer.needs_keyframe else None

    def stalled(self, seconds: float) -> None:
        """Nothing could be received for so long, as the event loop was busy: no deadline runs meanwhile.

        What came is still in the socket, and to be read before anything is given up.
        """
        self._stalled_s += seconds

    def service(self, now_s: float) -> Feedback | None:
        """Do what is due at this time; what the sender is to be told."""
        now_s -= self._stalled_s
        self._decode(self._buffer.expire(now_s), now_s)
        return self._feedback(now_s)

    def close(self) -> None:
        """Decode nothing more; nothing is waited for."""
        self._decoder.close()

    def _belongs(self, packet: MediaPacket, now_s: float) -> bool:
        """Whether a packet is part of the stream, which may be another one from now on."""
        if packet.ssrc != self._ssrc:
            retired_at_s = self._retired_at_s.get(packet.ssrc)
            if retired_at_s is not None and now_s - retired_at_s < _RETIRED_S:
                return False
            if self._ssrc is not None:
                self._retired_at_s[self._ssrc] = now_s
            self._restart(packet.ssrc)
            return True
        if abs(self._numbers.ahead(packet.sequence_number)) < _STRAY:
            self._stray = None
            return True
        # one stray packet is an accident, two in sequence are a restart (RFC 3550, appendix A.1)
        expected, self._stray = self._stray, (packet.sequence_number + 1) % (1 << 16)
        if packet.sequence_number != expected:
            return False
        self._restart(packet.ssrc)
        return True

    def _restart(self, ssrc: int) -> None:
        self._ssrc = ssrc
        self._stray = None
        self._newest_timestamp = -1
        self._numbers = Unwrapper(16)
        self._timestamps = Unwrapper(32)
        self._playout.restart()
        self._nacks.restart()
        self._buffer.restart()
        self._clock.restart()
        self._demand.met()

    def _decode(self, pictures: list[EncodedPicture], now_s: float) -> None:
        for picture in pictures:
            self._counts.pictures += 1
            if picture.is_keyframe:
                self._demand.met()
            pts = round(self._clock.captured_at_s(picture.timestamp) * _RATE_HZ)
            self._newest_pts = max(self._newest_pts + 1, pts)
            media_s = self._timestamps.extend(picture.timestamp) / _RATE_HZ
            taken = self._decoder.submit(
                picture.codec,
                picture.data,
                self._newest_pts,
                is_keyframe=picture.is_keyframe,
                wait_s=self._playout.due_s(media_s, now_s) - now_s,
            )
            if not taken:
                self._buffer.skip()

    def _feedback(self, now_s: float) -> Feedback | None:
        useful = self._buffer.first_useful
        if useful is not None:
            self._nacks.forget_before(useful)
        lost = sorted(sequence % (1 << 16) for sequence in self._nacks.due(now_s))
        keyframe = self._buffer.needs_keyframe and self._demand.due(now_s)
        self._counts.nacks += len(lost)
        self._counts.keyframe_requests += keyframe
        if self._ssrc is None or not (lost or keyframe):
            return None
        return Feedback(self._ssrc, lost, keyframe)


def _call(loop: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
    """Call a function in the event loop from another thread; not at all when the loop is gone."""
    try:
        loop.call_soon_threadsafe(function)
    except RuntimeError:
        logger.debug("the event loop is closed")
