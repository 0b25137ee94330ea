"""Whether a measured outage can be long."""

from __future__ import annotations

import pytest
from outages.figures import Outages, longest_s, pauses_of

EVENLY = [number / 30 for number in range(30 * 20)]


def without(*holes: tuple[float, float]) -> list[float]:
    return [at_s for at_s in EVENLY if not any(begin < at_s < end for begin, end in holes)]


def test_pictures_that_never_stop_cost_nothing() -> None:
    assert pauses_of(EVENLY, 10.0, 18.0) == []
    assert longest_s([]) == 0.0


@pytest.mark.parametrize(
    ("hole", "cost_s"),
    [((6.0, 11.5), 1.5), ((10.5, 12.0), 1.5), ((6.0, 9.5), 0.0), ((6.0, 30.0), 8.0), ((-1.0, 12.0), 2.0)],
    ids=["until after it", "only after it", "over before", "to the end", "never a picture before"],
)
def test_what_counts_is_the_time_since_the_network_can_be_used(hole: tuple[float, float], cost_s: float) -> None:
    assert longest_s(pauses_of(without(hole), 10.0, 18.0)) == pytest.approx(cost_s, abs=0.04)


def test_the_longest_pause_counts_and_not_the_stutter_after_it() -> None:
    found = pauses_of(without((9.0, 11.0), (12.0, 12.3), (13.0, 13.3)), 10.0, 18.0)
    assert [round(end - begin, 1) for begin, end in found] == [1.0, 0.3, 0.3]
    assert longest_s(found) == pytest.approx(1.0, abs=0.04)


def test_what_the_network_needs_is_not_charged() -> None:
    outages = Outages("session", return_ms=[150.0, 900.0, 1300.0])
    told = outages.told({"session": 200.0, "join": 1e9})
    assert told["beyond_network_ms"] == {"p50": 700, "least": 0, "most": 1100}
