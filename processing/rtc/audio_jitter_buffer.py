"""Opus packets in, as the network brings them; steady sound out, whatever is missing.

How it is used: `add` every RTP packet as it arrives; call `pull` whenever `due_s` is reached and play what it returns.
No clock, thread or socket is in here; `audio_receiver.py` adds the timer. Times are seconds on one monotonic clock.

What is played is on time or made up, never waited for. A missing packet comes from the copy inside of the next one
where that is there already, and is concealed otherwise. A packet that comes after its time, while it is being
concealed, is played all the same, and the delay it causes is given back: in quiet places by cutting, elsewhere by
half a percent of speed. The delay itself follows the jitter (`playout_delay.py`), within 120 ms.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.rtc.audio_stretch import FADE_SAMPLES, fade_in, fade_out, is_quiet, splice, stretch
from eyeline.processing.rtc.media_packet import MediaPacket
from eyeline.processing.rtc.opus import OpusDecoder, OpusError
from eyeline.processing.rtc.opus_packet import OPUS_RATE_HZ, OpusPacketInfo, packet_info
from eyeline.processing.rtc.playout_delay import MAX_DELAY_S, PlayoutDelay

log = logging.getLogger(__name__)

Pcm = NDArray[np.int16]

IDLE_AFTER_S = 1.0
MAX_PACKETS = 100

_MAX_AHEAD_S = 1.0
_ASTRAY_S = 0.5
_SKIP_S = 0.5
_STEP_SAMPLES = 960
_SHORT_STEP_SAMPLES = 480
_SMALL_GAP_SAMPLES = 120
_FULL_FOR_SAMPLES = 60 * OPUS_RATE_HZ // 1000
_SILENT_AFTER_SAMPLES = 160 * OPUS_RATE_HZ // 1000
_SPEED = 200  # one sample in as many is added or left out while there is sound
_SLIP_SAMPLES = 144
_START_SAMPLES = 144
_STOP_SAMPLES = 48


class ChunkKind(Enum):
    """Where sound came from."""

    DECODED = "decoded"
    RECOVERED = "recovered"
    CONCEALED = "concealed"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Sound to be played now.

    Args:
        samples: `int16`, shape `(samples, channels)`, 48 kHz; as long as one packet, a little more or less.
        rtp_timestamp: Of its first sample, modulo 2^32.
        kind: Where it came from.
    """

    samples: Pcm
    rtp_timestamp: int
    kind: ChunkKind


@dataclass(slots=True)
class JitterStats:
    """Counted since the beginning.

    Args:
        received: Packets that came.
        lost: Packets that were missing when their time came and never came.
        recovered: Of these, how many the packet after them brought back.
        concealed_ms: Sound that was made up.
        late: Packets that came too late to be played.
        duplicates: Packets that had come before.
        damaged: Packets that are no Opus.
        delay_ms: How long what is played now waited beyond the fastest packet of the last seconds.
    """

    received: int = 0
    lost: int = 0
    recovered: int = 0
    concealed_ms: float = 0.0
    late: int = 0
    duplicates: int = 0
    damaged: int = 0
    delay_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class _Packet:
    begin: int
    number: int
    payload: bytes
    info: OpusPacketInfo

    @property
    def end(self) -> int:
        return self.begin + self.info.samples


@dataclass(slots=True)
class _Unwrapped:
    """A counter that wraps around, as one that does not."""

    bits: int
    last: int | None = field(default=None)

    def unwrap(self, value: int) -> int:
        if self.last is None:
            self.last = value
            return value
        half = 1 << (self.bits - 1)
        step = (value - self.last + half) % (1 << self.bits) - half
        self.last = max(self.last, self.last + step)
        return self.last if step >= 0 else self.last + step


class AudioJitterBuffer:
    """One stream. Not for two threads at once.

    Args:
        decoder: Used from now on by this buffer alone; its owner closes it.
    """

    def __init__(self, decoder: OpusDecoder) -> None:
        self._decoder = decoder
        self._delay = PlayoutDelay()
        self._stats = JitterStats()
        self._ssrc: int | None = None
        self._restart()

    def _restart(self) -> None:
        self._delay.reset()
        self._times, self._numbers = _Unwrapped(32), _Unwrapped(16)
        self._packets: dict[int, _Packet] = {}
        self._next: int | None = None
        self._due_s = 0.0
        self._decoded_end = 0
        self._last: _Packet | None = None
        self._made_up = 0
        self._correcting = False
        self._arrived_at_s = 0.0
        self._astray_since_s: float | None = None

    @property
    def due_s(self) -> float | None:
        """When the next chunk is to be played; `None` while nothing comes."""
        return None if self._next is None else self._due_s

    @property
    def has_next(self) -> bool:
        """Whether the next chunk would be sound that came, whatever else may come until it is due."""
        if self._next is None or not self._packets:
            return False
        begin = min(self._packets)
        return begin - self._next < _SMALL_GAP_SAMPLES and self._packets[begin].end > self._next

    @property
    def stats(self) -> JitterStats:
        """What happened so far."""
        delay_s = 0.0 if self._next is None else self._due_s - self._next / OPUS_RATE_HZ - self._delay.least_s
        return replace(self._stats, delay_ms=1000 * delay_s)

    def add(self, packet: MediaPacket, arrived_at_s: float) -> None:
        """Take one packet, in whatever order. Never raises for what a packet holds."""
        if packet.ssrc != self._ssrc:
            self._ssrc = packet.ssrc
            self._restart()
        try:
            info = packet_info(packet.payload)
        except ValueError:
            self._stats.damaged += 1
            return
        begin = self._times.unwrap(packet.timestamp)
        item = _Packet(begin, self._numbers.unwrap(packet.sequence_number), packet.payload, info)
        self._stats.received += 1
        if self._next is not None and self._is_astray(item, arrived_at_s):
            self._restart()
            return
        if self._astray_since_s is None:
            self._arrived_at_s = arrived_at_s
            self._keep(item, arrived_at_s)

    def pull(self, now_s: float) -> Chunk | None:
        """The next chunk, which is to be played at `due_s`; after this, `due_s` is that of the one after it.

        Returns:
            Sound, or `None` when the stream has ended or paused; the next packet starts it again.
        """
        if self._next is None:
            return None
        if self._is_idle(now_s):
            self._restart()
            return None
        self._skip(now_s - self._due_s, least_s=_SKIP_S)
        before = self._catch_up()
        begin = self._next
        sound, kind = self._made()
        if before is not None:
            sound = _joined(before, sound)
        self._next = begin + len(sound)
        sound = self._fitted(sound, self._behind(begin), soft=kind is not ChunkKind.DECODED or is_quiet(sound))
        self._due_s += len(sound) / OPUS_RATE_HZ
        return Chunk(sound, begin % (1 << 32), kind)

    def _is_idle(self, now_s: float) -> bool:
        return self._next is not None and now_s - self._arrived_at_s > IDLE_AFTER_S

    def _is_astray(self, item: _Packet, arrived_at_s: float) -> bool:
        """Whether the sender's time line has moved: nothing has fitted into ours for a while."""
        late_s = arrived_at_s - item.begin / OPUS_RATE_HZ - self._delay.offset_s
        if -_MAX_AHEAD_S < late_s <= MAX_DELAY_S:
            self._astray_since_s = None
            return False
        self._stats.late += 1
        if self._astray_since_s is None:
            self._astray_since_s = arrived_at_s
        return arrived_at_s - self._astray_since_s > _ASTRAY_S

    def _keep(self, item: _Packet, arrived_at_s: float) -> None:
        self._delay.arrived(item.begin / OPUS_RATE_HZ, arrived_at_s)
        if self._next is None:
            self._next = self._decoded_end = item.begin
            self._due_s = self._delay.offset_s + item.begin / OPUS_RATE_HZ
        if item.begin in self._packets or (self._last is not None and item.number == self._last.number):
            self._stats.duplicates += 1
        elif item.begin < self._decoded_end:
            self._stats.late += 1
        else:
            self._next = min(self._next, item.begin)  # it was late and has only been concealed: play it after all
            self._packets[item.begin] = item
            if len(self._packets) > MAX_PACKETS:
                del self._packets[min(self._packets)]

    def _behind(self, begin: int) -> int:
        """By how many samples the delay is longer than it should be."""
        return round((self._due_s - begin / OPUS_RATE_HZ - self._delay.offset_s) * OPUS_RATE_HZ)

    def _skip(self, late_s: float, *, least_s: float) -> None:
        """Leave out what should have been played while nobody pulled."""
        if self._next is not None and late_s > least_s:
            self._next += round(late_s * OPUS_RATE_HZ)
            self._due_s += late_s

    def _catch_up(self) -> Pcm | None:
        """Leave out what came much too late. Returns how the sound before that goes on, to be faded over."""
        if self._next is None or self._behind(self._next) <= MAX_DELAY_S * OPUS_RATE_HZ:
            return None
        self._next += self._behind(self._next)
        return self._concealed(FADE_SAMPLES)

    def _made(self) -> tuple[Pcm, ChunkKind]:
        """The sound from `_next` on."""
        position = self._next or 0
        self._packets = {begin: item for begin, item in self._packets.items() if item.end > position}
        first = self._packets[min(self._packets)] if self._packets else None
        if first is None:
            return self._conceal(_SHORT_STEP_SAMPLES)  # it may only be a little late
        gap = first.begin - position
        if gap < _SMALL_GAP_SAMPLES:
            return self._decode(first, from_sample=max(0, -gap)), ChunkKind.DECODED
        if self._is_loss(first):
            self._delay.allow(first.info.samples / OPUS_RATE_HZ if first.info.has_fec else 0.0, self._due_s)
            if first.info.has_fec and gap <= first.info.samples:
                return self._recover(first, gap)
        return self._conceal(min(gap, _STEP_SAMPLES))

    def _is_loss(self, first: _Packet) -> bool:
        return self._last is not None and first.number - self._last.number > 1

    def _decode(self, item: _Packet, *, from_sample: int) -> Pcm:
        del self._packets[item.begin]
        if self._last is not None and item.number > self._last.number:
            missing = item.number - self._last.number - 1
            self._stats.lost += missing
        self._last = item
        self._decoded_end = item.end
        try:
            sound = self._decoder.decode(item.payload)[from_sample:]
        except OpusError as error:
            log.debug("%s", error)
            return self._concealed(item.info.samples - from_sample)
        if self._made_up > _FULL_FOR_SAMPLES:
            sound = fade_in(sound)
        self._made_up = 0
        return sound

    def _recover(self, first: _Packet, gap: int) -> tuple[Pcm, ChunkKind]:
        self._decoded_end = first.begin
        try:
            sound = self._decoder.decode_fec(first.payload, gap)
        except OpusError as error:
            log.debug("%s", error)
            return self._conceal(gap)
        self._stats.recovered += 1
        self._made_up = 0
        return sound, ChunkKind.RECOVERED

    def _conceal(self, samples: int) -> tuple[Pcm, ChunkKind]:
        kind = ChunkKind.SILENT if self._made_up >= _SILENT_AFTER_SAMPLES else ChunkKind.CONCEALED
        sound = self._concealed(samples)
        self._stats.concealed_ms += 1000 * len(sound) / OPUS_RATE_HZ
        return sound, kind

    def _concealed(self, samples: int) -> Pcm:
        """What the decoder makes up, fading out; the noise that a pausing sender asked for does not fade."""
        sound = self._decoder.conceal(samples)
        if self._last is not None and self._last.info.is_dtx:
            return sound
        at = self._made_up + np.arange(len(sound))
        self._made_up += len(sound)
        span = _SILENT_AFTER_SAMPLES - _FULL_FOR_SAMPLES
        gain = np.clip((_SILENT_AFTER_SAMPLES - at) / span, 0, 1)
        return np.rint(sound * gain[:, None]).astype(np.int16)

    def _fitted(self, sound: Pcm, behind: int, *, soft: bool) -> Pcm:
        """The sound made shorter or longer, so that the delay becomes what it should be."""
        if behind > _START_SAMPLES or behind < -_STOP_SAMPLES:
            self._correcting = True
        elif abs(behind) < _STOP_SAMPLES:
            self._correcting = False
        if not self._correcting:
            return sound
        if soft and abs(behind) > _SLIP_SAMPLES and len(sound) >= 2 * FADE_SAMPLES:
            return splice(sound, len(sound) - behind)
        most = max(1, len(sound) // _SPEED)
        return stretch(sound, len(sound) - max(-most, min(most, behind)))


def _joined(before: Pcm, sound: Pcm) -> Pcm:
    """One sound that fades over into the other."""
    made = fade_in(sound)
    count = min(len(before), len(sound))
    made[:count] += fade_out(before)[:count]
    return made
