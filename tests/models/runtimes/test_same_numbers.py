"""Whatever runs a network, it computes the same."""

from __future__ import annotations

import shutil
import threading

import numpy as np
import pytest
from nets_lab import needs_onnx, needs_torch, pictures, weights_file

from eyeline.models.errors import InferenceError
from eyeline.models.registry import MODELS, ModelEntry
from eyeline.models.runtimes import RuntimeChoice, RuntimeKind, load_runtime

OTHERS = [RuntimeKind.TORCH, RuntimeKind.ONNX]
TOLERANCE = 1e-3
MASK_NETS = [entry for entry in MODELS.values() if entry.name.startswith("selfie")]


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Weights with their exports beside them."""
    folder = tmp_path_factory.mktemp("weights")
    for entry in MASK_NETS:
        shutil.copy(weights_file(entry), folder)
    return folder


@pytest.fixture(params=MASK_NETS, ids=lambda entry: entry.name)
def entry(request) -> ModelEntry:
    return request.param


@pytest.fixture(params=OTHERS, ids=lambda kind: kind.value)
def runtime(request, folder, entry):
    needs_torch()
    if request.param is RuntimeKind.ONNX:
        needs_onnx()
        from eyeline.models.nets.onnx_export import export_to_onnx

        export_to_onnx(folder / entry.file_name)
    with load_runtime(folder / entry.file_name, RuntimeChoice(request.param)) as runtime:
        yield runtime


def test_the_mask_is_that_of_litert(runtime, entry, folder):
    assert runtime.input_shape == entry.input_shape
    with load_runtime(folder / entry.file_name, RuntimeChoice(RuntimeKind.LITERT)) as published:
        for name, tensor in pictures(entry.input_shape):
            wanted, found = published.run(tensor), runtime.run(tensor)
            assert found.shape == wanted.shape
            assert found.dtype == np.float32
            assert np.abs(found - wanted).max() < TOLERANCE, name
            assert name != "astronaut" or wanted.max() > 0.99, "there is something to agree about"


def test_results_are_the_callers_own_and_from_any_thread(runtime, entry):
    tensors = dict(pictures(entry.input_shape))
    first = runtime.run(tensors["astronaut"])
    kept = first.copy()
    second = []
    thread = threading.Thread(target=lambda: second.append(runtime.run(tensors["noise"])))
    thread.start()
    thread.join()
    np.testing.assert_array_equal(first, kept)
    assert np.abs(second[0] - kept).max() > 0.1
    first.fill(0)  # writable
    np.testing.assert_array_equal(runtime.run(tensors["astronaut"]), kept)


def test_what_does_not_fit_is_refused_and_nothing_runs_after_closing(runtime, entry):
    for tensor in (np.zeros((1, 8, 8, 3), np.float32), np.zeros(entry.input_shape, np.float64)):
        with pytest.raises(InferenceError, match="takes float32"):
            runtime.run(tensor)
    runtime.close()
    runtime.close()
    with pytest.raises(InferenceError, match="closed"):
        runtime.run(np.zeros(entry.input_shape, np.float32))


@pytest.mark.parametrize("entry", MODELS.values(), ids=lambda entry: entry.name)
def test_every_registered_net_is_the_same_in_torch(entry):
    torch = needs_torch()
    interpreters = pytest.importorskip("ai_edge_litert.interpreter")
    from eyeline.models.nets.graph_net import load_graph_net

    net, published = load_graph_net(weights_file(entry)), interpreters.Interpreter(str(weights_file(entry)))
    published.allocate_tensors()
    details = {item["index"]: item for item in published.get_output_details()}
    for name, tensor in pictures(net.input_shape):
        published.set_tensor(published.get_input_details()[0]["index"], tensor)
        published.invoke()
        with torch.inference_mode():
            found = net(torch.from_numpy(tensor).permute(0, 3, 1, 2))
        assert len(found) == len(details)
        for index, value in zip(net.output_indices, found, strict=True):
            shaped = value.permute(0, 2, 3, 1) if value.dim() == 4 else value
            np.testing.assert_allclose(shaped, published.get_tensor(index), atol=TOLERANCE, err_msg=name)


def test_an_export_is_written_once_and_of_these_very_weights(folder, entry):
    needs_torch()
    needs_onnx()
    from eyeline.models.nets.onnx_export import export_to_onnx

    written = export_to_onnx(folder / entry.file_name)
    assert entry.sha256[:12] in written.name
    stamp = written.stat().st_mtime_ns
    assert export_to_onnx(folder / entry.file_name) == written
    assert written.stat().st_mtime_ns == stamp
    assert not list(folder.glob(".incomplete-*"))


def test_an_export_that_computes_something_else_is_not_kept(tmp_path, entry, monkeypatch):
    needs_torch()
    needs_onnx()
    from eyeline.models.nets import onnx_export
    from eyeline.models.runtimes.torch_runtime import ImageNet

    shutil.copy(weights_file(entry), tmp_path)
    whole = onnx_export._export

    class Off(ImageNet):
        def forward(self, image):
            return super().forward(image) + 0.01

    monkeypatch.setattr(onnx_export, "_export", lambda net, shape, file: whole(Off(net.net), shape, file))
    with pytest.raises(InferenceError, match=r"off by 0\.01"):
        onnx_export.export_to_onnx(tmp_path / entry.file_name)
    assert [path.suffix for path in tmp_path.iterdir()] == [".tflite"]
