"""Published files as torch modules: what the mask nets do not use themselves, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from nets_lab import needs_torch, pictures, weights_file

from eyeline.models.errors import InferenceError, UnsupportedNetworkError
from eyeline.models.nets.tflite_graph import Graph, GraphTensor, Operation, read_graph
from eyeline.models.registry import SELFIE_SEGMENTATION, SELFIE_SEGMENTATION_LANDSCAPE

torch = needs_torch()

from eyeline.models.nets.graph_net import GraphNet, load_graph_net  # noqa: E402 - needs torch
from eyeline.models.nets.layers import same_padding  # noqa: E402

IMAGE = np.random.default_rng(3).standard_normal((1, 5, 7, 2)).astype(np.float32)


def graph(shape, *steps):
    """A graph of steps one after the other: `(kind, options, constants, shape of the result)`."""
    tensors = [GraphTensor("in", tuple(IMAGE.shape), None)]
    operations = []
    before = 0
    for kind, options, constants, result in steps:
        numbers = []
        for constant in constants:
            numbers.append(len(tensors))
            tensors.append(GraphTensor("constant", np.shape(constant), np.asarray(constant)))
        tensors.append(GraphTensor("out", result, None))
        operations.append(Operation(kind, (before, *numbers), len(tensors) - 1, options))
        before = len(tensors) - 1
    assert tensors[-1].shape == shape
    return Graph("made.tflite", tuple(tensors), tuple(operations), (0,), (before,))


def ran(made, image=IMAGE):
    """The result, laid out as the file says."""
    with torch.inference_mode():
        (result,) = GraphNet(made)(torch.from_numpy(image).permute(0, 3, 1, 2))
    return (result.permute(0, 2, 3, 1) if result.dim() == 4 else result).numpy()


def test_several_people_at_once_are_each_as_alone():
    net = load_graph_net(weights_file(SELFIE_SEGMENTATION_LANDSCAPE))
    one, other, _ = (torch.from_numpy(tensor) for _, tensor in pictures(net.input_shape))
    with torch.inference_mode():
        (both,) = net(torch.cat((one, other)).permute(0, 3, 1, 2))
        (alone,) = net(other.permute(0, 3, 1, 2))
    assert both.shape == (2, 1, 144, 256)
    np.testing.assert_allclose(both[1:], alone, atol=1e-4)
    assert float((both[0] - both[1]).abs().max()) > 0.9


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "sides"),
    [
        ((256, 256), (3, 3), (2, 2), (0, 1, 0, 1)),
        ((144, 256), (3, 3), (1, 1), (1, 1, 1, 1)),
        ((5, 7), (2, 4), (2, 1), (1, 2, 0, 1)),
        ((4, 4), (1, 1), (4, 4), (0, 0, 0, 0)),
    ],
)
def test_padding_is_that_of_tensorflow(size, kernel, stride, sides):
    assert same_padding(size, kernel, stride) == sides


def test_the_largest_of_a_window_is_never_its_padding():
    options = {"stride_h": 2, "stride_w": 2, "filter_h": 2, "filter_w": 2, "padding_same": True, "activation": 0}
    image = -np.abs(IMAGE)
    padded = np.pad(image, ((0, 0), (0, 1), (0, 1), (0, 0)), constant_values=-math.inf)
    wanted = padded.reshape(1, 3, 2, 4, 2, 2).max(axis=(2, 4))
    made = graph((1, 3, 4, 2), ("MAX_POOL_2D", options, (), (1, 3, 4, 2)))
    np.testing.assert_array_equal(ran(made, image), wanted)


def test_numbers_are_counted_as_tensorflow_counts_them():
    flat = graph((1, 35, 2), ("RESHAPE", {}, (np.array([1, 35, 2]),), (1, 35, 2)))
    np.testing.assert_array_equal(ran(flat), IMAGE.reshape(1, 35, 2))
    back = graph(
        (1, 7, 5, 2),
        ("RESHAPE", {}, (np.array([1, 35, 2]),), (1, 35, 2)),
        ("RESHAPE", {}, (np.array([1, 7, 5, 2]),), (1, 7, 5, 2)),
    )
    np.testing.assert_array_equal(ran(back), IMAGE.reshape(1, 7, 5, 2))


def test_padding_slopes_and_constants_reach_the_right_channels():
    slopes, add = np.array([[[0.5, 3.0]]], np.float32), np.array([[[[1.0, -1.0]]]], np.float32)
    rows = np.array([[0, 0], [0, 1], [2, 0], [0, 1]], np.int32)
    made = graph(
        (1, 6, 9, 3),
        ("PRELU", {}, (slopes,), (1, 5, 7, 2)),
        ("ADD", {"activation": 3}, (add,), (1, 5, 7, 2)),
        ("PAD", {}, (rows,), (1, 6, 9, 3)),
    )
    image = IMAGE * np.float32(4)
    activated = np.clip(np.where(image < 0, image * slopes, image) + add, 0, 6)
    assert activated.max() == 6
    np.testing.assert_allclose(ran(made, image), np.pad(activated, rows), atol=1e-6)


def test_the_mean_and_a_convolution_without_bias_are_what_they_say():
    weight = np.random.default_rng(4).standard_normal((3, 3, 3, 2)).astype(np.float32)
    options = {"stride_h": 1, "stride_w": 1, "dilation_h": 1, "dilation_w": 1, "padding_same": False, "activation": 1}
    made = graph(
        (1, 1, 1, 3),
        ("CONV_2D", options, (weight,), (1, 3, 5, 3)),
        ("MEAN", {"keep_dims": True}, (np.array([1, 2], np.int32),), (1, 1, 1, 3)),
    )
    windows = np.lib.stride_tricks.sliding_window_view(IMAGE, (3, 3), axis=(1, 2))  # 1, 3, 5, channels, 3, 3
    wanted = np.maximum(np.einsum("nrcixy,oxyi->nrco", windows, weight), 0).mean(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(ran(made), wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "options", "constants"),
    [
        ("SOFTMAX", {}, ()),
        ("ADD", {"activation": 4}, (np.float32(1),)),
        ("RESIZE_BILINEAR", {"align_corners": False, "half_pixel": False}, (np.array([5, 7]),)),
        ("MEAN", {}, (np.array([3]),)),
        ("PRELU", {}, (np.ones((5, 7, 2), np.float32),)),
        ("CONV_2D", {}, (np.ones((1, 1, 1, 2), np.float32),)),
    ],
)
def test_what_is_not_known_is_refused_by_name(kind, options, constants):
    made = graph((1, 5, 7, 2), (kind, options, constants, (1, 5, 7, 2)))
    with pytest.raises(UnsupportedNetworkError, match=kind) as caught:
        GraphNet(made)
    assert "litert" in caught.value.hint


def test_files_that_are_no_network_are_errors_of_one_line(tmp_path):
    content = weights_file(SELFIE_SEGMENTATION).read_bytes()
    file = tmp_path / "some.tflite"
    for damaged in (b"", b"no network", b"\x1c\0\0\0TFL3", b"\x1c\0\0\0TFL3" + bytes(1000), content[:200_000]):
        file.write_bytes(damaged)
        with pytest.raises(InferenceError, match=r"some\.tflite") as caught:
            load_graph_net(file)
        assert "\n" not in str(caught.value)


def test_a_file_is_read_as_it_is():
    read = read_graph(weights_file(SELFIE_SEGMENTATION))
    kinds = [operation.kind for operation in read.operations]
    assert (kinds.count("CONV_2D"), kinds.count("DEPTHWISE_CONV_2D")) == (43, 11)
    assert kinds[-2:] == ["Convolution2DTransposeBias", "LOGISTIC"]
    assert read.operations[-2].options == {"padding_same": True, "stride_w": 2, "stride_h": 2}
    assert read.tensors[read.outputs[0]].shape == (1, 256, 256, 1)
    weights = [tensor.data for tensor in read.tensors if tensor.data is not None]
    assert all(data.dtype in (np.float32, np.int32) for data in weights)
