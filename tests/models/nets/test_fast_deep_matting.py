"""Streamix's network, with weights of our own in the shape of its file: the originals may not be shipped."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from nets_lab import matting_file, needs_torch, pictures, streamix_shapes

from eyeline.models.errors import InferenceError, MaskModelError, RuntimeMissingError
from eyeline.models.runtimes.matting import load_mask_model

torch = needs_torch()

from eyeline.models.nets.fast_deep_matting import MEAN_BGR, FastDeepMatting  # noqa: E402 - needs torch
from eyeline.models.nets.matting_weights import load_matting_net  # noqa: E402

SHAPE = (1, 256, 256, 3)


@pytest.fixture
def image():
    torch.manual_seed(7)
    return torch.randn(2, 3, 64, 96) * 0.3


def with_last_word(tmp_path, of_person, of_room, offset):
    """A network whose feathering block says the same everywhere."""
    file = tmp_path / "w.pth"
    zeros = torch.zeros(streamix_shapes()["convF2.weight"])
    matting_file(file, convF2__weight=zeros, convF2__bias=torch.tensor((of_person, of_room, offset)))
    return file


def test_parameters_are_those_of_the_file():
    net = FastDeepMatting()
    own = {name: tuple(value.shape) for name, value in net.state_dict().items() if "num_batches" not in name}
    assert own == streamix_shapes()
    assert len(own) == 276
    assert sum(parameter.numel() for parameter in net.parameters()) == 829_225


@pytest.mark.parametrize("legacy", [True, False])
def test_every_number_of_the_file_arrives(tmp_path, legacy):
    weights = matting_file(tmp_path / "w.pth", legacy=legacy)
    state = load_matting_net(tmp_path / "w.pth").state_dict()
    assert all(torch.equal(state[name], value) for name, value in weights.items())


def test_weights_under_a_name_of_their_own_and_counters_of_training_are_taken(tmp_path):
    weights = matting_file(tmp_path / "w.pth")
    counters = {"bn.num_batches_tracked": torch.tensor(5)}
    torch.save({"epoch": 3, "state_dict": weights | counters}, tmp_path / "w.pth")
    assert torch.equal(load_matting_net(tmp_path / "w.pth").state_dict()["convF1.bias"], weights["convF1.bias"])


def test_the_feathering_block_has_the_last_word(tmp_path, image):
    file = with_last_word(tmp_path, 1.0, 0.0, 0.0)
    with torch.inference_mode():
        person = load_matting_net(file, feathered=False)(image)
        of_person = load_matting_net(file)(image)
        of_room = load_matting_net(with_last_word(tmp_path, 0.0, 1.0, 0.0))(image)
        plain = load_matting_net(with_last_word(tmp_path, 0.0, 0.0, 2.0))(image)
    assert person.shape == (2, 1, 64, 96)
    assert float(person.std()) > 0.01
    np.testing.assert_allclose(of_person, torch.sigmoid(person), atol=1e-6)
    np.testing.assert_allclose(of_room, torch.sigmoid(1 - person), atol=1e-6)
    np.testing.assert_allclose(plain, np.full(plain.shape, 1 / (1 + np.exp(-2)), np.float32), atol=1e-6)


def test_the_feathering_block_sees_the_picture(tmp_path, image):
    matting_file(tmp_path / "w.pth")
    net = load_matting_net(tmp_path / "w.pth")
    seen = []
    net.convF1.register_forward_hook(lambda _, given, __: seen.append(given[0]))
    with torch.inference_mode():
        net(image)
        net.feathered = False
        person = net(image)
    (given,) = seen
    np.testing.assert_array_equal(given[:, :3], image)
    np.testing.assert_allclose(given[:, 3:5].sum(dim=1), np.ones((2, 64, 96)), atol=1e-6)
    np.testing.assert_array_equal(given[:, 4:5], person)
    np.testing.assert_array_equal(given[:, 5:8], image * image)
    np.testing.assert_array_equal(given[:, 8:], image * person)


def test_as_a_runtime_it_takes_pictures_as_the_others_do(tmp_path):
    matting_file(tmp_path / "w.pth")
    rgb = dict(pictures(SHAPE))["astronaut"]
    bgr = (rgb[..., ::-1] * 255 - np.array(MEAN_BGR)) / 255
    with torch.inference_mode():
        wanted = load_matting_net(tmp_path / "w.pth")(torch.tensor(bgr.transpose(0, 3, 1, 2), dtype=torch.float32))
    with load_mask_model(tmp_path / "w.pth") as runtime:
        assert runtime.input_shape == SHAPE
        found = runtime.run(rgb)
    np.testing.assert_allclose(found[..., 0], wanted[:, 0], atol=1e-4)


def test_nothing_in_a_file_is_run(tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "was-here"), "w"))

    torch.save({"convF1.bias": Evil()}, tmp_path / "evil.pth")
    with pytest.raises(MaskModelError, match="programs of others are not run"):
        load_matting_net(tmp_path / "evil.pth")
    assert not (tmp_path / "was-here").exists()


def test_a_whole_model_is_refused_and_the_right_file_named(tmp_path):
    torch.save(FastDeepMatting(), tmp_path / "model.pth")
    with pytest.raises(MaskModelError, match="whole program") as caught:
        load_matting_net(tmp_path / "model.pth")
    assert "only_params.pth" in caught.value.hint


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"convF2__bias": None}, r"lacks convF2\.bias"),
        ({"convF2__bias": torch.zeros(4)}, r"other shapes of convF2\.bias"),
        ({"convF2__bias": torch.tensor((1.0, float("nan"), 0.0))}, r"not a number in convF2\.bias"),
    ],
)
def test_numbers_that_do_not_fit_are_named(tmp_path, changed, words):
    matting_file(tmp_path / "w.pth", **changed)
    with pytest.raises(MaskModelError, match=words):
        load_matting_net(tmp_path / "w.pth")


def test_other_networks_and_other_files_are_refused_in_one_line(tmp_path):
    file = tmp_path / "some.pth"
    contents = [{"a": torch.zeros(1)}, [1, 2], {"a": 1}, torch.zeros(3)]
    for content in contents:
        torch.save(content, file)
        with pytest.raises(MaskModelError, match=r"some\.pth") as caught:
            load_matting_net(file)
        assert "\n" not in str(caught.value)
    whole = matting_file(file, legacy=False) and file.read_bytes()
    for damaged in (b"", b"text", b"PK\x03\x04" + bytes(50), whole[: len(whole) // 2], whole[:-30]):
        file.write_bytes(damaged)
        with pytest.raises(MaskModelError, match=r"some\.pth") as caught:
            load_matting_net(file)
        assert "\n" not in str(caught.value)
    for path in (tmp_path / "none.pth", tmp_path):
        with pytest.raises(MaskModelError, match="cannot be read"):
            load_matting_net(path)


def test_without_torch_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(RuntimeMissingError) as caught:
        load_mask_model(tmp_path / "w.pth")
    assert "eyeline[torch]" in caught.value.hint


def test_a_device_that_is_not_there_is_told(tmp_path):
    matting_file(tmp_path / "w.pth")
    with pytest.raises(InferenceError, match="cannot use cuda:99"):
        load_mask_model(tmp_path / "w.pth", "cuda:99")
