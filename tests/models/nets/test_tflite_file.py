"""Networks of our own, written as `.tflite` and read by LiteRT and by our own reader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from eyeline.models.errors import UnsupportedNetworkError
from eyeline.models.nets import eye_patch as patch
from eyeline.models.nets.eye_flow import EyeFlowNet
from eyeline.models.nets.graph_net import GraphNet
from eyeline.models.nets.tflite_file import write_graph
from eyeline.models.nets.tflite_graph import Graph, GraphTensor, Operation, read_graph
from eyeline.models.runtimes.litert import LiteRtRuntime
from eyeline.models.training.gaze.export import EYES, tflite_of


def untrained() -> EyeFlowNet:
    torch.manual_seed(3)
    net = EyeFlowNet().eval()
    with torch.no_grad():
        net.leave.weight.mul_(10)
    return net


def test_litert_gives_torchs_numbers(tmp_path: Path) -> None:
    net, file = untrained(), tmp_path / "net.tflite"
    file.write_bytes(tflite_of(net))
    seen = np.random.default_rng(0).normal(0, 1, (EYES, 24, 32, patch.CHANNELS_IN)).astype(np.float32)
    image = torch.from_numpy(seen).permute(0, 3, 1, 2)
    with torch.inference_mode():
        wanted = net(image)
        read_back = GraphNet(read_graph(file))(image)[0]
    with LiteRtRuntime(file) as runtime:
        said = runtime.run(seen)
    assert wanted.std() > 0.05
    assert np.abs(said - wanted.permute(0, 2, 3, 1).numpy()).max() < 1e-3
    assert (read_back.reshape(wanted.shape) - wanted).abs().max() < 1e-3


def test_the_same_net_is_the_same_file() -> None:
    assert tflite_of(untrained()) == tflite_of(untrained())


def test_what_is_not_known_is_not_written() -> None:
    tensors = (GraphTensor("in", (1, 2, 2, 1), None), GraphTensor("out", (1, 2, 2, 1), None))
    graph = Graph("odd", tensors, (Operation("LOGISTIC", (0,), 1),), (0,), (1,))
    with pytest.raises(UnsupportedNetworkError, match="LOGISTIC"):
        write_graph(graph)
