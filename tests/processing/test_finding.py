"""What the finder's word means for a closer look."""

from __future__ import annotations

import numpy as np

from eyeline.processing.finding import Finding
from eyeline.processing.segmenter import Mask


def people(left: int = 120, right: int = 200, value: float = 1.0) -> Mask:
    mask = np.zeros((180, 320), np.float32)
    mask[20:, left:right] = value
    return mask


def test_the_veto_reaches_a_little_beyond_what_the_finder_sees():
    applied = Finding.of(people()).applied(np.ones((180, 320), np.float32)).mask
    assert (applied[30:, 117:203] == 1).all()
    assert not applied[:, :115].any()
    assert not applied[:, 205:].any()


def test_where_the_finder_is_in_doubt_the_closer_look_counts_in_part():
    applied = Finding.of(people(value=0.55)).applied(people(value=0.8)).mask
    np.testing.assert_allclose(applied[100, 160], 0.4, atol=2e-3)
    assert not Finding.of(people(value=0.39)).applied(people()).mask.any()


def test_doubts_are_settled_only_deep_inside_and_only_where_there_are_some():
    finding = Finding.of(people())
    doubting = people(value=0.3)
    applied = finding.applied(doubting).mask
    assert (applied[60:, 130:190] > 0.95).all()
    np.testing.assert_allclose(applied[60:, 121:125], 0.3, atol=1e-6)
    assert not finding.applied(np.zeros_like(doubting)).mask.any()  # moved away: the room is not brought back


def test_a_closer_look_that_misses_most_is_told():
    finding = Finding.of(people(100, 200))
    assert finding.applied(people(100, 140)).found < 0.5
    assert finding.applied(people(100, 160)).found > 0.5
    assert Finding.of(people(value=0.0)).applied(people(value=0.0)).found == 1


def test_it_is_told_how_much_is_disputed():
    finding = Finding.of(people(100, 200))
    assert finding.applied(people(100, 200)).disputed == 0
    assert 0.1 < finding.applied(people(100, 230)).disputed < 0.25  # the veto reaches a little beyond


def test_alone_the_finder_is_shown_with_care():
    careful = Finding.of(people(value=0.39)).careful
    assert not careful.any()
    assert np.array_equal(Finding.of(people()).careful, people())


def test_lamps_are_no_part_of_the_person():
    raw = people()
    raw[10:20, 300:310] = 1
    finding = Finding.of(raw)
    assert not finding.person[:, 290:].any()
    assert finding.raw[15, 305] == 1
