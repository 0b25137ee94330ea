"""Real nets and real pictures for the runtimes, and weights in the shape of Streamix's file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from eyeline.models.registry import ModelEntry
from eyeline.models.store import ModelStatus, ModelStore, default_directory


def needs_torch() -> Any:
    """The module; skips the test where the extra is missing."""
    torch = pytest.importorskip("torch", reason="needs eyeline[torch]")
    torch.set_num_threads(1)  # threads that wait for each other on a busy machine take a hundred times as long
    return torch


def needs_onnx() -> None:
    """Skips the test where the extra is missing."""
    for package in ("onnx", "onnxruntime"):
        pytest.importorskip(package, reason="needs eyeline[onnx]")


def weights_file(entry: ModelEntry) -> Path:
    """Of a registered net; skips the test where it was never fetched."""
    store = ModelStore(default_directory())
    if store.status(entry.name) is not ModelStatus.READY:
        pytest.skip("the weights are not here: run eyeline models fetch")
    return store.path(entry.name)


def pictures(shape: tuple[int, ...]) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Inputs of a net, NHWC in [0, 1]: a person, a room without one, noise."""
    data = pytest.importorskip("skimage.data")
    size_px = shape[2], shape[1]
    for name in ("astronaut", "coffee"):
        small = cv2.resize(getattr(data, name)(), size_px, interpolation=cv2.INTER_AREA)
        yield name, (small[None] / 255).astype(np.float32)
    yield "noise", np.random.default_rng(1).random(shape, np.float32)


def matting_file(path: Path, *, seed: int = 0, legacy: bool = True, **changed: Any) -> dict[str, Any]:
    """Write random weights of Fast Deep Matting as Streamix's file has them, and give them.

    Args:
        path: Written.
        seed: Of the numbers.
        legacy: The format of 2019, before torch wrote zip files.
        changed: Replace weights by name, with `__` for the dot; `None` leaves one out.
    """
    torch = needs_torch()
    torch.manual_seed(seed)
    weights = {}
    for name, shape in streamix_shapes().items():
        if name.endswith(("running_var", "bn.weight", ".1.weight")) and len(shape) == 1:
            weights[name] = torch.rand(shape) + 0.5
        else:
            weights[name] = torch.randn(shape) * (0.3 if len(shape) == 1 else 0.2)
    for name, value in changed.items():
        weights.pop(name.replace("__", "."))
        if value is not None:
            weights[name.replace("__", ".")] = value
    torch.save(weights, path, _use_new_zipfile_serialization=not legacy)
    return weights


def streamix_shapes() -> dict[str, tuple[int, ...]]:
    """Names and shapes as they were read from `only_params.pth` (276 of them, 829,225 numbers that were trained)."""
    widths, pieces = (12, 24, 48, 96, 192), ((3,), (3,), (3,), (6, 6), (6, 6))
    shapes: dict[str, tuple[int, ...]] = {}

    def norm(prefix: str, channels: int) -> None:
        for part in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{prefix}.{part}"] = (channels,)

    def projection(prefix: str, before: int, after: int) -> None:
        shapes[f"{prefix}.0.weight"] = (after, before, 3, 3)
        norm(f"{prefix}.1", after)
        shapes[f"{prefix}.2.weight"] = (after,)

    def block(prefix: str, channels: int, count: int) -> None:
        growth = channels // count
        shapes[f"{prefix}.conv.weight"] = (growth, channels, 1, 1)
        for layer in range(count - 1):
            shapes[f"{prefix}.dense_block.dense_layers.{layer}.conv.weight"] = (growth, growth * (layer + 1), 3, 3)
            norm(f"{prefix}.dense_block.dense_layers.{layer}.bn", growth)
        norm(f"{prefix}.bn", channels)
        shapes[f"{prefix}.act.weight"] = (channels,)

    projection("seg_extract.head_conv", 3, 12)
    for level, (width, counts) in enumerate(zip(widths, pieces, strict=True)):
        if level:
            before = {1: 15, 2: 51, 3: 99, 4: 195}[level]
            norm(f"seg_extract.ba_{level}.0", before)
            shapes[f"seg_extract.ba_{level}.1.weight"] = (before,)
            projection(f"seg_extract.down_{level}", before, width)
        for place, count in enumerate(counts):
            block(f"seg_extract.stage_{level}" + (f".{place}" if len(counts) > 1 else ""), width, count)
    shapes["seg_extract.classifier.weight"] = (2, 192, 1, 1)
    shapes["seg_extract.prelu.weight"] = (2,)
    for level in range(4):
        projection(f"seg_extract.stage{level}_down", widths[level], 2)
        norm(f"seg_extract.bn{level}", 2)
        shapes[f"seg_extract.conv_{level}.weight"] = (2, 2, 3, 3)
    shapes |= {"convF1.weight": (8, 11, 3, 3), "convF1.bias": (8,)}
    norm("bn", 8)
    return shapes | {"convF2.weight": (3, 8, 3, 3), "convF2.bias": (3,)}
