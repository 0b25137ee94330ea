"""What a sinking estimate means."""

from __future__ import annotations

from eyeline.processing.rtc.overuse import LASTS_S, Overuse


class Sending:
    """Thirty pictures a second of the same size."""

    def __init__(self) -> None:
        self.overuse = Overuse()
        self.now_s = 0.0

    def go(self, seconds: float, bps: int) -> None:
        for _ in range(round(seconds * 30)):
            self.now_s += 1 / 30
            self.overuse.sent(bps // 240, self.now_s)

    def estimate(self, bps: int, allowed_bps: float = 0.0) -> bool:
        return self.overuse.on_estimate(bps, self.now_s, allowed_bps=allowed_bps)


def test_an_estimate_that_sinks_below_what_was_sent_is_a_sign() -> None:
    sending = Sending()
    sending.go(2, 1_400_000)
    assert not sending.estimate(1_500_000)
    assert sending.estimate(1_130_000)
    assert sending.overuse.lasts(sending.now_s + LASTS_S / 2)
    assert not sending.overuse.lasts(sending.now_s + LASTS_S * 1.1)


def test_one_that_sinks_as_little_is_sent_is_none() -> None:
    """Layers paused: 2.5 Mbit/s, then one and a half times what is sent, on a path without any fault."""
    sending = Sending()
    sending.go(2, 2_200_000)
    assert not sending.estimate(2_486_000)
    sending.go(2, 150_000)
    for bps in (753_000, 230_000, 225_000):
        assert not sending.estimate(bps)
    assert not sending.overuse.lasts(sending.now_s)


def test_one_that_was_low_all_along_is_none() -> None:
    sending = Sending()
    sending.go(2, 1_400_000)
    assert not sending.estimate(700_000)
    assert not sending.estimate(700_000)
    assert not sending.estimate(710_000)


def test_one_that_sinks_far_below_what_was_allowed_is_none() -> None:
    """As a Jitsi Videobridge was seen to say when all but the lowest layer had ended: 1190, 466, 181, 173 kbit/s."""
    sending = Sending()
    sending.go(2, 2_300_000)
    assert not sending.estimate(1_190_000, 2_200_000)
    sending.go(2, 206_000)
    for bps in (466_000, 181_000, 173_000, 141_000):
        assert not sending.estimate(bps, 2_200_000)
    assert not sending.estimate(250_000, 250_000)
    assert sending.estimate(170_000, 250_000)  # where no more was allowed


def test_one_that_wavers_behind_what_gets_through_is_none() -> None:
    """As a Jitsi Videobridge says it for minutes on end."""
    sending = Sending()
    for bps in (1_190_000, 1_189_000, 1_058_000, 1_172_000, 1_000_000):
        sending.go(0.5, 2_300_000)
        assert not sending.estimate(bps, 2_200_000)


def test_one_that_goes_on_sinking_is_a_sign_again() -> None:
    sending = Sending()
    sending.go(2, 2_000_000)
    assert not sending.estimate(2_100_000, 2_200_000)
    assert sending.estimate(1_600_000, 2_200_000)
    sending.go(0.5, 1_800_000)
    assert sending.estimate(1_100_000, 1_100_000)


def test_long_round_trips_keep_a_sign_alive_and_make_none() -> None:
    sending = Sending()
    sending.overuse.on_round_trip(0.5, 0.02, 1.0)
    assert not sending.overuse.lasts(1.0)
    sending.go(2, 1_400_000)
    sending.estimate(1_500_000)
    sending.estimate(1_000_000)
    sign_s = sending.now_s
    sending.overuse.on_round_trip(0.3, 0.02, sign_s + 0.3)
    assert sending.overuse.lasts(sign_s + 0.6)
    sending.overuse.on_round_trip(0.03, 0.02, sign_s + 0.6)
    assert not sending.overuse.lasts(sign_s + 0.8)


def test_no_sign_lasts_for_ever() -> None:
    sending = Sending()
    sending.go(2, 1_400_000)
    sending.estimate(1_500_000)
    sending.estimate(1_000_000)
    for tenth in range(1, 60):
        sending.overuse.on_round_trip(0.5, 0.02, sending.now_s + tenth / 10)
    assert not sending.overuse.lasts(sending.now_s + 6.0)
