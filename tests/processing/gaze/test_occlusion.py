"""A hand, a cup, a sleeve or hair that comes before the eyes is never bent, however fast it comes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from gaze_lab import load_tracker, portrait, portrait_bgr
from occluder_lab import Covered, sweep

from eyeline.processing.frame import I420Image
from eyeline.processing.gaze.correction import GazeCorrection
from eyeline.processing.gaze.gates import Reason
from eyeline.processing.gaze.geometric import GeometricWarper
from eyeline.processing.gaze.warper import EyeMove, PixelBox
from eyeline.processing.gaze_spec import Gaze, GazeMode
from eyeline.processing.kernels.warm_up import warm_up_gaze

HELD = Gaze(GazeMode.TELEPROMPTER)
MOST_COVERED = 0.1
"""Share of an eye's box that may be hidden while that eye is turned: a hand whose edge just comes in."""


@pytest.fixture(scope="module")
def correction():
    warm_up_gaze()
    with GazeCorrection(load_tracker()) as made:
        yield made


@pytest.fixture
def boxes(correction) -> list[PixelBox]:
    """Of the eyes of the portrait, whose correction is all on afterwards."""
    correction.reset()
    for index in range(12):
        correction.correct(portrait(), index / 30, HELD)
    assert correction.decision.fade == 1
    still = [EyeMove(eye, np.zeros(2, np.float32)) for eye in correction.estimate.eyes]
    return GeometricWarper().boxes(portrait(), still)


def hidden_share(frame: Covered, boxes: list[PixelBox]) -> float:
    return max(float((frame.cover[box.top : box.bottom, box.left : box.right] > 0.5).mean()) for box in boxes)


@pytest.mark.parametrize("frames", [1, 3, 8])
@pytest.mark.parametrize(
    ("kind", "way", "aside"),
    [
        ("hand", (0, 1), (0, 40)),
        ("hand", (-1, 0), (-40, 0)),
        ("palm", (1, 0), (0, 0)),
        ("cup", (0, 1), (40, 0)),
        ("sleeve", (0, -1), (0, 0)),
        ("hair", (1, 0), (50, 0)),
    ],
    ids=["hand from below", "hand from a side", "bare palm", "cup before one eye", "sleeve from above", "hair"],
)
def test_nothing_before_the_eyes_is_bent(correction, boxes, kind, way, aside, frames):
    at_s, hid = 12 / 30, 0
    for frame in sweep(kind, frames, way, aside=aside):
        at_s += 1 / 30
        shown = correction.correct(frame.image, at_s, HELD)
        share = hidden_share(frame, boxes)
        hid += share > MOST_COVERED
        if share > MOST_COVERED:
            assert np.array_equal(shown.data, frame.image.data), f"frame {frame.number}, {share:.0%} hidden"
            assert correction.status.why
    assert hid >= 4


def test_there_is_one_cut_and_a_slow_way_back(correction, boxes):
    fades, at_s, image = [1.0], 12 / 30, portrait()
    for shown in [*(frame.image for frame in sweep("hand", 2, (0, 1), aside=(0, 40))), *[image] * 24]:
        at_s += 1 / 30
        correction.correct(shown, at_s, HELD)
        fades.append(correction.decision.fade)
    jumps = np.diff(fades)
    assert (jumps < -1e-6).sum() == 1
    assert jumps.max() <= 0.121
    assert fades[-1] == 1


@pytest.mark.parametrize("kind", ["blink", "brighter", "moves", "brows"])
def test_what_faces_and_rooms_do_by_themselves_is_no_hand(correction, boxes, kind):
    at_s, bgr = 12 / 30, portrait_bgr()
    for index in range(24):
        at_s += 1 / 30
        correction.correct(_changed(bgr, kind, index), at_s, HELD)
        assert correction.decision.reason is not Reason.COVERED
        assert not correction.decision.cut


def _changed(bgr: np.ndarray, kind: str, index: int) -> I420Image:
    rows, columns = bgr.shape[:2]
    wave = np.sin(index / 24 * 2 * np.pi)
    match kind:
        case "blink":  # skin from above the eyes is drawn over them, a little more in each frame
            bgr, lid_px = bgr.copy(), {7: 5, 8: 9, 9: 13, 10: 13, 11: 9, 12: 5}.get(index, 0)
            for x, y in ((328, 202), (410, 197)) if lid_px else ():
                skin = bgr[y - 20, x].tolist()
                cv2.ellipse(bgr, (x, y - 15 + lid_px), (28, lid_px), 0, 0, 360, skin, -1, cv2.LINE_AA)
        case "brighter":
            bgr = np.clip(bgr * (1 + 0.3 * wave), 0, 255).astype(np.uint8)
        case "moves":
            move = cv2.getRotationMatrix2D((368, 200), 8 * wave, 1 + 0.05 * wave)
            move[:, 2] += 40 * wave, 15 * wave
            bgr = cv2.warpAffine(bgr, move, (columns, rows), borderMode=cv2.BORDER_REPLICATE)
        case "brows":
            y, x = np.mgrid[:rows, :columns].astype(np.float32)
            lift = 8 * wave * np.exp(-(((y - 165) / 30) ** 2))
            bgr = cv2.remap(bgr, x, (y + lift).astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return I420Image.from_bgr(np.ascontiguousarray(bgr))
