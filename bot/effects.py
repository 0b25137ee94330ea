"""The effects that settings ask for."""

from __future__ import annotations

from eyeline.config.schema import EffectsSettings
from eyeline.processing.effects import EffectState, Exposure, People, parse_background
from eyeline.processing.framing_spec import parse_framing
from eyeline.processing.gaze_spec import parse_gaze


def effects_of(settings: EffectsSettings) -> EffectState:
    """Parse them. Touches no file.

    Raises:
        UsageError: One of them is not written as it must be.
    """
    return EffectState(
        background=parse_background(settings.background),
        mirror=settings.mirror,
        framing=parse_framing(settings.framing),
        exposure=Exposure(settings.exposure),
        people=People(settings.people),
        light_wrap=settings.light_wrap,
        gaze=parse_gaze(settings.gaze),
    )
