"""How a bridge turns the layers of simulcast into one stream for one receiver, by the rules that the real one follows.

It changes layers only where there is a keyframe; of keyframes that come within 300 ms it passes on the first that is
not above the target, and then only taller ones. It tells layers apart by the order of their SSRCs, and believes in them
only where every packet says its picture, its temporal layer and the index of the base picture. What it sends is
renumbered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.rtp import RtpPacket

KEYFRAME_GROUP_S = 0.3
RATE_WINDOW_S = 1.0
TEMPORAL_LAYERS = 3
ASSUMED_HEIGHTS_PX = (180, 360, 720)


@dataclass
class Layer:
    """What the bridge measures of one layer.

    Attributes:
        height_px: Assumed, until a keyframe says it.
        packets: Time, temporal layer and length of what came lately.
    """

    ssrc: int
    height_px: int
    packets: deque[tuple[float, int, int]] = field(default_factory=deque)

    def note(self, now_s: float, tid: int, length: int) -> None:
        self.packets.append((now_s, tid, length))

    def rates(self, now_s: float) -> list[int]:
        """Octets in the window up to each temporal layer."""
        while self.packets and self.packets[0][0] < now_s - RATE_WINDOW_S:
            self.packets.popleft()
        return [sum(length for _, tid, length in self.packets if tid <= top) for top in range(TEMPORAL_LAYERS)]


class SimulcastSource:
    """The layers of one source.

    Args:
        ssrcs: Lowest first, as in the `SIM` group.

    Attributes:
        faults: What a correct sender would not have done.
    """

    def __init__(self, ssrcs: Sequence[int]) -> None:
        self.layers = [Layer(ssrc, height_px) for ssrc, height_px in zip(ssrcs, ASSUMED_HEIGHTS_PX, strict=False)]
        self.has_layers = True
        self.faults: list[str] = []
        self._numbers: dict[int, tuple[int, int, int, int]] = {}

    def index(self, ssrc: int) -> int:
        """Which layer an SSRC is."""
        return next(index for index, layer in enumerate(self.layers) if layer.ssrc == ssrc)

    def note(self, packet: RtpPacket, now_s: float) -> bool:
        """Measure a packet; whether a keyframe begins with it."""
        layer = self.layers[self.index(packet.ssrc)]
        try:
            descriptor, data = VpxPayloadDescriptor.parse(packet.payload)
        except ValueError:
            return False
        tid, base = descriptor.tid, descriptor.tl0picidx
        if tid is None or base is None or descriptor.picture_id is None:
            self.has_layers = False
            return False
        layer.note(now_s, tid[0], len(packet.payload))
        self._check(packet, descriptor.picture_id, base, tid[0])
        keyframe = descriptor.partition_start == 1 and len(data) >= 10 and not data[0] & 1
        if keyframe:
            layer.height_px = int.from_bytes(data[8:10], "little") & 0x3FFF
        return bool(keyframe)

    def _check(self, packet: RtpPacket, picture: int, base: int, tid: int) -> None:
        before = self._numbers.get(packet.ssrc)
        self._numbers[packet.ssrc] = (picture, base, packet.timestamp, packet.sequence_number)
        if before is None or packet.sequence_number != (before[3] + 1) % (1 << 16):
            return  # what was lost or dropped on the way is not the sender's fault
        begins = packet.timestamp != before[2]
        expected = ((before[0] + begins) % (1 << 15), (before[1] + (begins and tid == 0)) % (1 << 8))
        if expected != (picture, base):
            self.faults.append(f"layer {self.index(packet.ssrc)}: numbers {(picture, base)} after {before[:2]}")

    def target(self, height_px: int, now_s: float, *, on_stage: bool) -> int | None:
        """The layer for a receiver that wants this height: the tallest that is sent and not too tall.

        Off the stage it climbs step by step, one temporal layer after the other, and stops where a step brings nothing.
        """
        if not self.has_layers:
            return 0
        alive = [index for index, layer in enumerate(self.layers) if layer.rates(now_s)[-1]]
        fitting = [index for index in alive if height_px < 0 or self.layers[index].height_px <= height_px] or alive[:1]
        if not fitting or on_stage or fitting[-1] == fitting[0]:
            return fitting[-1] if fitting else None
        lowest = self.layers[fitting[0]].rates(now_s)
        return fitting[-1] if lowest[0] < lowest[-1] else fitting[0]


class Projection:
    """One source as one receiver sees it.

    Args:
        source: Its layers.

    Attributes:
        layer: Which is passed on; `None` before the first keyframe.
        switches: Layers one after the other, with when.
    """

    def __init__(self, source: SimulcastSource) -> None:
        self.layer: int | None = None
        self.switches: list[tuple[int, float]] = []
        self._source = source
        self._group_at_s = float("-inf")
        self._sequence = 1000
        self._timestamp = 0
        self._offset = 0
        self._newest: tuple[int, float] | None = None
        self._sent: dict[int, bytes] = {}

    def rest(self) -> None:
        """Nobody looks: begin with a keyframe next time."""
        self.layer = None
        self._group_at_s = float("-inf")

    def rewrite(self, packet: RtpPacket, target: int | None, now_s: float, *, keyframe: bool) -> RtpPacket | None:
        """A packet as the receiver gets it, or `None`."""
        index = self._source.index(packet.ssrc)
        if keyframe and target is not None and index <= target and self._takes(index, now_s):
            self._switch(index, packet.timestamp, now_s)
        if index != self.layer:
            return None
        timestamp = (packet.timestamp + self._offset) % (1 << 32)
        self._newest = (timestamp, now_s)
        self._sequence = (self._sequence + 1) % (1 << 16)
        return RtpPacket(
            payload_type=packet.payload_type,
            marker=packet.marker,
            sequence_number=self._sequence,
            timestamp=timestamp,
            ssrc=self._source.layers[0].ssrc,
            payload=packet.payload,
        )

    def _takes(self, index: int, now_s: float) -> bool:
        """Whether a keyframe is the first of its group that could be taken, or taller than that."""
        if now_s - self._group_at_s < KEYFRAME_GROUP_S:
            return self.layer is None or index > self.layer
        self._group_at_s = now_s
        return True

    def repeat(self, sequence_number: int) -> bytes | None:
        """A packet once more, as the bridge keeps what it sent."""
        return self._sent.get(sequence_number)

    def sent(self, packet: RtpPacket) -> bytes:
        """The bytes of a rewritten packet, kept for a while."""
        data = packet.serialize()
        self._sent[packet.sequence_number] = data
        if len(self._sent) > 1000:
            self._sent.pop(next(iter(self._sent)))
        return data

    def _switch(self, index: int, timestamp: int, now_s: float) -> None:
        if index != self.layer:
            self.switches.append((index, now_s))
            if self._newest is not None:
                newest, at_s = self._newest
                self._offset = newest + max(1, round((now_s - at_s) * 90_000)) - timestamp
        self.layer = index
