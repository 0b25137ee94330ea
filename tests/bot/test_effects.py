"""Effects as settings have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from eyeline.bot.effects import effects_of
from eyeline.config.schema import EffectsSettings
from eyeline.config.settings import SettingsError, load_settings
from eyeline.processing.effects import EffectState, Exposure, People, parse_background
from eyeline.processing.errors import EffectError
from eyeline.processing.framing_spec import Crop, Framing


def settings(tmp_path: Path, **flags: object) -> EffectsSettings:
    given = {f"effects.{key}": value for key, value in flags.items()}
    return load_settings(given, cwd=tmp_path, environ={}, user_file=tmp_path / "none.toml").settings.effects


def test_all_is_off_by_default(tmp_path: Path) -> None:
    assert effects_of(settings(tmp_path)) == EffectState()


def test_all_can_be_set(tmp_path: Path) -> None:
    wanted = settings(
        tmp_path,
        background="none",
        mirror=True,
        framing="auto:0,0,50,50",
        exposure="lift",
        people="nearest",
        light_wrap=40,
    )
    assert effects_of(wanted) == EffectState(
        parse_background("none"), True, Framing(Crop(0, 0, 50, 50), follow=True), Exposure.LIFT, People.NEAREST, 40
    )


@pytest.mark.parametrize(
    "flag", [{"exposure": "more"}, {"people": "nobody"}, {"mirror": "perhaps"}, {"framing": ""}, {"light_wrap": 101}]
)
def test_what_is_unknown_is_refused(tmp_path: Path, flag: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        settings(tmp_path, **flag)


def test_framing_that_is_not_written_as_it_must_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EffectError):
        effects_of(settings(tmp_path, framing="closer"))
