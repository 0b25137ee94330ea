"""What a meeting begins with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from eyeline.bot.control.memory import EffectMemory
from eyeline.bot.steering import with_memory
from eyeline.bot.studio import StudioPlan
from eyeline.config.settings import LoadedSettings, load_settings
from eyeline.processing.effects import EffectState, Exposure, People, parse_background
from eyeline.processing.framing_spec import Crop, Framing

BEFORE = EffectState(parse_background("color:#102030"), framing=Framing(Crop(40, 0, 20, 100)), exposure=Exposure.LIFT)


@pytest.fixture(autouse=True)
def _ada_was_here() -> None:
    EffectMemory().keep("Ada", BEFORE)


def loaded(tmp_path: Path, **flags: object) -> LoadedSettings:
    given = {"meeting.name": "Ada"} | {f"effects.{key}": value for key, value in flags.items()}
    return load_settings(given, cwd=tmp_path, environ={}, user_file=tmp_path / "none.toml")


def begun(settings: LoadedSettings) -> EffectState:
    return with_memory(StudioPlan.of(settings.settings), settings).effects


def test_the_last_picture_comes_back(tmp_path: Path) -> None:
    assert begun(loaded(tmp_path)) == BEFORE
    assert begun(loaded(tmp_path, background="blur:10")) == replace(BEFORE, background=parse_background("blur:10"))
    assert begun(loaded(tmp_path, remember=False)) == EffectState()


def test_what_was_set_besides_stays(tmp_path: Path) -> None:
    """Or a part of the room that was cut off would be seen again."""
    effects = begun(loaded(tmp_path, framing="crop:25,0,50,100", people="nearest", mirror=True))
    assert effects == EffectState(
        parse_background("color:#102030"),
        mirror=True,
        framing=Framing(Crop(25, 0, 50, 100)),
        exposure=Exposure.LIFT,
        people=People.NEAREST,
    )
