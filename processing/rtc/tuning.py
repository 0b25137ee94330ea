"""What a sender tells whatever decides how its pictures are encoded."""

from __future__ import annotations

from typing import Protocol

from aiortc.rtp import RtcpReceiverInfo

from eyeline.processing.rtc.encode_load import LoadStep
from eyeline.processing.rtc.video_step import OnStep


class Tuning(Protocol):
    """Decides by what it is told; `now_s` is of the monotonic clock.

    Attributes:
        on_step: Told when pictures of other sizes are sent than before.
    """

    on_step: OnStep

    @property
    def load_step(self) -> LoadStep:
        """What there is time for."""
        ...

    def wanted(self, max_height_px: int | None) -> None:
        """Somebody has use for pictures so tall; 0 for none, `None` for any."""
        ...

    def hold_load(self, step: LoadStep) -> None:
        """Encode with this, however long it takes."""
        ...

    def estimated(self, bitrate_bps: int, now_s: float) -> None:
        """A receiver estimates what gets through (REMB)."""
        ...

    def reported(self, report: RtcpReceiverInfo, round_trip_s: float | None, now_s: float) -> None:
        """A receiver reports about one stream, and how long the last round trip took where that is known."""
        ...

    def sent(self, size_bytes: int, now_s: float) -> None:
        """So much left, repetitions included."""
        ...

    def congested(self, now_s: float) -> bool:
        """Whether packets queue up on the way."""
        ...

    def rate_bps(self, now_s: float) -> int:
        """What is aimed at, of all streams together."""
        ...
