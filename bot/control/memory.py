"""The picture that a person had last, for the next meeting."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field

from eyeline.bot.user_files import UserFile, data_folder
from eyeline.config.errors import EyelineError
from eyeline.processing.effects import (
    EffectState,
    Exposure,
    FileBackground,
    GalleryBackground,
    People,
    ScreenBackground,
    StreamBackground,
    parse_background,
)
from eyeline.processing.framing_spec import parse_framing
from eyeline.processing.gallery import Gallery
from eyeline.processing.gaze_spec import parse_gaze
from eyeline.processing.picture import shows_room

MAX_PEOPLE = 64


REMEMBERED = ("background", "mirror", "framing", "exposure", "people", "light_wrap", "gaze")
"""Fields of `EffectState` that are remembered; settings are called the same."""


class _Person(BaseModel):
    background: str = Field(max_length=128)
    mirror: bool = False
    framing: str = Field("off", max_length=64)
    exposure: Exposure = Exposure.OFF
    people: People = People.EVERYONE
    light_wrap: int = Field(0, ge=0, le=100)
    gaze: str = Field("off", max_length=32)


class _People(BaseModel):
    people: dict[str, _Person] = {}


class EffectMemory:
    """Remembers effects by the person's display name; both methods block for a moment.

    The room is never remembered: showing it takes a choice in each meeting. Neither are
    files, streams and screens, which may be gone or private.

    Args:
        path: Instead of the file in the user's data folder.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._file = UserFile(path or data_folder() / "effects.json", _People)

    def recall(self, person: str, gallery: Gallery) -> EffectState | None:
        """What this person had last, where it can still be had."""
        found = self._file.read().people.get(person.casefold())
        if found is None:
            return None
        try:
            effects = EffectState(
                parse_background(found.background),
                mirror=found.mirror,
                framing=parse_framing(found.framing),
                exposure=found.exposure,
                people=found.people,
                light_wrap=found.light_wrap,
                gaze=parse_gaze(found.gaze),
            )
        except EyelineError:
            return None
        return effects if _can_be_kept(effects) and _is_there(effects, gallery) else None

    def keep(self, person: str, effects: EffectState) -> None:
        """Remember; the people who were not seen for longest are forgotten."""
        if not _can_be_kept(effects):
            return
        key = person.casefold()
        now = _Person(
            background=str(effects.background),
            mirror=effects.mirror,
            framing=str(effects.framing),
            exposure=effects.exposure,
            people=effects.people,
            light_wrap=effects.light_wrap,
            gaze=str(effects.gaze),
        )

        def changed(content: _People) -> _People:
            others = [item for item in content.people.items() if item[0] != key]
            return _People(people=dict([*others[-(MAX_PEOPLE - 1) :], (key, now)]))

        self._file.change(changed)


def _can_be_kept(effects: EffectState) -> bool:
    of_elsewhere = FileBackground | StreamBackground | ScreenBackground
    return not shows_room(effects) and not isinstance(effects.background, of_elsewhere)


def _is_there(effects: EffectState, gallery: Gallery) -> bool:
    background = effects.background
    if not isinstance(background, GalleryBackground):
        return True
    return background.name.casefold() in {name.casefold() for name in gallery.names()}
