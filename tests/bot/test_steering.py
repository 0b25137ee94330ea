"""What a meeting begins with."""

from __future__ import annotations

from pathlib import Path

import pytest

from eyeline.bot.control.memory import EffectMemory
from eyeline.bot.steering import with_memory
from eyeline.bot.studio import StudioPlan
from eyeline.config.settings import LoadedSettings, load_settings
from eyeline.processing.effects import EffectState, People, parse_background
from eyeline.processing.framing_spec import Crop, Framing


@pytest.fixture(autouse=True)
def _ada_was_here() -> None:
    EffectMemory().keep("Ada", EffectState(parse_background("color:#102030")))


def loaded(tmp_path: Path, **flags: object) -> LoadedSettings:
    given = {"meeting.name": "Ada"} | {f"effects.{key}": value for key, value in flags.items()}
    return load_settings(given, cwd=tmp_path, environ={}, user_file=tmp_path / "none.toml")


def begun(settings: LoadedSettings) -> EffectState:
    return with_memory(StudioPlan.of(settings.settings), settings).effects


def test_the_last_background_comes_back(tmp_path: Path) -> None:
    assert begun(loaded(tmp_path)) == EffectState(parse_background("color:#102030"))
    assert begun(loaded(tmp_path, background="blur:10")).background == parse_background("blur:10")
    assert begun(loaded(tmp_path, remember=False)) == EffectState()


def test_what_was_set_besides_stays(tmp_path: Path) -> None:
    """Or a part of the room that was cut off would be seen again."""
    effects = begun(loaded(tmp_path, framing="crop:25,0,50,100", people="nearest", mirror=True))
    assert effects == EffectState(
        parse_background("color:#102030"), mirror=True, framing=Framing(Crop(25, 0, 50, 100)), people=People.NEAREST
    )
