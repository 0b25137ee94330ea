"""What is sent again."""

from __future__ import annotations

from eyeline.processing.rtc.packet_template import HeaderLayout
from eyeline.processing.rtc.retransmission import LEAST_COOLDOWN_S, Retransmission

LAYOUT = HeaderLayout(payload_at=24, stamp_at=None)


def sent(first: int, count: int, *, at_s: float = 0.0, size: int = 1000) -> Retransmission:
    history = Retransmission()
    history.remember(first, [bytes(24 + size)] * count, LAYOUT, at_s)
    return history


def take(
    history: Retransmission, number: int, now_s: float, *, round_trip_s: float = 0.05, rate_bps: float = 1e6
) -> bool:
    return history.take(number, now_s, round_trip_s=round_trip_s, rate_bps=rate_bps) is not None


def test_a_packet_is_sent_again_once_in_a_round_trip() -> None:
    history = sent(7, 3)
    assert take(history, 8, 0.06)
    assert not take(history, 8, 0.06)
    assert not take(history, 8, 0.10)
    assert take(history, 8, 0.111)
    assert history.refused == 2


def test_a_short_round_trip_does_not_mean_every_millisecond() -> None:
    history = sent(7, 1)
    assert take(history, 7, 0.0, round_trip_s=0.001)
    assert not take(history, 7, 0.02, round_trip_s=0.001)
    assert take(history, 7, LEAST_COOLDOWN_S, round_trip_s=0.001)


def test_what_was_never_sent_or_long_ago_is_not_there() -> None:
    history = sent(7, 1)
    assert not take(history, 8, 0.1)
    history.remember(8, [bytes(24)], LAYOUT, 1.5)
    assert not take(history, 7, 1.5)


def test_sequence_numbers_may_wrap_around() -> None:
    history = sent(65530, 20)
    assert all(take(history, number % (1 << 16), 0.1) for number in range(65530, 65550))


def test_repetitions_are_bounded_to_half_of_the_rate() -> None:
    history = sent(0, 1000)
    repeated = sum(1000 for ms in range(900) if take(history, ms, ms / 1000, rate_bps=2_000_000))
    burst, rate = 48_000, 2_000_000 / 2 / 8
    assert repeated <= burst + rate * 0.9 + 1000
    assert repeated >= burst + rate * 0.9 - 2000


def test_memory_is_bounded() -> None:
    history = sent(0, 5000)
    assert not take(history, 3000, 0.0)
    assert not take(history, 5000 - 1025, 0.0)
    assert take(history, 5000 - 1024, 0.0)
    assert take(history, 4999, 0.0)


def test_where_packets_queue_up_hardly_any_are_repeated_and_no_old_ones() -> None:
    def repeats(number: int, now_s: float) -> bool:
        return history.take(number, now_s, round_trip_s=0.05, rate_bps=1e6, congested=True) is not None

    history = sent(0, 1000)
    assert repeats(0, 0.2)
    assert not repeats(1, 0.3)
    history.remember(0, [bytes(24 + 1000)] * 1000, LAYOUT, 1.0)
    repeated = sum(1000 for ms in range(200) if repeats(ms, 1.0 + ms / 1000))
    assert 5_000 <= repeated <= 6_000 + 1e6 / 8 * 0.1 * 0.2 + 1000
