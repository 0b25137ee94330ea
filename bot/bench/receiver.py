"""A viewer: decodes what it gets, and notes which picture came when."""

from __future__ import annotations

import time
from typing import Any, Final, Self

import numpy as np
from av import AudioFrame, VideoFrame

from eyeline.bot.bench.counter import is_lit, read_number
from eyeline.bot.bench.sender import BEEP_LEVEL, BEEP_S
from eyeline.bot.bench.viewer import Viewer, luma_of
from eyeline.processing.rtc.aiortc_internals import LiveReceiver

_SILENCE_S: Final = BEEP_S + 0.05


class FlashWatch:
    """Notes when flashes begin.

    Attributes:
        seen: Of each flash when it was seen, and when it was captured by the sender's reports; monotonic seconds.
    """

    def __init__(self) -> None:
        self.seen: list[tuple[float, float]] = []
        self._was_lit = True  # whoever comes in the middle of one did not see it begin

    def look(self, lit: bool, at_s: float, captured_at_s: float) -> None:
        """Look at the mark of the next picture."""
        if lit and not self._was_lit:
            self.seen.append((at_s, captured_at_s))
        self._was_lit = lit


class BeepWatch:
    """Notes when beeps begin.

    Attributes:
        heard: As `FlashWatch.seen`.
    """

    def __init__(self) -> None:
        self.heard: list[tuple[float, float]] = []
        self._loud_at_s = 0.0

    def listen(self, frame: AudioFrame, at_s: float) -> None:
        """Listen to what comes next."""
        captured_at_s = frame.time or 0.0
        sound = frame.to_ndarray().reshape(-1, len(frame.layout.channels))[:, 0].astype(np.int32)
        loud = np.flatnonzero(np.abs(sound) > BEEP_LEVEL // 4)
        if not len(loud):
            return
        offset_s = float(loud[0]) / frame.sample_rate
        if captured_at_s - self._loud_at_s > _SILENCE_S:
            self.heard.append((at_s + offset_s, captured_at_s + offset_s))
        self._loud_at_s = captured_at_s


class Receiver(Viewer):
    """The role. Answers one offer.

    Args:
        width_px: Of the pictures that a person sends; those that come may be smaller.
        plain: Whether to receive as aiortc does, without our parts.
    """

    def __init__(self, width_px: int, plain: bool = False) -> None:
        super().__init__(plain=plain)
        self._width_px = width_px

    async def __aenter__(self) -> Self:
        self._pictures: list[tuple[int | None, float]] = []
        self._keyframes_s: list[float] = []
        self._heights_px: set[int] = set()
        self._flashes = FlashWatch()
        self._beeps = BeepWatch()
        return await super().__aenter__()

    async def seen(self) -> dict[str, Any]:
        """What was received: numbers in the pixels and when they were decoded, flashes, beeps, keyframes."""
        receivers = [each.receiver for each in self._connection.getTransceivers()]
        statistics = next((r.statistics for r in receivers if isinstance(r, LiveReceiver) and r.statistics), None)
        return {
            "pictures": self._pictures,
            "flashes_s": self._flashes.seen,
            "beeps_s": self._beeps.heard,
            "keyframes_s": self._keyframes_s,
            "heights_px": sorted(self._heights_px),
            "requests": statistics.keyframe_requests if statistics else 0,
        }

    def see(self, frame: VideoFrame) -> None:
        """See `Viewer.see`."""
        at_s, luma = time.monotonic(), luma_of(frame)
        self._pictures.append((read_number(luma, self._width_px), at_s))
        self._flashes.look(is_lit(luma, self._width_px), at_s, frame.time or 0.0)
        self._heights_px.add(frame.height)
        if frame.key_frame:
            self._keyframes_s.append(at_s)

    def hear(self, frame: AudioFrame) -> None:
        """See `Viewer.hear`."""
        self._beeps.listen(frame, time.monotonic())
