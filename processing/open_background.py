"""Opening whatever a person asked for as a background."""

from __future__ import annotations

from eyeline.processing.backgrounds import (
    Background,
    Pace,
    color_background,
    gradient_background,
    open_file,
    open_screen,
    open_stream,
)
from eyeline.processing.effects import (
    BackgroundSpec,
    BlurBackground,
    ColorBackground,
    FileBackground,
    GalleryBackground,
    GradientBackground,
    NoBackground,
    ScreenBackground,
    StreamBackground,
)
from eyeline.processing.errors import BackgroundError
from eyeline.processing.gallery import Gallery


def open_background(spec: BackgroundSpec, gallery: Gallery, pace: Pace) -> Background | None:
    """Open a background, or `None` where the room itself is one. Blocks: not for the event loop.

    Raises:
        BackgroundError: It is unknown, cannot be used, or is live where frames have no clock of their own.
    """
    match spec:
        case NoBackground() | BlurBackground():
            return None
        case ColorBackground():
            return color_background(spec)
        case GradientBackground():
            return gradient_background(spec, pace)
        case FileBackground(path, placement):
            return open_file(path, pace, placement)
        case GalleryBackground(name, placement):
            return gallery.open(name, pace, placement)
        case StreamBackground(stream, placement):
            _refuse_if_exact(pace)
            return open_stream(stream, placement)
        case ScreenBackground(screen, placement):
            _refuse_if_exact(pace)
            return open_screen(screen, placement)


def _refuse_if_exact(pace: Pace) -> None:
    if pace is Pace.EXACT:
        raise BackgroundError(
            "What is live cannot be behind a file: it would be another picture each time.",
            hint="Use a picture, a video, a colour or a name of the gallery.",
        )
