from __future__ import annotations

import numpy as np
import pytest
from gaze_lab import face_files

from eyeline.models.errors import InferenceError
from eyeline.models.registry import FACE_DETECTION, FACE_LANDMARKS, IRIS_LANDMARKS
from eyeline.models.runtimes.litert_outputs import LiteRtPoints


@pytest.mark.parametrize(
    ("index", "entry", "sizes"),
    [
        (0, FACE_DETECTION, [896 * 16, 896]),
        (1, FACE_LANDMARKS, [1404, 1]),
        (2, IRIS_LANDMARKS, [213, 15]),
    ],
    ids=["detector", "mesh", "iris"],
)
def test_outputs_come_flat_and_the_largest_first(index, entry, sizes):
    with LiteRtPoints(face_files()[index]) as net:
        assert net.input_shape == entry.input_shape
        outputs = net.run(np.zeros(net.input_shape, np.float32))
        assert [output.size for output in outputs] == sizes
        kept = outputs[0].copy()
        net.run(np.ones(net.input_shape, np.float32))
        assert np.array_equal(outputs[0], kept), "results are the caller's own"


def test_what_does_not_fit_is_refused():
    net = LiteRtPoints(face_files()[2])
    with pytest.raises(InferenceError, match="takes float32"):
        net.run(np.zeros((1, 32, 32, 3), np.float32))
    net.close()
    with pytest.raises(InferenceError, match="closed"):
        net.run(np.zeros((1, 64, 64, 3), np.float32))


def test_a_file_that_is_no_network(tmp_path):
    (tmp_path / "net.tflite").write_bytes(b"nothing")
    with pytest.raises(InferenceError, match=r"net\.tflite"):
        LiteRtPoints(tmp_path / "net.tflite")
