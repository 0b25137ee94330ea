"""From notes of a sender and a receiver to figures."""

from __future__ import annotations

import pytest

from eyeline.bot.bench.cases import possible_fps, recovered_after_s
from eyeline.bot.bench.timeline import Shown, arrival_skews_ms, flatness, passage, skews_ms

FRAME_S = 1 / 30


def sent(seconds: float, frames: int = 30, begin_s: float = 100.0) -> list[tuple[int, float]]:
    return [(number % frames, begin_s + number * FRAME_S) for number in range(round(seconds * 30))]


def seen_after(latency_s: float, pictures: list[tuple[int, float]]) -> list[tuple[int | None, float]]:
    return [(number, at_s + latency_s) for number, at_s in pictures]


def test_latency_though_numbers_come_again() -> None:
    pictures = sent(5)
    for latency_s in (0.004, 0.3, 0.9):
        found = passage(pictures, seen_after(latency_s, pictures), begin_s=101, end_s=104)
        assert found.sent == 90
        assert found.dropped == 0
        assert found.fps == pytest.approx(30)
        assert found.latencies_ms == pytest.approx([latency_s * 1000] * 90)


def test_what_never_comes_is_dropped_and_what_comes_twice_counts_once() -> None:
    pictures = sent(3)
    seen = seen_after(0.05, pictures)
    seen = [each for index, each in enumerate(seen) if index % 3]
    found = passage(pictures, sorted([*seen, *seen, (None, 101.0)], key=lambda each: each[1]), begin_s=101, end_s=102)
    assert (found.sent, len(found.shown), found.dropped) == (30, 20, 10)
    assert found.longest_freeze_ms == pytest.approx(2000 / 30)


def test_freezes() -> None:
    pictures = sent(4)
    seen = [each for each in seen_after(0.05, pictures) if not 102 < each[1] < 102.7]
    assert passage(pictures, seen, begin_s=101, end_s=103.9).longest_freeze_ms == pytest.approx(733, abs=2)
    ends = [each for each in seen if each[1] < 103]
    assert passage(pictures, ends, begin_s=102.8, end_s=103.8).longest_freeze_ms == pytest.approx(830, abs=40)
    assert passage(pictures, [], begin_s=101, end_s=103).longest_freeze_ms == 2000


def test_lip_sync() -> None:
    """Sound 12 ms later by the reports, and 40 ms later at the loudspeaker."""
    flashes = [(100.0 + second + 0.030, 100.0 + second) for second in range(5)]
    beeps = [(100.0 + second + 0.070, 100.0 + second + 0.012) for second in range(4)]
    assert skews_ms(flashes, beeps, begin_s=101, end_s=110) == pytest.approx([12, 12, 12])
    assert arrival_skews_ms(flashes, beeps, begin_s=101, end_s=110) == pytest.approx([40, 40, 40])
    assert skews_ms(flashes, [], begin_s=0, end_s=200) == []


def test_growing_latency_is_not_flat() -> None:
    assert flatness([30.0] * 90)["flat"]
    assert not flatness([30.0 + number for number in range(90)])["flat"]
    assert flatness([])["flat"] is None


@pytest.mark.parametrize(
    ("parts_ms", "cores", "share", "fps"),
    [
        ({"decode_ms": 2.0, "work_ms": 12.0, "encode_ms": 8.0}, 2, 1.0, 30.0),
        ({"decode_ms": 2.0, "work_ms": 40.0, "encode_ms": 8.0}, 2, 1.0, 25.0),
        ({"decode_ms": 2.0, "work_ms": 36.0, "encode_ms": 12.0}, 1, 1.0, 20.0),
        ({"decode_ms": 5.0, "work_ms": 25.0, "encode_ms": 20.0}, 2, 0.5, 20.0),
    ],
)
def test_how_many_pictures_are_possible(parts_ms: dict[str, float], cores: int, share: float, fps: float) -> None:
    assert possible_fps(parts_ms, cores=cores, share=share) == pytest.approx(fps)


def test_when_it_has_recovered() -> None:
    pictures = sent(6)
    calm = passage(pictures, seen_after(0.05, pictures), begin_s=100, end_s=106)
    assert recovered_after_s(calm) == 0
    assert recovered_after_s(passage(pictures, seen_after(0.05, pictures), begin_s=100, end_s=106.004)) == 0
    late = [(number, at_s + (0.6 if 101 < at_s < 102.4 else 0.05)) for number, at_s in pictures]
    assert recovered_after_s(passage(pictures, late, begin_s=100, end_s=106)) == pytest.approx(2.5)
    frozen = [each for each in seen_after(0.05, pictures) if each[1] < 104]
    assert recovered_after_s(passage(pictures, frozen, begin_s=100, end_s=106)) == pytest.approx(6)


def test_a_shown_picture_knows_its_latency() -> None:
    assert Shown(1.0, 1.25).latency_s == 0.25
