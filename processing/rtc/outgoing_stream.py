"""One encoding on its way out as RTP: sequence numbers, timestamps, header extensions, reports, repetitions."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiortc.rtp import HeaderExtensionsMap, RtcpSenderInfo

from eyeline.processing.rtc.ntp import ntp_time
from eyeline.processing.rtc.packet_template import PacketTemplate, wrapped_again
from eyeline.processing.rtc.recent_minimum import RecentMinimum
from eyeline.processing.rtc.retransmission import Retransmission, SentPacket

_WRAP_16: Final = 1 << 16
_WRAP_32: Final = 1 << 32
_REFERENCE_WINDOW_S: Final = 2.0
_ALIVE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class StreamSsrcs:
    """What packets of one stream are known by.

    Args:
        ssrc: Of the media.
        rtx_ssrc: Of retransmissions.
    """

    ssrc: int
    rtx_ssrc: int


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """What was negotiated for one stream.

    Args:
        ssrc: Of the media.
        payload_type: Of the media.
        rate_hz: Of the RTP timestamps.
        rtx_ssrc: Of retransmissions.
        rtx_payload_type: Of retransmissions (RFC 4588); without one, a packet is repeated as it was.
        mid: Of the media line.
        extensions: Numbers of the header extensions.
    """

    ssrc: int
    payload_type: int
    rate_hz: int
    rtx_ssrc: int
    rtx_payload_type: int | None
    mid: str
    extensions: HeaderExtensionsMap


class OutgoingStream:
    """Makes the packets of one SSRC and remembers them for a while."""

    def __init__(self, stream_format: StreamFormat) -> None:
        self.retransmission = Retransmission()
        self.packets_sent = 0
        self.octets_sent = 0
        self._format = stream_format
        self._template = PacketTemplate(
            stream_format.ssrc, stream_format.payload_type, stream_format.mid, stream_format.extensions
        )
        # in the lower half: SRTP cannot tell a lost packet at the first wrap-around (RFC 3711, section 3.3.1)
        self._sequence_number = secrets.randbelow(_WRAP_16 // 2)
        self._rtx_sequence_number = secrets.randbelow(_WRAP_16 // 2)
        self._timestamp_origin = secrets.randbelow(_WRAP_32)
        self._reference_s = RecentMinimum(_REFERENCE_WINDOW_S)
        self._newest_pts: int | None = None
        self._captured_offset_s: float | None = None
        self._sent_at_s: float | None = None

    @property
    def ssrc(self) -> int:
        """Of the media."""
        return self._format.ssrc

    def is_alive(self, now_s: float) -> bool:
        """Whether anything was sent in the last seconds."""
        return self._sent_at_s is not None and now_s - self._sent_at_s < _ALIVE_S

    def captured(self, offset_s: float | None) -> None:
        """Say when frames were captured: `offset_s` after their own time, on the monotonic clock; `None` if unknown.

        Then sender reports are about capture, whatever happens to a frame on its way through here. A receiver that
        plays by them has sound and picture of one moment together. Without it, `reference` takes its place.
        """
        self._captured_offset_s = offset_s

    def reference(self, pts: int, at_s: float) -> None:
        """A frame with this pts, in units of the RTP clock, came from its track. Sender reports are about that moment.

        Not about the moment of sending: that depends on how long encoding took and how the packets were spread.
        """
        if self._newest_pts is not None and pts < self._newest_pts:
            self._reference_s = RecentMinimum(_REFERENCE_WINDOW_S)
        self._newest_pts = pts
        self._reference_s.add(at_s - pts / self._format.rate_hz, at_s)

    def frame(
        self, payloads: Sequence[bytes], pts: int, *, pts_step: int = 0, audio_level_dbov: int | None = None
    ) -> OutgoingFrame:
        """One frame, or some sound in steps of `pts_step`, that begins to leave when the one before has left."""
        return OutgoingFrame(self, payloads, pts, pts_step, audio_level_dbov)

    def leave(
        self, payloads: Sequence[bytes], pts: int, pts_step: int, now_s: float, *, ends: bool, level_dbov: int | None
    ) -> list[bytes]:
        """The packets of these payloads, which are sent at this moment. For `OutgoingFrame`."""
        first = self._sequence_number
        timestamps = itertools.count(self._timestamp_origin + pts, pts_step)
        packets = self._template.packets(payloads, first, timestamps, now_s, ends=ends, audio_level_dbov=level_dbov)
        self.retransmission.remember(first, packets, self._template.layout(level_dbov), now_s)
        self._sequence_number = (first + len(packets)) % _WRAP_16
        self._sent_at_s = now_s
        self.packets_sent += len(packets)
        self.octets_sent += sum(map(len, payloads))
        return packets

    def again(self, packet: SentPacket, now_s: float) -> bytes:
        """The bytes of a packet that is sent once more."""
        payload_type = self._format.rtx_payload_type
        if payload_type is None:
            return packet.data  # to the bit: SRTP would use its key stream twice otherwise
        number, self._rtx_sequence_number = self._rtx_sequence_number, (self._rtx_sequence_number + 1) % _WRAP_16
        return wrapped_again(
            packet.data,
            packet.layout,
            payload_type=payload_type,
            sequence_number=number,
            ssrc=self._format.rtx_ssrc,
            now_s=now_s,
        )

    def sender_info(self, now_s: float) -> RtcpSenderInfo | None:
        """What a sender report says now (RFC 3550, section 6.4.1); `None` before the first packet."""
        reference_s = self._reference_s.value if self._captured_offset_s is None else self._captured_offset_s
        if reference_s is None or not self.packets_sent:
            return None
        pts = round((now_s - reference_s) * self._format.rate_hz)
        return RtcpSenderInfo(
            ntp_timestamp=ntp_time(now_s),
            rtp_timestamp=self._timestamp(pts),
            packet_count=self.packets_sent % _WRAP_32,
            octet_count=self.octets_sent % _WRAP_32,
        )

    def _timestamp(self, pts: int) -> int:
        return (self._timestamp_origin + pts) % _WRAP_32


class OutgoingFrame:
    """A frame on its way out, at once or little by little.

    Args:
        stream: What it is sent on; nothing else may leave on it meanwhile.
        payloads: Of its packets.
        pts: Of the first packet, in units of the RTP clock.
        pts_step: From one packet to the next.
        audio_level_dbov: Of sound.
    """

    def __init__(
        self, stream: OutgoingStream, payloads: Sequence[bytes], pts: int, pts_step: int, audio_level_dbov: int | None
    ) -> None:
        self._stream = stream
        self._payloads = payloads
        self._pts = pts
        self._pts_step = pts_step
        self._audio_level_dbov = audio_level_dbov
        self._left = 0

    def leave(self, most: int, now_s: float) -> list[bytes]:
        """The next packets, at most so many, which are sent at this moment; the frame's last one has the marker."""
        begin, end = self._left, min(len(self._payloads), self._left + most)
        if end <= begin:
            return []
        self._left = end
        return self._stream.leave(
            self._payloads[begin:end],
            self._pts + begin * self._pts_step,
            self._pts_step,
            now_s,
            ends=end == len(self._payloads),
            level_dbov=self._audio_level_dbov,
        )
