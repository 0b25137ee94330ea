"""Which patches of a mask stay."""

from __future__ import annotations

import numpy as np

from eyeline.processing.components import keep_person, nearest_person
from eyeline.processing.segmenter import Mask


def patches(*rectangles: tuple[int, int, int, int]) -> Mask:
    """Of certainty 1 in a mask of 320x180, each as left, top, right, bottom."""
    mask = np.zeros((180, 320), np.float32)
    for left, top, right, bottom in rectangles:
        mask[top:bottom, left:right] = 1
    return mask


PERSON = (120, 40, 200, 180)
SECOND = (20, 80, 60, 180)
LAMP = (280, 20, 290, 40)


def test_specks_go_and_the_person_stays_to_the_last_soft_value():
    mask = patches(PERSON, LAMP)
    mask[40:180, 200:203] = 0.4
    kept = keep_person(mask, None)
    assert not kept[:, 270:].any()
    assert np.array_equal(kept[:, :260], mask[:, :260])
    assert mask[30, 285] == 1  # what was given stays as it was


def test_a_second_person_stays_where_the_second_opinion_agrees():
    mask = patches(PERSON, SECOND)
    assert np.array_equal(keep_person(mask, None), mask)
    assert np.array_equal(keep_person(mask, patches(PERSON, SECOND) * 0.8), mask)
    assert np.array_equal(keep_person(mask, patches(PERSON)), patches(PERSON))


def test_the_largest_patch_stays_whatever_the_second_opinion():
    assert np.array_equal(keep_person(patches(PERSON), patches(SECOND)), patches(PERSON))


def test_a_hole_stays_a_hole():
    mask = patches(PERSON)
    mask[100:110, 150:160] = 0.2
    assert np.array_equal(keep_person(mask, None), mask)


def test_nobody_stays_nobody():
    for mask in (np.zeros((180, 320), np.float32), np.full((180, 320), 0.1, np.float32), np.zeros((1, 1), np.float32)):
        assert keep_person(mask, None) is mask


def test_the_nearest_person_is_the_largest():
    assert np.array_equal(nearest_person(patches(PERSON, SECOND), None), patches(PERSON))
    assert np.array_equal(nearest_person(patches(PERSON), None), patches(PERSON))
    assert not nearest_person(patches(), None).any()


def test_the_nearest_person_keeps_a_soft_edge():
    mask = patches(PERSON, SECOND)
    mask[40:180, 200:201] = 0.2
    assert nearest_person(mask, None)[100, 200] == np.float32(0.2)


def test_two_of_a_size_do_not_take_turns():
    left, right = (20, 40, 100, 180), (180, 40, 262, 180)
    chosen = nearest_person(patches(left), None)
    for width in (82, 60, 100, 90):
        chosen = nearest_person(patches(left, (180, 40, 180 + width, 180)), chosen)
        assert np.array_equal(chosen, patches(left))
    assert nearest_person(patches((20, 40, 60, 180), right), chosen)[100, 200] == 1  # clearly nearer
    assert np.array_equal(nearest_person(patches(right), chosen), patches(right))
