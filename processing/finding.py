"""What the finder saw in a whole frame, and what that means for a closer look at the person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from eyeline.processing.components import keep_person
from eyeline.processing.frame import Plane
from eyeline.processing.kernels.mask_steps import agree
from eyeline.processing.segmenter import Mask

SURELY_NOBODY = 0.4
PERHAPS_SOMEBODY = 0.7
PROBABLY_SOMEBODY = 0.75
SURELY_SOMEBODY = 0.9
REACH = np.ones((9, 9), np.uint8)  # how far outside of what the finder sees the edge may be
DEEP = np.ones((15, 15), np.uint8)  # how far inside of it the finder's word settles doubts
DOUBT = 0.05  # what the closer look gives less than, no word of the finder brings back
RISE = 4.0


@dataclass(frozen=True, slots=True)
class Agreement:
    """What both nets say.

    Args:
        mask: Probability of person.
        disputed: How much of the closer look's person they differ about, as a share.
        found: How much of the person that the finder sees is there, as a share.
    """

    mask: Mask
    disputed: float
    found: float


@dataclass(frozen=True, slots=True)
class Finding:
    """The finder's view of one frame, for that frame and the few after it.

    Args:
        raw: As the finder gave it.
        person: Without patches that are no person.
        size: Sum of `person`.
        veto: What the finder allows, 0 to 1: nothing may be that it is sure is no person.
        core: Where it is sure of the person, 0 to 1, deep enough inside to hold while the person moves a little.
    """

    raw: Mask
    person: Mask
    size: float
    veto: Mask
    core: Mask

    @classmethod
    def of(cls, raw: Mask) -> Self:
        """What follows from the finder's mask on the grid."""
        veto = cv2.dilate(_ramp(raw, SURELY_NOBODY, PERHAPS_SOMEBODY), REACH)
        core = cv2.erode(_ramp(raw, PROBABLY_SOMEBODY, SURELY_SOMEBODY), DEEP)
        person = keep_person(raw, None)
        return cls(raw, person, float(person.sum()), _shares(np.asarray(veto)), _shares(np.asarray(core)))

    def applied(self, closeup: Mask) -> Agreement:
        """The closer look, as far as the finder agrees; deep inside the person, its doubts settled."""
        mask = np.empty_like(closeup)
        seen, kept, apart = agree(closeup, self.veto, self.core, DOUBT, RISE, mask)
        return Agreement(mask, disputed=apart / max(seen, 1.0), found=kept / self.size if self.size > 0 else 1.0)

    @property
    def careful(self) -> Mask:
        """The person, as far as the finder is sure: what to show where it is all there is."""
        return self.person * self.veto


def _ramp(mask: Mask, low: float, high: float) -> Plane:
    """0 to 255, in whole steps: growing and shrinking these is fast."""
    levels = (mask - np.float32(low)) * np.float32(255 / (high - low)) + np.float32(0.5)
    return np.asarray(np.clip(levels, 0, 255), np.uint8)


def _shares(plane: Plane) -> Mask:
    return plane.astype(np.float32) * np.float32(1 / 255)
