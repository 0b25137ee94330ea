"""The warpers that there are."""

from __future__ import annotations

import logging
from enum import Enum

from eyeline.config.errors import ModelError
from eyeline.processing.gaze.geometric import GeometricWarper
from eyeline.processing.gaze.learned import LearnedWarper
from eyeline.processing.gaze.warper import Warper

log = logging.getLogger(__name__)


class WarperKind(Enum):
    """What turns the eyes."""

    GEOMETRIC = "geometric"
    LEARNED = "learned"


DEFAULT_WARPER = WarperKind.GEOMETRIC


def open_warper(kind: WarperKind = DEFAULT_WARPER) -> Warper:
    """A warper, ready to work. Where the learned one cannot be loaded it is the geometric one, which needs nothing."""
    if kind is WarperKind.LEARNED:
        try:
            return LearnedWarper.load()
        except ModelError as error:
            log.warning("eyes are turned by geometry: %s %s", error, error.hint)
    return GeometricWarper()
