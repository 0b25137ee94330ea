"""Pictures are made where the settings say."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from nets_lab import matting_file
from picture_lab import load_mask
from worker_lab import effects, eventually, lab_frame

from eyeline.bot.pictures import picture_maker
from eyeline.bot.weights import picture_spec
from eyeline.config.schema import Settings
from eyeline.config.settings import SettingsError, load_settings
from eyeline.models.errors import MaskModelError, MissingModelError
from eyeline.processing.frame import ProcessedFrame
from eyeline.processing.worker.in_process import PictureThread
from eyeline.processing.worker.process import PictureProcess


def settings(tmp_path: Path, **flags: object) -> Settings:
    given = {key.replace("__", "."): value for key, value in flags.items()}
    return load_settings(given, cwd=tmp_path, environ={}, user_file=tmp_path / "none.toml").settings


@pytest.mark.parametrize(("worker", "kind"), [("process", PictureProcess), ("thread", PictureThread)])
def test_both_kinds_make_pictures(tmp_path: Path, worker: str, kind: type) -> None:
    load_mask().close()
    shown: list[ProcessedFrame] = []
    made = picture_maker(
        settings(tmp_path, video__worker=worker),
        on_picture=shown.append,
        on_failure=lambda _: None,
        on_restart=lambda _: None,
    )
    assert type(made) is kind
    with made:
        made.set_effects(effects("color:#204060"))
        made.offer(lab_frame())
        eventually(lambda: bool(shown), "the picture")
        assert shown[0].image.size == (64, 36)


def test_a_mask_model_is_run_in_the_process_of_the_pictures(tmp_path: Path) -> None:
    load_mask().close()
    matting_file(tmp_path / "weights.pth")
    (tmp_path / "eyeline.toml").write_text('[video]\nmask_model = "weights.pth"\n')
    shown: list[ProcessedFrame] = []
    made = picture_maker(
        settings(tmp_path), on_picture=shown.append, on_failure=lambda _: None, on_restart=lambda _: None
    )
    assert isinstance(made, PictureProcess)
    assert made._limits.ping_s > 60, "the import of torch silences it for seconds"
    with made:
        made.set_effects(effects("color:#204060"))
        made.offer(lab_frame())
        eventually(lambda: bool(shown), "the picture")
        (tmp_path / "weights.pth").write_text("no weights")
    with (
        picture_maker(
            settings(tmp_path, video__worker="thread"),
            on_picture=lambda _: None,
            on_failure=lambda _: None,
            on_restart=lambda _: None,
        ) as other,
        pytest.raises(MaskModelError, match=r"weights\.pth"),
    ):
        other.set_effects(effects("color:#204060"))


def test_the_limit_of_memory_is_the_one_that_was_set(tmp_path: Path) -> None:
    used_mb = 300  # what the process of the tests themselves takes is of no account
    made = picture_maker(
        settings(tmp_path, video__worker_memory_mb=used_mb),
        on_picture=lambda _: None,
        on_failure=lambda _: None,
        on_restart=lambda _: None,
    )
    assert isinstance(made, PictureProcess)
    assert made._limits.memory_mb == used_mb


@pytest.mark.parametrize("flag", [{"video__worker": "gpu"}, {"video__worker_memory_mb": 10}])
def test_what_cannot_be_is_refused(tmp_path: Path, flag: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        settings(tmp_path, **flag)


def test_the_recipe_fetches_nothing(tmp_path: Path) -> None:
    spec = picture_spec(settings(tmp_path, models__directory=str(tmp_path), backgrounds__directory=str(tmp_path)))
    spec = pickle.loads(pickle.dumps(spec))
    with spec() as picture, pytest.raises(MissingModelError):
        picture.prepare(effects("blur"))
    assert list(tmp_path.iterdir()) == []
