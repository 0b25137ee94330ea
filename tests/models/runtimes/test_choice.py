"""Which library runs networks, and what is said where it cannot."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from nets_lab import needs_onnx, needs_torch, weights_file

from eyeline.models.errors import InferenceError, MissingModelError, RuntimeMissingError
from eyeline.models.registry import SELFIE_SEGMENTATION_LANDSCAPE
from eyeline.models.runtimes import RuntimeChoice, RuntimeKind, load_runtime
from eyeline.models.runtimes.choice import onnx_path
from eyeline.models.runtimes.litert import LiteRtRuntime


@pytest.fixture
def weights():
    return weights_file(SELFIE_SEGMENTATION_LANDSCAPE)


def without(monkeypatch, *packages):
    for package in packages:
        monkeypatch.setitem(sys.modules, package, None)


def test_litert_is_the_usual_one(weights):
    with load_runtime(weights) as runtime:
        assert type(runtime) is LiteRtRuntime


def test_torch_stands_in_where_litert_is_missing(weights, monkeypatch, caplog):
    needs_torch()
    from eyeline.models.runtimes.torch_runtime import TorchRuntime

    without(monkeypatch, "ai_edge_litert.interpreter")
    with load_runtime(weights) as runtime:
        assert type(runtime) is TorchRuntime
    assert "run by torch instead" in caplog.text
    with pytest.raises(RuntimeMissingError, match="LiteRT"):
        load_runtime(weights, RuntimeChoice(RuntimeKind.LITERT))


def test_where_both_are_missing_the_usual_one_is_asked_for(weights, monkeypatch):
    without(monkeypatch, "ai_edge_litert.interpreter", "torch")
    with pytest.raises(RuntimeMissingError, match="LiteRT") as caught:
        load_runtime(weights)
    assert "ai-edge-litert" in caught.value.hint


@pytest.mark.parametrize(
    ("choice", "package", "extra"),
    [
        (RuntimeChoice(RuntimeKind.TORCH), "torch", "eyeline[torch]"),
        (RuntimeChoice(device="cuda"), "torch", "eyeline[torch]"),
        (RuntimeChoice(RuntimeKind.ONNX), "onnxruntime", "eyeline[onnx]"),
    ],
)
def test_a_missing_extra_is_named(weights, monkeypatch, choice, package, extra):
    without(monkeypatch, package)
    with pytest.raises(RuntimeMissingError) as caught:
        load_runtime(weights, choice)
    assert extra in caught.value.hint
    assert "\n" not in str(caught.value)


def test_an_export_that_is_not_there_is_asked_for(tmp_path, weights):
    pytest.importorskip("onnxruntime", reason="needs eyeline[onnx]")
    shutil.copy(weights, tmp_path)
    with pytest.raises(MissingModelError) as caught:
        load_runtime(tmp_path / weights.name, RuntimeChoice(RuntimeKind.ONNX))
    assert "eyeline models export" in caught.value.hint


@pytest.mark.parametrize("content", [b"", b"no network", bytes(10_000)])
def test_an_export_that_is_damaged_is_an_error_of_one_line(tmp_path, weights, content):
    pytest.importorskip("onnxruntime", reason="needs eyeline[onnx]")
    copy = shutil.copy(weights, tmp_path)
    onnx_path(tmp_path / weights.name).write_bytes(content)
    with pytest.raises(InferenceError, match="cannot be loaded") as caught:
        load_runtime(tmp_path / weights.name, RuntimeChoice(RuntimeKind.ONNX))
    assert copy
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", [RuntimeKind.LITERT, RuntimeKind.ONNX])
def test_only_torch_knows_other_devices(weights, kind):
    with pytest.raises(InferenceError, match="CPU alone") as caught:
        load_runtime(weights, RuntimeChoice(kind, "cuda"))
    assert "torch" in caught.value.hint


@pytest.mark.parametrize("device", ["cuda:99", "nonsense", "meta"])
def test_a_device_that_is_not_there_is_an_error_of_one_line(weights, device):
    needs_torch()
    with pytest.raises(InferenceError, match=f"cannot use {device}") as caught:
        load_runtime(weights, RuntimeChoice(device=device))
    assert "video.device" in caught.value.hint
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", [RuntimeKind.TORCH, RuntimeKind.ONNX])
def test_a_file_that_is_not_there_is_an_error(tmp_path, kind):
    needs_torch()
    needs_onnx()
    with pytest.raises(InferenceError, match="cannot be loaded"):
        load_runtime(tmp_path / "none.tflite", RuntimeChoice(kind))


_DEFAULT_PATH = """
import sys
import numpy as np
import eyeline.bot.cli.app, eyeline.bot.cli.join, eyeline.bot.cli.preview, eyeline.bot.cli.serve, eyeline.bot.cli.render
import eyeline.bot.cli.models, eyeline.bot.cli.bench_picture, eyeline.processing.worker.child
from pathlib import Path
from eyeline.models.runtimes import load_runtime
with load_runtime(Path(sys.argv[1])) as runtime:
    runtime.run(np.zeros(runtime.input_shape, np.float32))
print(sorted({"torch", "onnxruntime", "onnx", "tflite"} & set(sys.modules)))
"""


def test_nobody_pays_for_what_was_not_asked_for(weights):
    done = subprocess.run(
        [sys.executable, "-c", _DEFAULT_PATH, str(weights)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
