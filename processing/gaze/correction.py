"""Estimate, policy and warper in a row: one stream's gaze correction, which fails soft.

What goes wrong here leaves the eyes as they are, and says so: eyes are no secret, and a picture without correction is
better than none.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import TracebackType
from typing import Self

from eyeline.config.errors import EyelineError
from eyeline.processing.frame import I420Image
from eyeline.processing.gaze.estimate import GazeEstimate
from eyeline.processing.gaze.face_tracker import FaceTracker
from eyeline.processing.gaze.gates import Reason
from eyeline.processing.gaze.geometric import GeometricWarper
from eyeline.processing.gaze.policy import Decision, GazePolicy
from eyeline.processing.gaze.status import Activity, GazeStatus
from eyeline.processing.gaze.warper import Warper
from eyeline.processing.gaze_spec import Gaze

log = logging.getLogger(__name__)

_REST_FRAMES = 90  # after a failure, before the nets are asked again


class GazeCorrection:
    """One stream's; used by one thread. A context manager: leaving it frees the nets.

    Args:
        tracker: It owns it.
        warper: Draws the eyes; it owns it, too.
    """

    def __init__(self, tracker: FaceTracker, warper: Warper | None = None) -> None:
        self._tracker = tracker
        self._warper = warper or GeometricWarper()
        self._policy = GazePolicy()
        self._rest = 0
        self.status = GazeStatus()
        self.estimate: GazeEstimate | None = None
        self.decision = Decision((), 0.0, Reason.OFF)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def correct(self, image: I420Image, at_s: float, gaze: Gaze) -> I420Image:
        """The frame with its eyes turned, or the frame itself. Never raises for what is in the picture.

        Args:
            image: It is not changed.
            at_s: When it was captured, on any steady clock.
            gaze: What is wanted.
        """
        if not gaze.works and self.decision.fade == 0:
            self._rested(Reason.OFF)
            return image
        if self._rest > 0:
            self._rest -= 1
            self._rested(Reason.FAILED)
            return image
        try:
            self.estimate = self._tracker.update(image, at_s)
            self.decision = self._policy.decide(self.estimate, gaze, at_s)
            corrected = self._warper.warp(image, self.decision.moves)
        except (EyelineError, ValueError, ArithmeticError) as error:
            log.warning("the gaze cannot be corrected: %s", error)
            self._rest = _REST_FRAMES
            self.reset()
            self._rested(Reason.FAILED)
            return image
        self.status = GazeStatus(self.decision.activity, self.decision.reason.value)
        return corrected

    def reset(self) -> None:
        """Forget the frames before."""
        self._tracker.reset()
        self._policy = GazePolicy()
        self.estimate = None
        self.decision = Decision((), 0.0, Reason.OFF)

    def close(self) -> None:
        """Free the nets."""
        self._tracker.close()
        self._warper.close()

    def _rested(self, reason: Reason) -> None:
        self.estimate = None
        self.decision = Decision((), 0.0, reason)
        self.status = GazeStatus(Activity.OFF if reason is Reason.OFF else Activity.IDLE, reason.value)


OpenGaze = Callable[[], GazeCorrection]
"""Loads the nets; blocks."""
