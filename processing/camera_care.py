"""What is done to the camera's picture itself: which part, which way round, how bright. Remembers one stream."""

from __future__ import annotations

from eyeline.processing.auto_framing import AutoFraming, View
from eyeline.processing.cutting import cut
from eyeline.processing.effects import EffectState, Exposure
from eyeline.processing.exposure import ExposureLift
from eyeline.processing.frame import CapturedFrame, I420Image
from eyeline.processing.framing_spec import Crop
from eyeline.processing.segmenter import Mask


class CameraCare:
    """One stream's; used by one thread. Without such effects the picture stays the same object."""

    def __init__(self) -> None:
        self._turn: tuple[Crop | None, bool] = (None, False)
        self._lift: ExposureLift | None = None
        self._auto: AutoFraming | None = None
        self._cut: I420Image | None = None

    def begin(self, effects: EffectState) -> bool:
        """Be ready for a frame with these effects.

        Returns:
            Whether other places are seen at the same samples than before, so that what was remembered is void.
        """
        turn = effects.framing.crop, effects.mirror
        turned, self._turn = turn != self._turn, turn
        if effects.exposure is Exposure.OFF:
            self._lift = None
        elif self._lift is None:
            self._lift = ExposureLift()
        if not effects.framing.follow or turned:
            self._auto = None
        if effects.framing.follow and self._auto is None:
            self._auto = AutoFraming()
        return turned

    def taken(self, image: I420Image) -> I420Image:
        """All that may be seen of a frame, as bright as it is to be."""
        crop, mirror = self._turn
        self._cut = cut(image, crop, mirror=mirror)
        return self._lift.lifted(self._cut) if self._lift else self._cut

    def view(self, frame: CapturedFrame, mask: Mask, face_px: float | None = None) -> View | None:
        """Learn from where the person is.

        Args:
            frame: The one that `taken` was last called for.
            mask: Of what it gave.
            face_px: Where the owner's face is in that, from the left, if anybody looked for it.

        Returns:
            What is to be seen of it; `None` for all.
        """
        if self._cut is None:
            return None
        if self._lift is not None:
            self._lift.meter(self._cut, mask, frame.captured_at_s)
        if self._auto is None:
            return None
        face = None if face_px is None else face_px / self._cut.width_px
        return self._auto.follow(mask, self._cut.size, frame.captured_at_s, face)
