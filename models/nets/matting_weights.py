"""Weights of Fast Deep Matting, from a file that somebody brings. Imports torch."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from eyeline.models.errors import MaskModelError
from eyeline.models.nets.fast_deep_matting import MEAN_BGR, SIZE_PX, FastDeepMatting
from eyeline.models.runtimes.base import one_line
from eyeline.models.runtimes.torch_runtime import TorchRuntime

MAX_BYTES = 64 * 2**20
_COUNTER = "num_batches_tracked"  # of training, which old files do not have
_NAMED = 3
_HINT = "Give the parameters of Fast Deep Matting as Streamix has them: its file only_params.pth."


class _RgbIn(nn.Module):
    """The network for pictures as other runtimes take them: NHWC, RGB in [0, 1]; gives `(1, rows, columns, 1)`."""

    mean: Tensor

    def __init__(self, net: FastDeepMatting) -> None:
        super().__init__()
        self.net = net
        self.register_buffer("mean", torch.tensor(MEAN_BGR).reshape(1, 3, 1, 1) / 255)

    def forward(self, image: Tensor) -> Tensor:
        bgr = image.permute(0, 3, 1, 2).flip(1)
        alpha: Tensor = self.net(bgr - self.mean)
        return alpha.permute(0, 2, 3, 1)


def load_matting_net(path: Path, *, feathered: bool = True) -> FastDeepMatting:
    """The network with the weights of a file. Nothing in the file is run: only numbers are read.

    Args:
        path: What `torch.save` wrote of a `state_dict`, by itself or under the name `state_dict`.
        feathered: See `FastDeepMatting`.

    Raises:
        MaskModelError: The file is missing, is something else, or its numbers do not fit.
    """
    net = FastDeepMatting(feathered=feathered)
    weights = _weights(path, _read(path))
    wanted = {name: value for name, value in net.state_dict().items() if not name.endswith(_COUNTER)}
    _check(path, weights, wanted)
    net.load_state_dict(weights, strict=False)
    return net.eval()


def load_matting_runtime(path: Path, device: str = "cpu", *, feathered: bool = True) -> TorchRuntime:
    """The same, ready to run: takes `(1, 256, 256, 3)` RGB in [0, 1].

    Raises:
        MaskModelError: See `load_matting_net`.
        InferenceError: There is no such device.
    """
    module = _RgbIn(load_matting_net(path, feathered=feathered))
    return TorchRuntime(path.name, module, (1, SIZE_PX, SIZE_PX, 3), device)


def _read(path: Path) -> Any:
    try:
        size_bytes = path.stat().st_size
        return None if size_bytes > MAX_BYTES else torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise MaskModelError(
            f"{path} cannot be read: {error.strerror or one_line(error)}.", hint="Check the path."
        ) from error
    except Exception as error:  # a reader of pickles may fail in any way on what is none
        if isinstance(error, pickle.UnpicklingError) and "GLOBAL" in str(error):
            what = "holds a whole program and not parameters alone, and programs of others are not run"
        else:
            what = "is damaged or no file of torch's"
        raise MaskModelError(f"{path.name} {what}.", hint=_HINT) from error


def _weights(path: Path, content: Any) -> dict[str, Tensor]:
    if content is None:
        raise MaskModelError(f"{path.name} holds nothing, or more than {MAX_BYTES // 2**20} MiB.", hint=_HINT)
    if isinstance(content, Mapping) and isinstance(content.get("state_dict"), Mapping):
        content = content["state_dict"]
    if not isinstance(content, Mapping) or not all(isinstance(value, Tensor) for value in content.values()):
        raise MaskModelError(f"{path.name} holds no named parameters.", hint=_HINT)
    return {str(name): value for name, value in content.items() if not str(name).endswith(_COUNTER)}


def _check(path: Path, weights: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    for what, names in (("lacks", wanted.keys() - weights.keys()), ("has too much:", weights.keys() - wanted.keys())):
        if names:
            raise MaskModelError(f"{path.name} holds another network: it {what} {_some(names)}.", hint=_HINT)
    misshapen = {name for name, value in wanted.items() if value.shape != weights[name].shape}
    if misshapen:
        raise MaskModelError(f"{path.name} holds another network: other shapes of {_some(misshapen)}.", hint=_HINT)
    broken = {name for name, value in weights.items() if not (value.is_floating_point() and value.isfinite().all())}
    if broken:
        raise MaskModelError(f"{path.name} is damaged: what is not a number in {_some(broken)}.", hint=_HINT)


def _some(names: set[str]) -> str:
    shown = sorted(names)[:_NAMED]
    return ", ".join(shown) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
