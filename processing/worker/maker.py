"""What makes the outgoing pictures, wherever it runs."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from eyeline.processing.effects import EffectState
from eyeline.processing.frame import CapturedFrame
from eyeline.processing.picture import Picture
from eyeline.processing.picture_status import PictureStatus
from eyeline.processing.stage_times import StageTimes

OpenPicture = Callable[[], Picture]
"""Makes the picture where it is to run. For a process of its own it must be importable and able to be pickled."""


class PictureMaker(Protocol):
    """Captured frames in, processed ones out by the callback that it was made with; a context manager.

    No picture comes before the first effects are set, and after `set_effects` has returned none that was made with
    other effects. The newest frame wins; `offer` and `pause` never wait, and may be called from any thread.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def offer(self, frame: CapturedFrame) -> None:
        """Hand in the newest frame."""

    def pause(self, paused: bool) -> None:
        """Drop frames instead of processing them, while nobody looks."""

    def set_effects(self, effects: EffectState) -> None:
        """Change the picture; what is on stays until the new effects are ready. Blocks: not for the event loop.

        Raises:
            BackgroundError: The background is unknown or cannot be used; nothing has changed.
            ModelError: The net cannot be had; nothing has changed.
            PictureError: There is nobody who could prepare them; nothing has changed.
        """

    def close(self) -> None:
        """End; no picture comes any more. Blocks for some milliseconds. Harmless when repeated."""

    @property
    def effects(self) -> EffectState | None:
        """What is applied."""

    @property
    def processed(self) -> int:
        """How many pictures were made."""

    @property
    def dropped(self) -> int:
        """How many frames were not looked at, because a newer one came or nobody was there."""

    @property
    def restarts(self) -> int:
        """How often whatever makes the pictures was started anew."""

    @property
    def trouble(self) -> str:
        """Why the background does not show what it should; empty while it does."""

    @property
    def times(self) -> StageTimes:
        """How long the stages take."""

    @property
    def status(self) -> PictureStatus:
        """How the picture is doing."""
