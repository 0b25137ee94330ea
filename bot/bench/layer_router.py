"""A bridge's part towards one receiver in small: of several layers one is passed on, renumbered as one stream."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Final

from aiortc.rtcdtlstransport import RtpReceiver, RtpRouter

from eyeline.processing.rtc.media_packet import MediaPacket, ReceivedPacket
from eyeline.processing.rtc.ntp import abs_send_time
from eyeline.processing.rtc.payload_formats import KeyframeStart, keyframe_start

_GROUP_S: Final = 0.3
_CLOCK_HZ: Final = 90_000
_SEND_TIME_HZ: Final = 1 << 18  # in 24 bits, of which 6 are whole seconds
_WRAP_16: Final = 1 << 16
_WRAP_24: Final = 1 << 24
_WRAP_32: Final = 1 << 32


class LayerRouter(RtpRouter):
    """Passes on one layer, and changes to another where a keyframe of that begins, as a bridge does.

    Of keyframes that come close together the first is taken that is not above the target, and then only taller ones.

    Args:
        ssrcs: Lowest layer first.

    Attributes:
        target: Number of the layer that is to be passed on; a lower one where it is not sent.
        layer: Number of the layer that is passed on.
        ways: When pictures of that layer were complete here, and how long their last packet had been on its way in ms.
    """

    def __init__(self, ssrcs: Sequence[int]) -> None:
        super().__init__()
        self.target = len(ssrcs) - 1
        self.layer = 0
        self.ways: list[tuple[float, float]] = []
        self._ssrcs = list(ssrcs)
        self._group_at_s = -math.inf
        self._shifts = (0, 0)
        self._newest: tuple[int, int, float] | None = None

    def route_rtp(self, packet: MediaPacket) -> RtpReceiver | None:
        """The receiver of a packet, which is renumbered in place; `None` for other layers and retransmissions."""
        if packet.ssrc not in self._ssrcs:
            return None
        index, now_s = self._ssrcs.index(packet.ssrc), time.monotonic()
        begins = keyframe_start("VP8", packet.payload) is KeyframeStart.YES
        if begins and index <= self.target and self._takes(index, now_s):
            self._switch(index, packet, now_s)
        if index != self.layer:
            return None
        sent = packet.abs_send_time if isinstance(packet, ReceivedPacket) else None
        if packet.marker and sent is not None:
            self.ways.append((now_s, (abs_send_time(now_s) - sent) % _WRAP_24 / _SEND_TIME_HZ * 1000))
        packet.ssrc = self._ssrcs[0]
        packet.sequence_number = (packet.sequence_number + self._shifts[0]) % _WRAP_16
        packet.timestamp = (packet.timestamp + self._shifts[1]) % _WRAP_32
        self._newest = (packet.sequence_number, packet.timestamp, now_s)
        return self.ssrc_table.get(packet.ssrc)

    def _takes(self, index: int, now_s: float) -> bool:
        if now_s - self._group_at_s < _GROUP_S:
            return index > self.layer
        self._group_at_s = now_s
        return True

    def _switch(self, index: int, packet: MediaPacket, now_s: float) -> None:
        if index != self.layer and self._newest is not None:
            sequence, timestamp, at_s = self._newest
            later = max(1, round((now_s - at_s) * _CLOCK_HZ))
            self._shifts = (sequence + 1 - packet.sequence_number, timestamp + later - packet.timestamp)
        self.layer = index
