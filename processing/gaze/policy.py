"""Whether eyes are turned in a frame, and how far: the only place that decides, and it knows no pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.gaze.calibration import Calibration
from eyeline.processing.gaze.direction import CAMERA, GazeDirection
from eyeline.processing.gaze.estimate import IRIS_FROM_CENTRE_MM, Eye, GazeEstimate
from eyeline.processing.gaze.gates import Fade, Gate, Reason
from eyeline.processing.gaze.one_euro import OneEuro
from eyeline.processing.gaze.status import Activity
from eyeline.processing.gaze.warper import EyeMove
from eyeline.processing.gaze_spec import Gaze, GazeMode

_LEAST_PX_PER_MM = 0.55
_CLOSED, _OPEN = 0.10, 0.20  # openness: between them the move up or down fades with the lids
_HALF_OPEN = 0.14  # and to here the move across: an eye that closes does not look elsewhere by that
_LEAST_CONTRAST = 14.0
_MOST_GLARE = 0.14
_STRANGE = 1.0
_CLEAR_S = 0.15  # so long nothing has been before the eyes before they are turned again
_IRIS_MM = (3.6, 8.2)  # no iris is smaller or larger; what is read so is none
_BLURRED = 0.4  # of the usual sharpness
_LONGEST_BLINK_S = 0.5
_USUAL_S = 6.0
_SHARPNESS_S = 3.0
_MOST_PITCH_DEGREES = 22.0
_FARTHEST_PITCH_DEGREES = 24.0  # 18 are bridged whole; whom nobody has measured may seem some 6 degrees lower
_PITCH_AT_ONCE = 2.0  # nets take corners along with the iris: at most half of its way up or down is seen in a frame
_USUAL_PITCH_DEGREES, _SURE_OF_PITCH = -8.0, 0.75
"""Of somebody whom nobody has measured. Screens are mostly below the camera, by some 8 degrees, give or take 12; the
tracker is off by 7 from one face to another. The likeliest is the mean of both, weighted by the squares."""

_YAW_GAIN = 1.17  # the iris net draws an iris that looks aside to the middle: 0.85 of the way, over 160 drawn eyes
_LIVELY = {GazeMode.NATURAL: 0.1, GazeMode.TELEPROMPTER: 0.08}
"""Share of the eye's own movement around its usual direction that stays: nobody stares."""

_HIDDEN = frozenset((Reason.COVERED, Reason.NOT_SEEN))
"""Why the correction ends in the very frame, without a fade.

A fade would bend what is before the eyes for a quarter of a second. The cut is not seen: the eye that it concerns is
hidden, or so flat that a move of its iris does not show; the other one jumps as eyes do when they look elsewhere,
which takes them a frame or two as well. Both are let go, since eyes that look in two directions are seen at once.
"""


@dataclass(frozen=True, slots=True)
class Decision:
    """For one frame.

    Args:
        moves: Of both eyes, or none.
        fade: How much of the correction is on, 0 to 1.
        reason: Why it is not all on.
        cut: Whether the fade ended in this frame at once, because the eyes are hidden in it.
    """

    moves: tuple[EyeMove, ...]
    fade: float
    reason: Reason
    cut: bool = False

    @property
    def activity(self) -> Activity:
        """In one word."""
        if self.reason is Reason.OFF:
            return Activity.OFF
        if self.fade == 0:
            return Activity.IDLE
        return Activity.ACTIVE if self.reason in (Reason.NONE, Reason.CLOSED) else Activity.FADING


class GazePolicy:
    """One stream's; used by one thread."""

    def __init__(self) -> None:
        self._calibration = Calibration()
        self._fade = Fade()
        self._head_yaw, self._head_pitch = Gate(22, 28), Gate(26, 32)
        self._gaze_yaw, self._gaze_pitch = Gate(22.5, 26.5), Gate(_FARTHEST_PITCH_DEGREES, _FARTHEST_PITCH_DEGREES + 5)
        self._away = Gate(17, 22)
        self._small = Gate(-_LEAST_PX_PER_MM * 1.1, -_LEAST_PX_PER_MM)
        self._strange, self._glare = Gate(0.6 * _STRANGE, _STRANGE), Gate(0.7 * _MOST_GLARE, _MOST_GLARE)
        self._unseen = Gate(-1.4 * _LEAST_CONTRAST, -_LEAST_CONTRAST)
        self._blurred = Gate(-1.25 * _BLURRED, -_BLURRED)
        self._sharpness = 0.0
        self._usual: GazeDirection | None = None
        self._usual_s = 0.0
        self._calm = OneEuro(rest_hz=0.5, per_speed=0.3)
        self._added: NDArray[np.float32] | None = None
        self._last_s: float | None = None
        self._covered_s = 0.0
        self._unseen_s = math.inf

    def decide(self, estimate: GazeEstimate | None, gaze: Gaze, at_s: float) -> Decision:
        """For the next frame.

        Args:
            estimate: Of this very frame; `None` where there is no face.
            gaze: What is wanted.
            at_s: When the frame was captured.
        """
        passed_s = at_s - self._last_s if self._last_s is not None else 0.0
        self._last_s, self._calibration = at_s, gaze.calibration
        if estimate is None:
            return Decision((), 0.0, Reason.NO_FACE if gaze.works else Reason.OFF, self._fade.cut())
        direction, iris = self._from_camera(estimate.direction), estimate.iris_direction
        reason = self._reason(estimate, direction, gaze, passed_s) if gaze.works else Reason.OFF
        if reason in _HIDDEN:
            return Decision((), 0.0, reason, self._fade.cut())
        fade = self._fade.follow(up=reason is Reason.NONE, passed_s=passed_s)
        if fade == 0:
            return Decision((), fade, reason)
        moves = self._moves(estimate, (direction, iris), gaze, fade, passed_s)
        if reason is Reason.NONE and min(eye.openness for eye in estimate.eyes) < _CLOSED:
            reason = Reason.CLOSED
        return Decision(moves, fade, reason)

    def _reason(self, estimate: GazeEstimate, direction: GazeDirection, gaze: Gaze, passed_s: float) -> Reason:
        """The first thing that forbids it. Every gate follows every frame, so that none is late when it is needed."""
        head, eyes = estimate.head, estimate.eyes
        blinks = min(eye.openness for eye in eyes) < _OPEN
        usual = self._follow_usual(direction, passed_s, blinks=blinks)
        aside = direction.apart_degrees(usual)
        turned = (self._head_yaw.follow(abs(head.yaw_degrees)), self._head_pitch.follow(abs(head.pitch_degrees + 8)))
        far = (
            self._gaze_yaw.follow(abs(direction.yaw_degrees)),
            self._gaze_pitch.follow(_pitch_away(direction, blinks)),
        )
        away = self._away.follow(0 if blinks else aside)
        small = self._small.follow(-head.px_per_mm)
        covered = self._covered(estimate, passed_s)
        glare = self._glare.follow(max(eye.visibility.glare for eye in eyes))
        unseen = self._not_seen(eyes, passed_s, blinks=blinks)
        blurred = not blinks and self._blurred.follow(-self._sharp(eyes, passed_s))
        checks = (
            (small, Reason.SMALL_FACE),
            (any(turned), Reason.HEAD_TURNED),
            (covered, Reason.COVERED),
            (glare, Reason.GLARE),
            (unseen, Reason.NOT_SEEN),
            (blurred, Reason.BLURRED),
            (any(far) or (away and gaze.mode is GazeMode.NATURAL), Reason.LOOKING_AWAY),
        )
        return next((reason for holds, reason in checks if holds), Reason.NONE)

    def _covered(self, estimate: GazeEstimate, passed_s: float) -> bool:
        """Whether something is before an eye, or was a moment ago: what leaves takes a few frames."""
        strange = self._strange.follow(max(eye.visibility.strange for eye in estimate.eyes))
        sizes_mm = [eye.radius_px / estimate.head.px_per_mm for eye in estimate.eyes]
        if strange or not all(_IRIS_MM[0] < size_mm < _IRIS_MM[1] for size_mm in sizes_mm):
            self._covered_s = _CLEAR_S
            return True
        self._covered_s -= passed_s
        return self._covered_s > 0

    def _not_seen(self, eyes: tuple[Eye, Eye], passed_s: float, *, blinks: bool) -> bool:
        """Whether no iris can be told from the white; what blinks does so for a moment, if it was seen before."""
        if not self._unseen.follow(-min(eye.visibility.contrast for eye in eyes)):
            self._unseen_s = 0.0
            return False
        self._unseen_s = self._unseen_s + passed_s if blinks else math.inf
        return self._unseen_s > _LONGEST_BLINK_S

    def _from_camera(self, seen: GazeDirection) -> GazeDirection:
        """Where the eyes look, the camera being where the calibration says."""
        camera = self._calibration.camera
        if camera == CAMERA:
            pitch = _USUAL_PITCH_DEGREES + _SURE_OF_PITCH * (seen.pitch_degrees - _USUAL_PITCH_DEGREES)
            return GazeDirection(seen.yaw_degrees, pitch)
        return GazeDirection(seen.yaw_degrees - camera.yaw_degrees, seen.pitch_degrees - camera.pitch_degrees)

    def _follow_usual(self, direction: GazeDirection, passed_s: float, *, blinks: bool) -> GazeDirection:
        """Where this person usually looks: at the meeting."""
        screen, camera = self._calibration.screen, self._calibration.camera
        if screen is not None:
            return GazeDirection(screen.yaw_degrees - camera.yaw_degrees, screen.pitch_degrees - camera.pitch_degrees)
        if self._usual is None:
            self._usual = direction
        if not blinks:
            self._usual_s = min(self._usual_s + passed_s, _USUAL_S)
            share = passed_s / max(self._usual_s, passed_s, 1e-6)
            self._usual = GazeDirection(
                self._usual.yaw_degrees + share * (direction.yaw_degrees - self._usual.yaw_degrees),
                self._usual.pitch_degrees + share * (direction.pitch_degrees - self._usual.pitch_degrees),
            )
        return self._usual

    def _sharp(self, eyes: tuple[Eye, Eye], passed_s: float) -> float:
        """How sharp the eyes are, of what is usual."""
        sharpness = sum(eye.visibility.sharpness for eye in eyes) / 2
        if self._sharpness == 0:
            self._sharpness = sharpness
        share = sharpness / max(self._sharpness, 1e-3)
        self._sharpness += min(1.0, passed_s / _SHARPNESS_S) * (sharpness - self._sharpness)
        return share

    def _moves(
        self,
        estimate: GazeEstimate,
        seen: tuple[GazeDirection, GazeDirection],
        gaze: Gaze,
        fade: float,
        passed_s: float,
    ) -> tuple[EyeMove, ...]:
        """The irises' own offset is taken back as it is in this very frame; only what is added to it is calm."""
        direction, iris = seen
        usual = self._usual or direction
        lively = _LIVELY.get(gaze.mode, 0.0)
        x = _YAW_GAIN * (_sine(self._calibration.camera.yaw_degrees) - _sine(iris.yaw_degrees))
        x += lively * _sine(direction.yaw_degrees - usual.yaw_degrees)
        pitch = min(_MOST_PITCH_DEGREES, max(-_MOST_PITCH_DEGREES, direction.pitch_degrees))
        added = _PITCH_AT_ONCE * _sine(iris.pitch_degrees) - _sine(pitch)
        if min(eye.openness for eye in estimate.eyes) >= _OPEN or self._added is None:
            self._added = self._calm.follow(np.array([added], np.float32), passed_s)
        y = _PITCH_AT_ONCE * _sine(iris.pitch_degrees) - float(self._added[0])
        y -= lively * _sine(pitch - usual.pitch_degrees)
        # Both eyes close together: by its own lids, the one whose lids are read as wider would open in a blink.
        openness = min(eye.openness for eye in estimate.eyes)
        share = fade * gaze.strength / 100
        x, y = x * share * _lids_share(openness, _HALF_OPEN), y * share * _lids_share(openness, _OPEN)
        before = math.cos(math.radians(direction.yaw_degrees))
        after = math.sqrt(max(0.2, 1 - (_sine(iris.yaw_degrees) + x) ** 2))
        shift_px = _in_picture(x, y, estimate.head.roll) * np.float32(IRIS_FROM_CENTRE_MM * estimate.head.px_per_mm)
        return tuple(EyeMove(eye, shift_px, (before, after)) for eye in estimate.eyes)


def _in_picture(across: float, down: float, roll: float) -> NDArray[np.float32]:
    """What was measured along a tilted head."""
    cosine, sine = math.cos(roll), math.sin(roll)
    return np.array([across * cosine - down * sine, across * sine + down * cosine], np.float32)


def _pitch_away(direction: GazeDirection, blinks: bool) -> float:
    """A closing lid takes the iris down with it, which is no look away."""
    return 0.0 if blinks else abs(direction.pitch_degrees)


def _lids_share(openness: float, whole: float) -> float:
    t = min(1.0, max(0.0, (openness - _CLOSED) / (whole - _CLOSED)))
    return t * t * (3 - 2 * t)


def _sine(degrees: float) -> float:
    return math.sin(math.radians(degrees))
