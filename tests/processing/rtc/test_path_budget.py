"""When an estimate is believed."""

from __future__ import annotations

from aiortc.rtp import RtcpReceiverInfo

from eyeline.processing.rtc.path_budget import START_BPS, PathBudget

USEFUL_BPS = 2_200_000


class Path:
    """A budget, and receiver reports twice a second about one SSRC."""

    def __init__(self) -> None:
        self.budget = PathBudget()
        self.now_s = 0.0
        self._lost = 0
        self._highest = 60_000

    def go(self, seconds: float, *, loss: float = 0.0, trip_s: float = 0.03, remb_bps: int | None = None) -> int:
        """Let time pass; the budget at its end."""
        for _ in range(round(seconds * 2)):
            self.now_s += 0.5
            self._lost += round(100 * loss)
            self._highest += 100
            report = RtcpReceiverInfo(7, 0, self._lost, self._highest, 0, 0, 0)
            self.budget.on_report(report, self.now_s)
            self.budget.on_round_trip(trip_s, self.now_s)
            if remb_bps is not None:
                self.budget.on_estimate(remb_bps, self.now_s)
            self.bps()
        return self.bps()

    def bps(self) -> int:
        return self.budget.bps(self.now_s, USEFUL_BPS)


def test_it_starts_with_care_and_climbs_to_what_is_useful() -> None:
    path = Path()
    assert path.bps() == START_BPS
    assert START_BPS < path.go(2) < 1_700_000
    assert path.go(20) == USEFUL_BPS


def test_an_estimate_that_sank_because_little_was_sent_is_not_obeyed() -> None:
    """2.5 Mbit/s, then 753, 105 and 73 kbit/s within seconds, on a path without any fault."""
    path = Path()
    path.go(20)
    for estimate_bps in (753_000, 105_000, 73_000):
        assert path.go(2, remb_bps=estimate_bps) == USEFUL_BPS


def test_with_loss_it_is_obeyed_at_once() -> None:
    path = Path()
    path.go(20)
    assert path.go(0.5, loss=0.08, remb_bps=700_000) <= 700_000


def test_with_growing_round_trips_it_is_obeyed_soon_and_with_room_for_what_waits() -> None:
    path = Path()
    path.go(20)
    assert path.go(1.0, trip_s=0.3, remb_bps=700_000) <= 0.9 * 700_000


def test_one_long_round_trip_is_no_sign() -> None:
    """As where a busy machine answers half a second late, for once."""
    path = Path()
    path.go(20)
    assert path.go(0.5, trip_s=0.5, remb_bps=700_000) == USEFUL_BPS
    assert path.go(5.0, remb_bps=700_000) == USEFUL_BPS


def test_round_trips_that_were_long_all_along_are_no_sign() -> None:
    path = Path()
    path.go(20, trip_s=0.3)
    assert path.go(2, trip_s=0.32, remb_bps=100_000) == USEFUL_BPS


def test_a_round_trip_that_is_a_little_longer_counts_when_it_lasts() -> None:
    path = Path()
    path.go(20)
    assert path.go(0.5, trip_s=0.13, remb_bps=700_000) == USEFUL_BPS
    assert path.go(0.5, remb_bps=700_000) == USEFUL_BPS
    assert path.go(1.0, trip_s=0.13, remb_bps=700_000) < 700_000


def test_a_lost_packet_now_and_then_is_no_sign() -> None:
    path = Path()
    path.go(20)
    assert path.go(10, loss=0.01, remb_bps=100_000) == USEFUL_BPS


def test_without_an_estimate_heavy_loss_and_delay_count_by_themselves() -> None:
    for trouble in ({"loss": 0.2}, {"trip_s": 0.4}):
        path = Path()
        path.go(20)
        assert path.go(1, **trouble) < 0.8 * USEFUL_BPS


def test_it_climbs_back_slowly_and_more_slowly_each_time() -> None:
    path = Path()
    path.go(20)
    waits_s = []
    for _ in range(3):
        path.go(1, trip_s=0.4, remb_bps=800_000)
        low, waited_s = path.bps(), 0.0
        while path.go(0.5) <= low:
            waited_s += 0.5
            assert waited_s < 100
        waits_s.append(waited_s)
        path.go(2)
    assert waits_s[0] >= 4
    assert waits_s == sorted(waits_s)
    assert waits_s[-1] >= 2 * waits_s[0]


def test_reports_of_a_new_stream_and_of_one_that_begins_anew_count_nothing() -> None:
    budget = PathBudget()
    for ssrc, lost, highest in ((1, 500, 1000), (2, 700, 9000), (1, 501, 900)):
        budget.on_report(RtcpReceiverInfo(ssrc, 0, lost, highest, 0, 0, 0), 1.0)
    budget.on_estimate(100_000, 1.0)
    assert budget.bps(1.0, USEFUL_BPS) == START_BPS
