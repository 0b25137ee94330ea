"""What is told to a sender about its rate."""

from __future__ import annotations

from random import Random

import pytest
from aiortc.rate import RemoteBitrateEstimator

from eyeline.processing.rtc.bandwidth import FLOOR_BPS, START_BPS, BandwidthEstimate
from eyeline.processing.rtc.media_packet import ReceivedPacket
from eyeline.processing.rtc.ntp import abs_send_time


def packet(size: int, ssrc: int = 1) -> ReceivedPacket:
    return ReceivedPacket(96, 0, 0, 0, ssrc, bytes(size))


def told(rate_bps: float, seconds: float, *, pipe_bps: float = 1e9) -> list[int]:
    """What is told when packets of 1000 bytes are sent evenly through a pipe of a width."""
    estimate, values = BandwidthEstimate(), []
    free_at_s = 0.0
    for number in range(round(seconds * rate_bps / 8000)):
        sent_at_s = number * 8000 / rate_bps
        free_at_s = max(free_at_s, sent_at_s) + 8000 / pipe_bps
        arrived_ms = round((free_at_s + 0.02) * 1000)
        result = estimate.add(packet(1000), abs_send_time(sent_at_s), arrived_ms)
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


@pytest.mark.parametrize("seed", range(12))
def test_it_says_what_aiortc_would_say(seed: int) -> None:
    """Of bursts, jams, pauses, packets that overtake each other and a wrap-around of the 24 bits."""
    random = Random(seed)
    ours, theirs = BandwidthEstimate(), RemoteBitrateEstimator()
    at_s, free_at_s, begin, pipe_bps = random.uniform(1, 60), 0.0, random.randrange(1 << 24), 1e9
    theirs.rate_control.set_estimate(START_BPS, int(at_s * 1000))
    told = 0
    for number in range(2000):
        at_s += random.choice([0, 0, 0, 0, 0.0002, 0.001, 0.033, 0.033, 1.6 if random.random() < 0.01 else 0.01])
        if number % 300 == 0:
            pipe_bps = random.choice([5e5, 2e6, 1e9])
        size = random.randrange(100, 1200)
        free_at_s = max(free_at_s, at_s) + size * 8 / pipe_bps
        overtaken_s = random.uniform(0, 0.003) if random.random() < 0.1 else 0.0
        sent = (begin + int((at_s + overtaken_s) * (1 << 18))) % (1 << 24)
        arrived_ms = int(free_at_s * 1000)
        mine = ours.add(packet(size), sent, arrived_ms)
        other = theirs.add(arrival_time_ms=arrived_ms, abs_send_time=sent, payload_size=size, ssrc=1)
        assert mine == (other and (max(FLOOR_BPS, other[0]), other[1]))
        told += mine is not None
    assert told > 10


def test_only_streams_that_are_heard_are_told_of() -> None:
    estimate = BandwidthEstimate()
    told = [estimate.add(packet(1000, ssrc=number), number * 2600, number * 10) for number in range(1000)]
    lists = [each[1] for each in told if each is not None]
    assert lists[-1][-1] > 900
    assert all(len(each) <= 31 and each[-1] - each[0] <= 31 for each in lists)
