"""The nets of faces: whatever runs them, they say the same."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from nets_lab import needs_onnx, needs_torch, pictures, weights_file

from eyeline.models.errors import InferenceError, MissingModelError
from eyeline.models.registry import FACE_DETECTION, FACE_LANDMARKS, IRIS_LANDMARKS
from eyeline.models.runtimes import RuntimeChoice, RuntimeKind
from eyeline.models.runtimes.litert_outputs import LiteRtPoints
from eyeline.models.runtimes.points import SplitPoints, load_points

TOLERANCE = 1e-3
NETS = {FACE_DETECTION: (14336, 896), FACE_LANDMARKS: (1404, 1), IRIS_LANDMARKS: (213, 15)}
OTHERS = [RuntimeKind.TORCH, RuntimeKind.ONNX]


@pytest.mark.parametrize("entry", NETS, ids=lambda entry: entry.name)
@pytest.mark.parametrize("kind", OTHERS, ids=lambda kind: kind.value)
def test_points_are_those_of_litert(tmp_path, entry, kind):
    needs_torch()
    path = tmp_path / entry.file_name
    shutil.copy(weights_file(entry), path)
    if kind is RuntimeKind.ONNX:
        needs_onnx()
        with pytest.raises(MissingModelError, match="onnx"):
            load_points(path, NETS[entry], RuntimeChoice(kind))
        from eyeline.models.nets.onnx_export import export_to_onnx

        export_to_onnx(path)
    net, published = load_points(path, NETS[entry], RuntimeChoice(kind)), load_points(path, NETS[entry])
    assert isinstance(published, LiteRtPoints)
    assert net.input_shape == published.input_shape == entry.input_shape
    for name, tensor in pictures(entry.input_shape):
        wanted, found = published.run(tensor), net.run(tensor)
        assert [each.size for each in found] == list(NETS[entry])
        for one, other in zip(wanted, found, strict=True):
            scale = max(1.0, float(np.abs(one).max()))
            assert np.abs(one - other).max() < TOLERANCE * scale, name
    net.close()
    with pytest.raises(InferenceError, match="closed"):
        net.run(np.zeros(entry.input_shape, np.float32))


class _Row:
    input_shape = (1, 2, 2, 3)

    def run(self, tensor):
        return np.arange(5, dtype=np.float32)[None]

    def close(self) -> None:
        pass


def test_outputs_are_split_and_must_be_as_many_as_there_are():
    first, second = SplitPoints(_Row(), (3, 2)).run(np.zeros(_Row.input_shape, np.float32))
    assert (first.tolist(), second.tolist()) == ([0, 1, 2], [3, 4])
    with pytest.raises(InferenceError, match="5 values instead of 4"):
        SplitPoints(_Row(), (3, 1)).run(np.zeros(_Row.input_shape, np.float32))
