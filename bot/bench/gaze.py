"""What the gaze correction costs, and how good it is: by drawn eyes, by itself, and by a judge of others."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from eyeline.bot.bench.gaze_judge import GazeJudge, Judgement
from eyeline.bot.bench.gaze_truth import synthetic_db
from eyeline.processing.frame import I420Image, Plane
from eyeline.processing.gaze.estimate import GazeEstimate
from eyeline.processing.gaze.face_nets import FaceNets
from eyeline.processing.gaze.face_tracker import FaceTracker
from eyeline.processing.gaze.geometric import GeometricWarper
from eyeline.processing.gaze.head import LEFT_INNER, LEFT_OUTER, RIGHT_INNER, RIGHT_OUTER
from eyeline.processing.gaze.policy import Decision, GazePolicy
from eyeline.processing.gaze.warper import Warper
from eyeline.processing.gaze_spec import Gaze

_OPEN = 0.15
_JUDGE_EVERY = 5  # frames
_NETS_EVERY = 10
_ALL_ON = 0.99


@dataclass(frozen=True, slots=True)
class Pair:
    """A frame for the contact sheet.

    Args:
        index: Of the frame.
        before: As it was, `uint8` BGR.
        after: With its eyes turned.
        estimate: Where the eyes are.
        judged: Before and after, where there is a judge.
    """

    index: int
    before: Plane
    after: Plane
    estimate: GazeEstimate
    judged: tuple[Judgement, Judgement] | None


@dataclass
class GazeReport:
    """All figures of one clip. Angles are `None` where there is no judge, other values where nothing was corrected."""

    frames: int = 0
    stages_ms: dict[str, float] = field(default_factory=dict)
    nets_ms: float = 0.0
    synthetic_db: dict[str, float] = field(default_factory=dict)
    judged: list[tuple[Judgement, Judgement]] = field(default_factory=list)
    sharpness_ratio: float | None = None
    jitter_ratio: float | None = None
    rest_jitter_ratio: float | None = None
    spread_px: dict[str, float] | None = None
    blinks: int = 0
    blink_openness: dict[str, float] | None = None
    max_fade_step: float = 0.0
    cuts: int = 0
    pixels_changed_outside: int = 0
    active_share: float = 0.0
    reasons: dict[str, int] = field(default_factory=dict)
    pairs: list[Pair] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """With the keys of the command's output."""
        spent_ms = sum(self.stages_ms.values())
        return {
            "frames": self.frames,
            "cpu_ms_per_frame": spent_ms,
            "stages_ms": self.stages_ms,
            "nets_ms": self.nets_ms,
            "ratio_to_nets": spent_ms / self.nets_ms if self.nets_ms else None,
            "synthetic_db": self.synthetic_db.get("after"),
            "synthetic_uncorrected_db": self.synthetic_db.get("before"),
            "judge_angle_deg": _both(self.judged, lambda one: one.angle_degrees, _mean),
            "judge_yaw_rms_deg": _both(self.judged, lambda one: one.yaw_degrees, _rms),
            "judge_pitch_rms_deg": _both(self.judged, lambda one: one.pitch_degrees, _rms),
            "judged_frames": len(self.judged),
            "sharpness_ratio": self.sharpness_ratio,
            "jitter_ratio": self.jitter_ratio,
            "rest_jitter_ratio": self.rest_jitter_ratio,
            "spread_px": self.spread_px,
            "blinks": self.blinks,
            "blink_openness": self.blink_openness,
            "max_fade_step": self.max_fade_step,
            "cuts": self.cuts,
            "pixels_changed_outside": self.pixels_changed_outside,
            "active_share": self.active_share,
            "reasons": self.reasons,
        }


def measure_gaze(
    frames: Iterable[I420Image],
    nets: tuple[FaceNets, FaceNets],
    gaze: Gaze,
    *,
    rate_hz: float,
    judge: GazeJudge | None,
    warper: Warper | None = None,
) -> GazeReport:
    """Correct a clip and measure. Time is the thread's CPU time; of what is measured besides, nothing counts.

    Args:
        frames: Of one size, in order.
        nets: Those that are measured, and as many more to look at the result with; they stay open.
        gaze: What is wanted.
        rate_hz: Frames a second.
        judge: An independent one, or none.
        warper: Other than the default one.
    """
    tracker, policy, painter = FaceTracker(nets[0]), GazePolicy(), warper or GeometricWarper()
    report, seen = GazeReport(), _Seen(FaceTracker(nets[1]))
    spent_s, nets_s, fade = np.zeros(3), [], 0.0
    reasons: Counter[str] = Counter()
    for index, image in enumerate(frames):
        at_s = index / rate_hz
        marks = [time.thread_time()]
        estimate = tracker.update(image, at_s)
        marks.append(time.thread_time())
        decision = policy.decide(estimate, gaze, at_s)
        marks.append(time.thread_time())
        corrected = painter.warp(image, decision.moves)
        marks.append(time.thread_time())
        spent_s += np.diff(marks)
        report.frames += 1
        report.active_share += decision.fade >= _ALL_ON
        report.cuts += decision.cut
        if not decision.cut:
            report.max_fade_step = max(report.max_fade_step, abs(decision.fade - fade))
        fade = decision.fade
        reasons[decision.reason.value or "corrected"] += 1
        report.pixels_changed_outside += _changed_outside(painter, image, corrected, decision)
        if estimate is not None:
            if index % _NETS_EVERY == 0:
                nets_s.append(_bare_nets_s(nets[0]))
            seen.take(estimate, decision, image, corrected, at_s)
            if decision.fade >= _ALL_ON and index % _JUDGE_EVERY == 0 and _opened(estimate):
                pair = _pair(index, image, corrected, estimate, judge)
                report.pairs.append(pair)
                if pair.judged is not None:
                    report.judged.append(pair.judged)
    count = max(report.frames, 1)
    report.stages_ms = dict(zip(("track", "policy", "warp"), (spent_s / count * 1e3).tolist(), strict=True))
    report.nets_ms = float(np.mean(nets_s)) * 1e3 if nets_s else 0.0
    report.active_share /= count
    report.reasons = dict(reasons)
    report.synthetic_db = dict(zip(("before", "after"), synthetic_db(painter), strict=True))
    seen.tell(report)
    return report


class _Seen:
    """Follows the eyes before and after."""

    def __init__(self, tracker: FaceTracker) -> None:
        self._tracker = tracker
        self._places: list[tuple[int, NDArray[np.float32], NDArray[np.float32]]] = []
        self._sharpness: list[float] = []
        self._closed: list[tuple[float, float]] = []
        self._blinks = 0
        self._count = 0
        self._was_closed = False

    def take(
        self, before: GazeEstimate, decision: Decision, image: I420Image, corrected: I420Image, at_s: float
    ) -> None:
        self._count += 1
        closed = not _opened(before)
        self._blinks += closed and not self._was_closed
        self._was_closed = closed
        after = self._tracker.update(corrected, at_s)
        if after is None or decision.fade < _ALL_ON:
            return
        if closed:
            self._closed.append((_least_open(before), _least_open(after)))
            return
        self._places.append((self._count, _iris_in_head(before), _iris_in_head(after)))
        sharp = [_sharpness(image.y, eye.iris_px, eye.radius_px) for eye in before.eyes]
        again = [
            _sharpness(corrected.y, eye.iris_px + move.shift_px, eye.radius_px)
            for eye, move in zip(before.eyes, decision.moves, strict=False)
        ]
        if len(again) == len(sharp) and min(sharp) > 0:
            self._sharpness.append(sum(again) / sum(sharp))

    def tell(self, report: GazeReport) -> None:
        report.blinks = self._blinks
        if self._closed:
            before, after = np.median(np.array(self._closed), axis=0)
            report.blink_openness = {"before": float(before), "after": float(after)}
        if self._sharpness:
            report.sharpness_ratio = float(np.median(self._sharpness))
        if len(self._places) < 3:
            return
        steps_px = [
            (np.linalg.norm(new[1] - old[1]), np.linalg.norm(new[2] - old[2]))
            for old, new in zip(self._places, self._places[1:], strict=False)
            if new[0] == old[0] + 1
        ]
        if steps_px:
            # The median is of eyes at rest, and so nearly all noise of the landmarks on both sides.
            before_px, after_px = np.sqrt(np.square(steps_px).mean(axis=0))
            report.jitter_ratio = float(after_px / max(before_px, 1e-6))
            before_px, after_px = np.median(steps_px, axis=0)
            report.rest_jitter_ratio = float(after_px / max(before_px, 1e-6))
        places = np.array([(one, other) for _, one, other in self._places])
        spread = np.sqrt(places.var(axis=0).sum(axis=-1))
        report.spread_px = {"before": float(spread[0]), "after": float(spread[1])}


def _iris_in_head(estimate: GazeEstimate) -> NDArray[np.float32]:
    """Mean place of the irises between the corners of their eyes, in pixels."""
    places = [eye.iris_px - (eye.corners_px[0] + eye.corners_px[1]) / 2 for eye in estimate.eyes]
    return np.asarray(np.mean(places, axis=0), np.float32)


def _sharpness(luma: Plane, middle: NDArray[np.float32], radius_px: float) -> float:
    """Variance of the Laplacian across the iris."""
    half = max(3, round(radius_px * 0.8))
    x, y = round(float(middle[0])), round(float(middle[1]))
    part = luma[max(0, y - half) : y + half + 1, max(0, x - half) : x + half + 1]
    return float(cv2.Laplacian(part, cv2.CV_32F).var()) if part.size else 0.0


def _least_open(estimate: GazeEstimate) -> float:
    return min(eye.openness for eye in estimate.eyes)


def _opened(estimate: GazeEstimate) -> bool:
    return _least_open(estimate) >= _OPEN


def _bare_nets_s(nets: FaceNets) -> float:
    begun_s = time.thread_time()
    nets.run_bare()
    return time.thread_time() - begun_s


def _changed_outside(warper: Warper, before: I420Image, after: I420Image, decision: Decision) -> int:
    if after is before:
        return 0
    changed = before.y != after.y
    chroma = (before.u != after.u) | (before.v != after.v)
    for box in warper.boxes(before, decision.moves):
        changed[box.top : box.bottom, box.left : box.right] = False
        chroma[box.top // 2 : box.bottom // 2, box.left // 2 : box.right // 2] = False
    return int(changed.sum()) + int(chroma.sum())


def _pair(index: int, image: I420Image, corrected: I420Image, estimate: GazeEstimate, judge: GazeJudge | None) -> Pair:
    before, after = image.to_bgr(), corrected.to_bgr()
    judged = None
    if judge is not None:
        corners = estimate.mesh[[RIGHT_OUTER, RIGHT_INNER, LEFT_OUTER, LEFT_INNER], :2]
        scene = judge.scene(before, corners)
        if scene is not None:
            judged = judge.judge(before, scene), judge.judge(after, scene)
    return Pair(index, before, after, estimate, judged)


def _mean(values: list[float]) -> float:
    return float(np.mean(values))


def _rms(values: list[float]) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def _both(
    judged: list[tuple[Judgement, Judgement]],
    value: Callable[[Judgement], float],
    mean: Callable[[list[float]], float],
) -> dict[str, float] | None:
    if not judged:
        return None
    return {name: mean([value(pair[i]) for pair in judged]) for i, name in enumerate(("before", "after"))}
