"""The weights that come with Eyeline are those that its registry and their card tell of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from eyeline.models.errors import DamagedModelError, MissingModelError
from eyeline.models.registry import EYE_FLOW, MODELS, SHIPPED_MODELS
from eyeline.models.runtimes.litert import LiteRtRuntime
from eyeline.models.shipped import shipped_file
from eyeline.models.training.gaze.card import readme_of


def test_registry_file_and_card_agree() -> None:
    file = shipped_file(EYE_FLOW)
    content = file.read_bytes()
    card = json.loads((file.parent / "card.json").read_text(encoding="utf-8"))
    assert hashlib.sha256(content).hexdigest() == EYE_FLOW.sha256 == card["sha256"]
    assert len(content) == EYE_FLOW.size_bytes == card["size_bytes"] < 1_000_000
    assert card["licence"] == EYE_FLOW.licence == "Apache-2.0"
    assert card["data"]["real_pictures"] == 0
    assert (file.parent / "README.md").read_text(encoding="utf-8") == readme_of(card)
    with LiteRtRuntime(file) as runtime:
        assert runtime.input_shape == EYE_FLOW.input_shape


def test_names_are_not_taken_twice() -> None:
    assert not set(SHIPPED_MODELS) & set(MODELS)


def test_another_file_is_refused() -> None:
    with pytest.raises(DamagedModelError):
        shipped_file(replace(EYE_FLOW, sha256="0" * 64))
    with pytest.raises(MissingModelError, match="nothing"):
        shipped_file(replace(EYE_FLOW, file_name="eye_flow/nothing.tflite"))
