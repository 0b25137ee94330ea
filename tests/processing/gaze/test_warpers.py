from __future__ import annotations

import logging
from pathlib import Path

import pytest

from eyeline.bot.weights import picture_spec
from eyeline.config.settings import load_settings
from eyeline.models import shipped
from eyeline.processing.gaze.geometric import GeometricWarper
from eyeline.processing.gaze.learned import LearnedWarper
from eyeline.processing.gaze.warpers import WarperKind, open_warper


def test_each_kind_is_what_it_says() -> None:
    assert isinstance(open_warper(WarperKind.GEOMETRIC), GeometricWarper)
    learned = open_warper(WarperKind.LEARNED)
    assert isinstance(learned, LearnedWarper)
    learned.close()


def test_without_its_weights_geometry_takes_the_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(shipped.eyeline.models, "__file__", str(tmp_path / "__init__.py"))
    with caplog.at_level(logging.WARNING):
        assert isinstance(open_warper(WarperKind.LEARNED), GeometricWarper)
    assert "eye_flow.tflite is missing" in caplog.text


@pytest.mark.parametrize("kind", WarperKind)
def test_the_setting_reaches_the_picture(kind: WarperKind) -> None:
    settings = load_settings({"video.gaze_warper": kind.value}).settings
    assert picture_spec(settings).warper is kind
