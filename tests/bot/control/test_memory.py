from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from eyeline.bot.control.memory import MAX_PEOPLE, REMEMBERED, EffectMemory
from eyeline.processing.effects import EffectState, Exposure, People, parse_background
from eyeline.processing.framing_spec import parse_framing
from eyeline.processing.gallery import Gallery
from eyeline.processing.gaze_spec import parse_gaze


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    folder = tmp_path / "gallery"
    folder.mkdir()
    cv2.imwrite(str(folder / "beach.png"), np.zeros((4, 4, 3), np.uint8))
    return Gallery(folder)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "effects.json"


def state(text: str) -> EffectState:
    return EffectState(parse_background(text))


@pytest.mark.parametrize("background", ["beach", "blur:40", "color:#204060", "dusk"])
def test_a_person_has_the_same_picture_again(path: Path, gallery: Gallery, background: str) -> None:
    EffectMemory(path).keep("Ada", state(background))
    EffectMemory(path).keep("Bob", state("blur:1"))
    assert EffectMemory(path).recall("ADA", gallery) == state(background)
    assert EffectMemory(path).recall("Eve", gallery) is None


def test_everything_else_is_remembered_too(path: Path, gallery: Gallery) -> None:
    effects = EffectState(
        parse_background("blur:40"),
        mirror=True,
        framing=parse_framing("auto:25,0,50,100"),
        exposure=Exposure.LIFT,
        people=People.NEAREST,
        light_wrap=30,
        gaze=parse_gaze("teleprompter:70"),
    )
    EffectMemory(path).keep("Ada", effects)
    assert EffectMemory(path).recall("Ada", gallery) == effects
    assert set(REMEMBERED) == {field.name for field in dataclasses.fields(EffectState)}


def test_what_older_versions_kept_is_read(path: Path, gallery: Gallery) -> None:
    path.write_text('{"people": {"ada": {"background": "blur:40"}}}')
    assert EffectMemory(path).recall("Ada", gallery) == state("blur:40")


@pytest.mark.parametrize("background", ["none", "blur:0", "/tmp/x.png"])
def test_the_room_and_files_are_not_kept(path: Path, gallery: Gallery, background: str) -> None:
    memory = EffectMemory(path)
    memory.keep("Ada", state("blur:40"))
    memory.keep("Ada", state(background))
    assert memory.recall("Ada", gallery) == state("blur:40")


@pytest.mark.parametrize("background", ["none", "blur:0", "/etc/passwd", "color:nonsense", "gone", ""])
def test_a_file_that_somebody_changed_shows_no_room(path: Path, gallery: Gallery, background: str) -> None:
    path.write_text(f'{{"people": {{"ada": {{"background": "{background}"}}}}}}')
    assert EffectMemory(path).recall("Ada", gallery) is None


def test_those_not_seen_for_longest_are_forgotten(path: Path, gallery: Gallery) -> None:
    memory = EffectMemory(path)
    for number in range(MAX_PEOPLE + 1):
        memory.keep(f"Person {number}", state("blur:5"))
    assert memory.recall("Person 0", gallery) is None
    assert memory.recall("Person 1", gallery) == state("blur:5")
