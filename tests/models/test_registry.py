from __future__ import annotations

import re

import pytest

from eyeline.models.errors import UnknownModelError
from eyeline.models.registry import MODELS, find_model


@pytest.mark.parametrize("entry", MODELS.values(), ids=str)
def test_entries_are_complete(entry):
    assert MODELS[entry.name] is entry
    assert re.fullmatch(r"[0-9a-f]{64}", entry.sha256)
    assert entry.origin.member.endswith(f"/{entry.file_name}")
    assert entry.licence == "Apache-2.0"
    assert entry.input_shape[0] == 1
    assert entry.input_shape[3] == 3


def test_files_do_not_collide():
    assert len({entry.file_name for entry in MODELS.values()}) == len(MODELS)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("selfie_segmentation", "Did you mean selfie-segmentation?"),
        ("selfie", "Did you mean selfie-segmentation?"),
        ("landscape", "Did you mean selfie-segmentation-landscape?"),
        ("xyz", f"There are: {', '.join(MODELS)}."),
    ],
)
def test_unknown_names_are_answered_with_known_ones(name, hint):
    with pytest.raises(UnknownModelError, match=name) as caught:
        find_model(name)
    assert caught.value.hint == hint
