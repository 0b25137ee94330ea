"""From RTP timestamps to capture times, with senders whose clocks are known."""

from __future__ import annotations

import random

import pytest

from eyeline.processing.rtc.ntp import ntp_s
from eyeline.processing.rtc.sender_clock import SenderClock, StreamClock

NTP_DISTANCE_S = 3_990_000_000.0  # from our monotonic clock to the sender's NTP clock
DELAY_S = 0.04


def ntp(captured_at_s: float) -> int:
    return round((captured_at_s + NTP_DISTANCE_S) * (1 << 32))


class Stream:
    """A stream that is captured, encoded for a while, sent over a path with jitter, and reported on."""

    def __init__(
        self, clock: StreamClock, rate_hz: int, first_timestamp: int, interval_s: float, encode_s: float, seed: int = 1
    ) -> None:
        self.clock = clock
        self.rate_hz = rate_hz
        self.first = first_timestamp
        self.interval_s = interval_s
        self.encode_s = encode_s
        self.random = random.Random(seed)

    def timestamp(self, captured_at_s: float) -> int:
        return (self.first + round(captured_at_s * self.rate_hz)) % (1 << 32)

    def run(self, begin_s: float, end_s: float, *, reports: bool) -> None:
        captured_at_s, number = begin_s, 0
        while captured_at_s < end_s:
            jitter_s = self.random.random() * 0.02
            arrived_at_s = captured_at_s + self.encode_s + DELAY_S + jitter_s
            self.clock.arrived(self.timestamp(captured_at_s), arrived_at_s)
            if reports and number % 15 == 0:
                self.clock.report(ntp(arrived_at_s - DELAY_S), self.timestamp(arrived_at_s - DELAY_S), arrived_at_s)
            captured_at_s += self.interval_s
            number += 1

    def error_s(self, captured_at_s: float) -> float:
        """How late a frame is taken to be captured; the delay of the path cannot be known."""
        return self.clock.captured_at_s(self.timestamp(captured_at_s)) - captured_at_s - DELAY_S


def test_arrival_stands_in_until_a_report_comes() -> None:
    video = Stream(StreamClock(SenderClock(), 90_000), 90_000, 123456, 1 / 30, encode_s=0.03)
    video.run(10.0, 12.0, reports=False)
    assert 0.029 < video.error_s(12.0) < 0.034


def test_reports_find_the_capture_behind_the_encoder() -> None:
    video = Stream(StreamClock(SenderClock(), 90_000), 90_000, 123456, 1 / 30, encode_s=0.03)
    video.run(10.0, 14.0, reports=True)
    assert abs(video.error_s(14.0)) < 0.003


def test_sound_and_picture_of_one_sender_agree() -> None:
    sender = SenderClock()
    audio = Stream(StreamClock(sender, 48_000), 48_000, 4_294_960_000, 0.02, encode_s=0.001, seed=2)
    video = Stream(StreamClock(sender, 90_000), 90_000, 77, 1 / 30, encode_s=0.05, seed=3)
    for second in range(10, 30):
        audio.run(second, second + 1, reports=True)
        video.run(second, second + 1, reports=True)
    assert abs(audio.error_s(30.0) - video.error_s(30.0)) < 0.002


def test_timestamps_may_wrap_around() -> None:
    clock = StreamClock(SenderClock(), 90_000)
    video = Stream(clock, 90_000, (1 << 32) - 15 * 90_000, 1 / 30, encode_s=0.0)
    video.run(10.0, 20.0, reports=True)
    assert abs(video.error_s(20.0)) < 0.003
    assert abs(video.error_s(14.0)) < 0.003


def test_a_report_without_a_time_or_of_another_age_is_not_believed() -> None:
    clock = StreamClock(SenderClock(), 90_000)
    video = Stream(clock, 90_000, 0, 1 / 30, encode_s=0.0)
    video.run(10.0, 11.0, reports=False)
    before_s = video.error_s(11.0)
    clock.report(0, 0, 11.0)
    clock.report(ntp(11.0), video.timestamp(30.0), 11.0)  # says that what comes now was captured 19 s ago
    video.run(11.0, 11.5, reports=False)
    assert video.error_s(11.5) == pytest.approx(before_s, abs=0.01)


def test_a_correction_of_a_few_milliseconds_is_no_jump() -> None:
    clock = StreamClock(SenderClock(), 90_000)
    video = Stream(clock, 90_000, 0, 1 / 30, encode_s=0.0)
    video.run(10.0, 12.0, reports=True)
    before_s = video.error_s(12.0)
    moved_s = 12.0 + DELAY_S
    clock.report(ntp(12.0 - 0.02), video.timestamp(12.0), moved_s)  # the sender's clock was set back by 20 ms
    video.run(12.0, 12.2, reports=False)
    assert -0.0015 < video.error_s(12.2) - before_s < 0


def test_a_restart_forgets_the_old_timestamps() -> None:
    clock = StreamClock(SenderClock(), 90_000)
    Stream(clock, 90_000, 5, 1 / 30, encode_s=0.0).run(10.0, 12.0, reports=True)
    clock.restart()
    with pytest.raises(RuntimeError):
        clock.captured_at_s(5)
    second = Stream(clock, 90_000, 2_000_000_000, 1 / 30, encode_s=0.0)
    second.run(12.0, 14.0, reports=True)
    assert abs(second.error_s(14.0)) < 0.003


def test_capture_time_of_large_ntp_values_keeps_microseconds() -> None:
    assert ntp_s(ntp(1.000001)) - ntp_s(ntp(1.0)) == pytest.approx(1e-6, abs=6e-7)
