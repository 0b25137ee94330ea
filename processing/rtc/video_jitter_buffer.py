"""From packets to whole pictures: complete with the marker, late for a bounded time, and never with a hole."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from eyeline.processing.rtc.payload_formats import KeyframeStart

DEADLINE_S: Final = 0.2
CAPACITY: Final = 2048


class VideoPacket(NamedTuple):
    """One packet of a stream. There are hundreds a second, and a tuple is made in a third of a dataclass's time.

    Args:
        sequence: Sequence number without wrap-around.
        timestamp: RTP timestamp, the same for all packets of a picture.
        marker: Whether it is the last one of its picture.
        data: What the decoder takes; empty for padding.
        start: Whether a keyframe begins with it.
        codec: Of the picture.
    """

    sequence: int
    timestamp: int
    marker: bool
    data: bytes
    start: KeyframeStart
    codec: RTCRtpCodecParameters


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """One whole picture, which needs at most the ones before it."""

    data: bytes
    timestamp: int
    is_keyframe: bool
    codec: RTCRtpCodecParameters


class Continuity(Enum):
    """`SKIPPING` → `WHOLE` with a complete keyframe; `WHOLE` → `SKIPPING` when a hole lasts too long."""

    WHOLE = "every picture so far was handed out"
    SKIPPING = "waiting for a keyframe"


class _Held(NamedTuple):
    packet: VideoPacket
    arrived_at_s: float


class VideoJitterBuffer:
    """Puts packets in order and hands out complete pictures, in order and at once.

    A picture is complete with its marker: the next one is not waited for. A hole is waited for until the deadline;
    then everything up to the next complete keyframe is left out, since a frozen picture is better than a broken one.

    Args:
        deadline_s: How long a hole is waited for, from when something behind it arrived.
    """

    def __init__(self, deadline_s: float = DEADLINE_S) -> None:
        self._deadline_s = deadline_s
        self.skips = 0
        self.restart()

    def restart(self) -> None:
        """Forget everything: another stream begins."""
        self._state = Continuity.SKIPPING
        self._held: dict[int, _Held] = {}
        self._starts: set[int] = set()
        self._head = 0  # first packet of the picture that is next
        self._frontier = 0  # first packet that is missing
        self._hole_since_s: float | None = None

    @property
    def state(self) -> Continuity:
        """Whether pictures follow one another."""
        return self._state

    @property
    def has_hole(self) -> bool:
        """Whether something is waited for though later packets are there."""
        return self._hole_since_s is not None

    @property
    def needs_keyframe(self) -> bool:
        """Whether nothing can be handed out until a keyframe comes, of which there is no trace yet."""
        return self._state is Continuity.SKIPPING and not self._starts

    @property
    def first_useful(self) -> int | None:
        """Packets before this one would be dropped; `None` when that is not known."""
        if self._state is Continuity.WHOLE:
            return self._frontier
        return min(self._starts or self._held, default=None)

    def add(self, packet: VideoPacket, now_s: float) -> list[EncodedPicture]:
        """Take a packet, in whatever order it came; the pictures that are complete with it."""
        sequence = packet.sequence
        is_next = False
        if self._state is Continuity.WHOLE:
            if sequence < self._frontier:
                return []
            is_next = sequence == self._frontier and self._hole_since_s is None and len(self._held) < CAPACITY
        if sequence in self._held:
            return []
        self._held[sequence] = _Held(packet, now_s)
        if packet.start is not KeyframeStart.NO:
            self._starts.add(sequence)
        if is_next:
            return self._complete()  # nothing is held behind it
        if len(self._held) > CAPACITY:
            self._skip()
            self._drop_before(sequence)
        return self._advance(now_s)

    def expire(self, now_s: float) -> list[EncodedPicture]:
        """Give up what is overdue; the pictures that can be handed out instead."""
        if self._hole_since_s is not None and now_s - self._hole_since_s >= self._deadline_s:
            self._skip()
        return self._advance(now_s)

    def skip(self) -> None:
        """Leave out everything up to the next keyframe that is not complete yet, as the decoder cannot use it."""
        self._skip()
        self._drop_before(max(self._held, default=-1) + 1)

    def _advance(self, now_s: float) -> list[EncodedPicture]:
        if self._state is Continuity.SKIPPING:
            self._forget_old(now_s)
            pictures = self._resume()
        else:
            pictures = []
        if self._state is Continuity.WHOLE:
            pictures += self._complete()
            self._note_hole()
        return pictures

    def _skip(self) -> None:
        if self._state is Continuity.WHOLE:
            self._state = Continuity.SKIPPING
            self.skips += 1
        self._hole_since_s = None
        self._drop_before(self._frontier)

    def _resume(self) -> list[EncodedPicture]:
        """The newest complete keyframe, if there is one."""
        for start in sorted(self._starts, reverse=True):
            end = self._end_of_picture(start)
            if end is not None and self._begins_picture(start):
                picture = self._picture(start, end, is_keyframe=True)
                self._drop_before(end)
                self._head = self._frontier = end
                self._state = Continuity.WHOLE
                return [picture]
        return []

    def _complete(self) -> list[EncodedPicture]:
        """The pictures from the head on that are complete."""
        pictures: list[EncodedPicture] = []
        begun = self._head
        while (held := self._held.get(self._frontier)) is not None:
            packet = held.packet
            if self._head == self._frontier and not packet.data and not packet.marker:
                self._head += 1  # padding between two pictures
            elif self._head < self._frontier and packet.timestamp != self._held[self._head].packet.timestamp:
                pictures.append(self._hand_out(self._frontier))  # the marker was forgotten
            if packet.marker:
                pictures.append(self._hand_out(self._frontier + 1))
            self._frontier += 1
        for sequence in range(begun, self._head):
            del self._held[sequence]
            self._starts.discard(sequence)
        return [picture for picture in pictures if picture.data]

    def _hand_out(self, end: int) -> EncodedPicture:
        is_keyframe = bool(self._starts) and any(sequence in self._starts for sequence in range(self._head, end))
        picture = self._picture(self._head, end, is_keyframe=is_keyframe)
        self._head = end
        return picture

    def _picture(self, start: int, end: int, *, is_keyframe: bool) -> EncodedPicture:
        packets = [self._held[sequence].packet for sequence in range(start, end)]
        data = b"".join(packet.data for packet in packets)
        return EncodedPicture(data, packets[0].timestamp, is_keyframe, packets[0].codec)

    def _end_of_picture(self, start: int) -> int | None:
        """One behind the last packet of the picture that begins at `start`, if all of it is there."""
        timestamp = self._held[start].packet.timestamp
        sequence = start
        while (held := self._held.get(sequence)) is not None:
            if held.packet.timestamp != timestamp:
                return sequence
            sequence += 1
            if held.packet.marker:
                return sequence
        return None

    def _begins_picture(self, start: int) -> bool:
        held = self._held[start].packet
        if held.start is KeyframeStart.YES:
            return True
        before = self._held.get(start - 1)
        return before is not None and before.packet.timestamp != held.timestamp

    def _note_hole(self) -> None:
        behind = [held.arrived_at_s for sequence, held in self._held.items() if sequence > self._frontier]
        self._hole_since_s = min(behind) if behind else None

    def _forget_old(self, now_s: float) -> None:
        """While a keyframe is waited for, keep only what may still become part of one."""
        for sequence, held in list(self._held.items()):
            if now_s - held.arrived_at_s > self._deadline_s:
                del self._held[sequence]
                self._starts.discard(sequence)

    def _drop_before(self, sequence: int) -> None:
        for dropped in [held for held in self._held if held < sequence]:
            del self._held[dropped]
            self._starts.discard(dropped)
