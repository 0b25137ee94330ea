"""A picture that knows with which effects each frame was made."""

from __future__ import annotations

from eyeline.processing.frame import CapturedFrame, ProcessedFrame
from eyeline.processing.picture import Picture, PreparedEffects
from eyeline.processing.picture_status import PictureStatus
from eyeline.processing.stage_times import StageTimes


class LabelledPicture:
    """`process` belongs to one thread, `apply` to another; neither waits for the other one.

    Args:
        picture: Whose effects nobody else changes.
    """

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._generation: int | None = None

    @property
    def trouble(self) -> str:
        """Why the background does not show what it should; empty while it does."""
        return self._picture.trouble

    @property
    def times(self) -> StageTimes:
        """How long the stages take."""
        return self._picture.times

    @property
    def status(self) -> PictureStatus:
        """How the picture is doing."""
        return self._picture.status

    def apply(self, prepared: PreparedEffects, generation: int) -> None:
        """Swap the effects; frames made with them are labelled `generation`."""
        self._generation = None  # a frame in the making sees that effects changed, before or after the swap
        self._picture.apply(prepared)
        self._generation = generation

    def process(self, frame: CapturedFrame) -> tuple[ProcessedFrame, int] | None:
        """Make the picture of a frame; `None` when its effects cannot be told, since they changed meanwhile.

        Returns:
            The picture and the generation of its effects.

        Raises:
            PictureError: No effects were applied yet.
            ModelError: No mask could be had of this frame.
        """
        generation = self._generation
        processed = self._picture.process(frame)
        if generation is None or generation != self._generation:
            return None
        return processed, generation
