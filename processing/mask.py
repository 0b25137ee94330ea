"""Where the person is: a finder over the whole frame, a closer look at the person, calm over time.

The closer look gives far better edges (a third less error in the band around them), but invents people in clutter and
doubts badges, prints and things held. So the finder, which sees everything, has a say: nothing stays that it is sure is
no person, and deep inside the person its word settles what the closer look doubts.
"""

from __future__ import annotations

import numpy as np

from eyeline.models.runtimes.base import Runtime
from eyeline.processing.box import Box, box_around, followed
from eyeline.processing.carry import MaskCarrier
from eyeline.processing.components import keep_person, nearest_person
from eyeline.processing.effects import People
from eyeline.processing.finding import Agreement, Finding
from eyeline.processing.pyramid import Pyramid
from eyeline.processing.segmenter import Mask, Segmenter, spread
from eyeline.processing.temporal import ChangeGatedFilter
from eyeline.processing.tiers import Tier

_SEARCH_EVERY = 5  # frames
_MORE_DISPUTED = 0.02  # of the person, than when the finding was fresh: the person has moved, so search again
OVERLOOKED = 0.5  # a closer look that finds less than this of the person looked at the wrong place
TRUSTED_AGAIN = 0.75  # and has to find this much to be believed again, so that the two do not take turns
_STICKING_OUT = 0.12  # of the box's side: the person is not in the box any more


class PersonMask:
    """One stream's mask. Remembers the frames before, so each stream needs its own; used by one thread at a time.

    Args:
        finder: The net that sees whole frames.
        closeup: The net that sees the person; without it the finder's mask is the mask.
    """

    def __init__(self, finder: Runtime, closeup: Runtime | None = None) -> None:
        self._finder = Segmenter(finder)
        self._closeup = Segmenter(closeup) if closeup is not None else None
        self._calm = ChangeGatedFilter()
        self._carrier = MaskCarrier()
        self._size_px = (0, 0)
        self._people = People.EVERYONE
        self._box: Box | None = None
        self._finding: Finding | None = None
        self._finding_age = 0
        self._disputed = 0.0
        self._overlooks = False
        self._carried_last = False

    def update(self, pyramid: Pyramid, tier: Tier = Tier.CLOSE, people: People = People.EVERYONE) -> Mask:
        """The mask of the next frame.

        Args:
            pyramid: Of the frame.
            tier: How much work it is worth.
            people: Who counts.

        Returns:
            On the pyramid's grid. Read-only.

        Raises:
            MaskError: A net gave no usable mask. What was remembered is forgotten.
            ModelError: A runtime failed.
        """
        if pyramid.size != self._size_px or people is not self._people:
            self.reset()
            self._size_px, self._people = pyramid.size, people
        try:
            carried = self._carried(pyramid, tier)
            self._carried_last = carried is not None
            if carried is not None:
                self._finding_age += 1
                return self._calm.carry(carried)
            return self._calm.update(self._seen(pyramid, tier))
        except Exception:
            self.reset()
            raise

    def reset(self) -> None:
        """Forget the frames before."""
        self._calm.reset()
        self._carrier.reset()
        self._box = self._finding = None
        self._overlooks = self._carried_last = False

    def close(self) -> None:
        """Free the nets."""
        self._finder.close()
        if self._closeup is not None:
            self._closeup.close()

    def _carried(self, pyramid: Pyramid, tier: Tier) -> Mask | None:
        """The mask before, moved along, where it is its turn; `None` where the nets have to look."""
        if not tier.carries:
            self._carrier.reset()
            return None
        self._carrier.see(pyramid)
        before = self._calm.state
        return None if before is None or self._carried_last else self._carrier.carried(before)

    def _search(self, pyramid: Pyramid) -> Finding:
        raw = spread(self._finder.find(pyramid, Box.whole(*pyramid.size)), *pyramid.grid_size)
        if self._people is People.NEAREST:
            raw = nearest_person(raw, self._finding.raw if self._finding else None)
        self._finding = Finding.of(raw)
        self._finding_age = 0
        return self._finding

    def _seen(self, pyramid: Pyramid, tier: Tier) -> Mask:
        if self._closeup is None or not tier.looks_closely:
            self._box = None
            return self._search(pyramid).careful
        return self._seen_closely(pyramid, self._closeup)

    def _seen_closely(self, pyramid: Pyramid, closeup: Segmenter) -> Mask:
        self._finding_age += 1
        finding = self._finding
        if self._box is None or finding is None or self._finding_age >= _SEARCH_EVERY:
            finding = self._search(pyramid)
            self._box = self._box or box_around(finding.person, *pyramid.size)
        if self._box is None:
            return np.zeros(pyramid.grid_size[::-1], np.float32)
        mask = self._agreed(pyramid, closeup, self._box, finding)
        wanted = box_around(mask, *pyramid.size)
        self._box = followed(self._box, wanted) if wanted is not None else None
        return mask

    def _agreed(self, pyramid: Pyramid, closeup: Segmenter, box: Box, finding: Finding) -> Mask:
        """What both nets say, patches that are no person removed; searches again when the person has moved."""
        seen = _placed(closeup, pyramid, box)
        agreement = finding.applied(seen)
        if self._finding_age and (self._overlooked(agreement) or agreement.disputed > self._disputed + _MORE_DISPUTED):
            finding = self._search(pyramid)
            found_box = box_around(finding.person, *pyramid.size)
            if found_box is not None and not box.holds(found_box, _STICKING_OUT * (box.right_px - box.left_px)):
                seen = _placed(closeup, pyramid, found_box)
            agreement = finding.applied(seen)
        if not self._finding_age:
            self._disputed = agreement.disputed
        self._overlooks = self._overlooked(agreement)
        return finding.careful if self._overlooks else keep_person(agreement.mask, finding.raw)

    def _overlooked(self, agreement: Agreement) -> bool:
        """Whether the closer look missed the person."""
        return agreement.found < (TRUSTED_AGAIN if self._overlooks else OVERLOOKED)


def _placed(closeup: Segmenter, pyramid: Pyramid, box: Box) -> Mask:
    """The closer look, in a mask of the whole frame."""
    columns, rows = pyramid.grid_size
    width_px, height_px = pyramid.size
    left, right = round(box.left_px * columns / width_px), round(box.right_px * columns / width_px)
    top, bottom = round(box.top_px * rows / height_px), round(box.bottom_px * rows / height_px)
    mask = np.zeros((rows, columns), np.float32)
    if right > left and bottom > top:
        mask[top:bottom, left:right] = spread(closeup.find(pyramid, box), right - left, bottom - top)
    return mask
