from __future__ import annotations

import threading

import cv2
import numpy as np
import pytest

from eyeline.models.errors import InferenceError, MissingModelError
from eyeline.models.registry import MODELS
from eyeline.models.runtimes import load_runtime
from eyeline.models.store import ModelStore, default_directory


@pytest.fixture(params=["selfie-segmentation", "selfie-segmentation-landscape"])
def entry(request):
    return MODELS[request.param]


@pytest.fixture
def weights_file(entry):
    try:
        return ModelStore(default_directory()).path(entry.name)
    except MissingModelError:
        pytest.skip("the weights are not here: run eyeline models fetch")


def test_shapes_are_those_of_the_registry(entry, weights_file):
    with load_runtime(weights_file) as runtime:
        assert runtime.input_shape == entry.input_shape
        mask = runtime.run(np.zeros(entry.input_shape, np.float32))
    assert mask.shape == (*entry.input_shape[:3], 1)
    assert mask.dtype == np.float32
    assert mask.max() < 0.01, "there is nobody in a black picture"


@pytest.fixture
def portrait(entry):
    """A person in the middle of the picture, as the network wants it."""
    data = pytest.importorskip("skimage.data")
    height_px, width_px = entry.input_shape[1:3]
    picture = cv2.resize(data.astronaut(), (width_px, height_px), interpolation=cv2.INTER_AREA)
    return (picture[np.newaxis] / 255).astype(np.float32)


def test_a_person_is_found_where_she_is(weights_file, portrait):
    with load_runtime(weights_file) as runtime:
        mask = runtime.run(portrait)[0, :, :, 0]
    height_px, width_px = mask.shape
    face = mask[height_px // 8 : height_px // 3, width_px * 3 // 8 : width_px // 2]
    assert face.mean() > 0.9
    assert mask[: height_px // 4, -width_px // 8 :].mean() < 0.2
    assert mask.min() >= 0
    assert mask.max() <= 1


def test_results_depend_on_the_picture_alone_and_belong_to_the_caller(weights_file, portrait):
    with load_runtime(weights_file) as runtime:
        first = runtime.run(portrait)
        kept = first.copy()
        runtime.run(np.zeros_like(portrait))
        np.testing.assert_array_equal(first, kept)
        np.testing.assert_array_equal(runtime.run(portrait), kept)


def test_another_thread_may_run_it(entry, weights_file):
    results = []
    with load_runtime(weights_file) as runtime:
        tensor = np.zeros(entry.input_shape, np.float32)
        thread = threading.Thread(target=lambda: results.append(runtime.run(tensor)))
        thread.start()
        thread.join()
    assert len(results) == 1


@pytest.mark.parametrize(
    "tensor",
    [np.zeros((1, 8, 8, 3), np.float32), np.zeros((1, 256, 256, 3), np.uint8)],
    ids=["shape", "dtype"],
)
def test_a_tensor_that_does_not_fit_is_refused(weights_file, tensor):
    with load_runtime(weights_file) as runtime, pytest.raises(InferenceError, match="takes float32"):
        runtime.run(tensor)


def test_nothing_runs_after_closing(entry, weights_file):
    runtime = load_runtime(weights_file)
    runtime.close()
    runtime.close()
    with pytest.raises(InferenceError, match="closed"):
        runtime.run(np.zeros(entry.input_shape, np.float32))


@pytest.mark.parametrize("content", [None, b"", b"not a network", b"\x1c\0\0\0TFL3" + bytes(1_000)])
def test_a_file_that_is_no_network_is_an_error_of_one_line(tmp_path, content):
    file = tmp_path / "some.tflite"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InferenceError, match=r"some\.tflite") as caught:
        load_runtime(file)
    assert "\n" not in str(caught.value)
    assert "verify" in caught.value.hint
