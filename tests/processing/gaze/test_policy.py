"""Whether and how far: with estimates of known eyes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gaze_lab import CLEAR, estimate, leaning

from eyeline.processing.gaze.calibration import Calibration
from eyeline.processing.gaze.direction import GazeDirection
from eyeline.processing.gaze.gates import MAX_FADE_STEP, Fade, Gate, Reason
from eyeline.processing.gaze.policy import GazePolicy
from eyeline.processing.gaze.status import Activity
from eyeline.processing.gaze_spec import Gaze, GazeMode

NATURAL, HELD = Gaze(GazeMode.NATURAL), Gaze(GazeMode.TELEPROMPTER)


class Stream:
    """Frames at 30 a second."""

    def __init__(self, gaze: Gaze = NATURAL) -> None:
        self.policy, self.gaze, self.at_s = GazePolicy(), gaze, 0.0

    def sees(self, frames: int = 1, **eyes):
        for _ in range(frames):
            self.at_s += 1 / 30
            decision = self.policy.decide(estimate(at_s=self.at_s, **eyes), self.gaze, self.at_s)
        return decision

    def sees_leaning(self, roll: float, frames: int = 1, **eyes):
        for _ in range(frames):
            self.at_s += 1 / 30
            seen = leaning(estimate(at_s=self.at_s, **eyes), roll)
            decision = self.policy.decide(seen, self.gaze, self.at_s)
        return decision

    def sees_nobody(self, frames: int = 1):
        for _ in range(frames):
            self.at_s += 1 / 30
            decision = self.policy.decide(None, self.gaze, self.at_s)
        return decision


def moved_degrees(decision) -> np.ndarray:
    """Of the first eye: to the right and up."""
    px = decision.moves[0].shift_px / (10.5 * 2.0)
    return np.degrees(np.arcsin([px[0], -px[1]]))


def true_yaw(seen: float) -> float:
    """The iris net draws what is aside to the middle."""
    return float(np.degrees(np.arcsin(1.17 * np.sin(np.radians(seen)))))


@pytest.mark.parametrize("yaw", [-24.0, -10.0, 10.0, 24.0])
def test_eyes_aside_are_turned_to_the_camera(yaw):
    decision = Stream().sees(30, yaw=yaw)
    assert decision.activity is Activity.ACTIVE
    assert moved_degrees(decision)[0] == pytest.approx(-true_yaw(yaw), abs=1.5)


@pytest.mark.parametrize("roll", [-0.4, 0.3])
def test_eyes_of_a_head_that_leans_are_turned_along_it(roll):
    upright = Stream().sees(60, yaw=9, pitch=-14).moves[0].shift_px
    leant = Stream().sees_leaning(roll, 60, yaw=9, pitch=-14).moves[0].shift_px
    cosine, sine = np.cos(roll), np.sin(roll)
    x, y = upright.tolist()
    np.testing.assert_allclose(leant, [x * cosine - y * sine, x * sine + y * cosine], atol=0.1)


def test_whom_nobody_has_measured_is_held_to_look_at_a_screen_below():
    """What is told of a pitch is mixed with what is usual, since faces differ by 7 degrees."""
    low, straight, high = (moved_degrees(Stream().sees(60, pitch=pitch))[1] for pitch in (-18.0, 0.0, 14.0))
    assert low == pytest.approx(8 + 0.75 * 10, abs=1)
    assert straight == pytest.approx(3, abs=1), "which nobody notices"
    assert high == pytest.approx(-0.75 * 22 + 8, abs=1.5)


def test_calibrated_eyes_are_taken_at_their_word():
    measured = replace(NATURAL, calibration=Calibration(camera=GazeDirection(0.0, 5.0)))
    assert moved_degrees(Stream(measured).sees(60, pitch=-9))[1] == pytest.approx(14, abs=1)
    assert moved_degrees(Stream(measured).sees(60, pitch=5))[1] == pytest.approx(0, abs=1)


@pytest.mark.parametrize("pitch", [-18.0, 18.0])
def test_eyes_far_up_or_down_are_turned_as_well(pitch):
    measured = replace(NATURAL, calibration=Calibration(camera=GazeDirection(0.0, 0.1)))
    decision = Stream(measured).sees(60, pitch=pitch)
    assert decision.activity is Activity.ACTIVE
    assert moved_degrees(decision)[1] == pytest.approx(-pitch, abs=1.5)


@pytest.mark.parametrize(("pitch", "reason"), [(-32.0, Reason.NONE), (-40.0, Reason.LOOKING_AWAY)])
def test_the_lower_end_of_a_screen_is_no_look_away(pitch, reason):
    assert Stream().sees(90, pitch=pitch).reason is reason


def test_most_of_a_quick_look_down_is_taken_back_at_once():
    stream = Stream(HELD)
    before = moved_degrees(stream.sees(90, pitch=-4))[1]
    at_once = moved_degrees(stream.sees(pitch=-12))[1] - before
    later = moved_degrees(stream.sees(60, pitch=-12))[1] - before
    assert later == pytest.approx(0.75 * 8, abs=1.2)
    assert 0.6 * later < at_once < 1.3 * later


def test_strength_is_a_share():
    full = moved_degrees(Stream().sees(30, yaw=15))[0]
    half = moved_degrees(Stream(Gaze(GazeMode.NATURAL, 50)).sees(30, yaw=15))[0]
    assert half == pytest.approx(full / 2, abs=0.6)


def test_off_moves_nothing():
    decision = Stream(Gaze()).sees(20, yaw=15)
    assert decision.moves == ()
    assert decision.activity is Activity.OFF


def test_the_iris_of_this_very_frame_counts():
    """A saccade is taken back in the frame in which it happens: no filter on the iris, no lag."""
    stream = Stream(HELD)
    stream.sees(60, yaw=0)
    assert moved_degrees(stream.sees(yaw=12))[0] == pytest.approx(-12, abs=2)


@pytest.mark.parametrize(("gaze", "share"), [(NATURAL, 0.1), (HELD, 0.08)])
def test_a_part_of_each_saccade_stays_so_that_nobody_stares(gaze, share):
    stream = Stream(gaze)
    stream.sees(300, yaw=0)
    left = true_yaw(10) + moved_degrees(stream.sees(yaw=10))[0]
    assert left == pytest.approx(10 * share, abs=0.5)
    assert left > 0.3


@pytest.mark.parametrize(
    ("eyes", "reason"),
    [
        ({"head_yaw": 40.0}, Reason.HEAD_TURNED),
        ({"yaw": 35.0}, Reason.LOOKING_AWAY),
        ({"px_per_mm": 0.4}, Reason.SMALL_FACE),
        ({"visibility": replace(CLEAR, glare=0.4)}, Reason.GLARE),
        ({"visibility": replace(CLEAR, sharpness=3.0)}, Reason.BLURRED),
    ],
    ids=lambda value: value.name if isinstance(value, Reason) else "",
)
def test_reasons_fade_out_and_back_in(eyes, reason):
    stream = Stream()
    assert stream.sees(30).fade == 1
    fades = []
    for _ in range(12):
        decision = stream.sees(**eyes)
        assert decision.reason is reason
        fades.append(decision.fade)
    assert 0 < fades[0] < 1
    assert fades[-1] == 0
    assert decision.activity is Activity.IDLE
    steps = -np.diff([1.0, *fades])
    assert steps.max() <= MAX_FADE_STEP + 1e-9
    assert stream.sees(40).fade == 1


@pytest.mark.parametrize(
    ("eyes", "reason"),
    [
        ({"visibility": replace(CLEAR, strange=1.1)}, Reason.COVERED),
        ({"radius_mm": 2.0}, Reason.COVERED),
        ({"visibility": replace(CLEAR, contrast=3.0)}, Reason.NOT_SEEN),
    ],
    ids=["strange", "no iris", "flat"],
)
def test_what_hides_the_eyes_ends_it_in_the_very_frame(eyes, reason):
    stream = Stream()
    assert stream.sees(30).fade == 1
    decision = stream.sees(**eyes)
    assert (decision.reason, decision.fade, decision.moves, decision.cut) == (reason, 0, (), True)
    assert not stream.sees(**eyes).cut, "it is only told once"
    back = [stream.sees().fade for _ in range(40)]
    assert back[0] < MAX_FADE_STEP + 1e-9
    assert np.diff(back).max() <= MAX_FADE_STEP + 1e-9
    assert back[-1] == 1


def test_eyes_are_turned_again_only_when_what_was_before_them_is_gone_for_a_while():
    stream = Stream()
    stream.sees(30)
    stream.sees(3, visibility=replace(CLEAR, strange=2.0))
    assert stream.sees(3).reason is Reason.COVERED
    assert stream.sees(3).reason is Reason.NONE
    stream.sees(1, visibility=replace(CLEAR, strange=2.0))
    assert stream.sees(1, visibility=replace(CLEAR, strange=0.8)).reason is Reason.COVERED, "not while it leaves"


def test_nobody_is_a_reason():
    stream = Stream()
    stream.sees(30)
    decision = stream.sees_nobody()
    assert (decision.reason, decision.fade, decision.moves, decision.cut) == (Reason.NO_FACE, 0, (), True)
    assert not stream.sees_nobody().cut


def test_a_genuine_look_away_stays_one_but_for_the_teleprompter():
    natural, held = Stream(NATURAL), Stream(HELD)
    for stream in (natural, held):
        stream.sees(200, yaw=0)
    assert natural.sees(12, yaw=25).reason is Reason.LOOKING_AWAY
    assert held.sees(12, yaw=25).fade == 1


def test_the_usual_look_at_a_screen_beside_is_no_look_away():
    assert Stream(NATURAL).sees(300, yaw=20).fade == 1


def test_blinks_pass_through():
    stream = Stream()
    stream.sees(30, yaw=10)
    decision = stream.sees(openness=0.05, yaw=10, pitch=-30)
    assert decision.reason is Reason.CLOSED
    assert decision.fade == 1, "a blink is no reason to fade"
    assert decision.activity is Activity.ACTIVE
    assert np.abs(decision.moves[0].shift_px).max() == 0
    assert 0 < abs(moved_degrees(stream.sees(openness=0.12, yaw=10))[0]) < 9


def test_half_closed_eyes_do_not_look_elsewhere():
    """Up and down, where the lids come from, less is moved; across all of it, or the eyes would jump in each blink."""
    stream = Stream()
    across, up = np.abs(moved_degrees(stream.sees(30, yaw=10, pitch=-15)))
    half_across, half_up = np.abs(moved_degrees(stream.sees(openness=0.15, yaw=10, pitch=-15)))
    assert half_across == pytest.approx(across, abs=0.1)
    assert 0 < half_up < 0.7 * up


@pytest.mark.parametrize("which", ["right", "left"])
def test_eyes_close_together_however_one_of_them_is_read(which):
    """In a blink nets read one eye as open for longer than the other: it must not open alone."""
    stream = Stream()
    stream.sees(30, yaw=10, pitch=-12)
    seen = estimate(at_s=stream.at_s + 1 / 30, yaw=10, pitch=-12)
    eye = replace(getattr(seen, which), openness=0.05)
    decision = stream.policy.decide(replace(seen, **{which: eye}), NATURAL, seen.at_s)
    assert len(decision.moves) == 2
    assert all(np.abs(move.shift_px).max() == 0 for move in decision.moves)


def test_closed_eyes_that_stay_flat_are_none():
    """What passes for half closed eyes and has no iris is a patch, or dark glass."""
    flat, stream = replace(CLEAR, contrast=2.0), Stream()
    assert stream.sees(3, openness=0.15, visibility=flat).reason is Reason.NOT_SEEN, "nor does it begin so"
    assert stream.sees(30).fade == 1
    assert stream.sees(12, openness=0.15, visibility=flat).fade == 1
    assert stream.sees(12, openness=0.15, visibility=flat).reason is Reason.NOT_SEEN


def test_a_gate_has_patience():
    gate = Gate(20, 28)
    assert [gate.follow(value) for value in (10, 25, 29, 25, 19, 25)] == [False, False, True, True, False, False]


@pytest.mark.parametrize("rate_hz", [10, 15, 25, 30, 60])
def test_fades_take_a_quarter_of_a_second_and_never_jump(rate_hz):
    fade, values = Fade(), [0.0]
    while values[-1] < 1:
        values.append(fade.follow(up=True, passed_s=1 / rate_hz))
    assert max(np.diff(values)) <= MAX_FADE_STEP + 1e-9
    assert 0.2 <= (len(values) - 1) / rate_hz <= (0.3 if rate_hz >= 30 else 1.0)


def test_calibration_says_where_the_camera_is():
    """Whoever reads 6 degrees to the right while looking into the camera is left there."""
    calibrated = Stream(replace(NATURAL, calibration=Calibration(camera=GazeDirection(6.0, 0.0))))
    assert moved_degrees(calibrated.sees(30, yaw=6))[0] == pytest.approx(0, abs=0.5)
    assert moved_degrees(calibrated.sees(30, yaw=16))[0] == pytest.approx(-10, abs=2.5)


def test_calibration_says_where_the_meeting_is():
    calibrated = Stream(replace(NATURAL, calibration=Calibration(screen=GazeDirection(-20.0, 0.0))))
    assert calibrated.sees(30, yaw=-20).fade == 1
    assert calibrated.sees(15, yaw=8).reason is Reason.LOOKING_AWAY
