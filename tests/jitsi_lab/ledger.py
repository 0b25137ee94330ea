"""What the bridge counted and what it objects to, for tests to look at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Ledger:
    """Counters of one bridge.

    Attributes:
        packets: RTP packets that arrived, by SSRC, whatever became of them.
        forwarded: RTP packets that left, by (receiver's endpoint id, SSRC).
        refused: Packets that were dropped, by reason.
        keyframe_requests: PLI and FIR sent to a sender, by SSRC.
        complaints: What a correct client would not have sent; empty at the end of a good test.
    """

    packets: Counter[int] = field(default_factory=Counter)
    forwarded: Counter[tuple[str, int]] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    keyframe_requests: Counter[int] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
