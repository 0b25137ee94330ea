"""What is told to a sender about its rate."""

from __future__ import annotations

from aiortc.rtp import RtpPacket

from eyeline.processing.rtc.bandwidth import FLOOR_BPS, START_BPS, BandwidthEstimate
from eyeline.processing.rtc.ntp import abs_send_time


def told(rate_bps: float, seconds: float, *, pipe_bps: float = 1e9) -> list[int]:
    """What is told when packets of 1000 bytes are sent evenly through a pipe of a width."""
    estimate, values = BandwidthEstimate(), []
    free_at_s = 0.0
    for number in range(round(seconds * rate_bps / 8000)):
        sent_at_s = number * 8000 / rate_bps
        free_at_s = max(free_at_s, sent_at_s) + 8000 / pipe_bps
        packet = RtpPacket(ssrc=1, payload=bytes(1000))
        packet.extensions.abs_send_time = abs_send_time(sent_at_s)
        result = estimate.add(packet, round((free_at_s + 0.02) * 1000))
        if result is not None:
            values.append(result[0])
            assert result[1] == [1]
    return values


def test_a_sender_may_begin_at_full_rate_and_need_not_wait() -> None:
    values = told(300_000, 1.5)
    assert values
    assert values[0] >= START_BPS


def test_a_narrow_pipe_is_noticed() -> None:
    values = told(1_500_000, 8.0, pipe_bps=600_000)
    assert values[-1] < 700_000
    assert min(values) >= FLOOR_BPS


def test_packets_without_a_time_say_nothing() -> None:
    assert BandwidthEstimate().add(RtpPacket(ssrc=1, payload=b"x"), 1000) is None
