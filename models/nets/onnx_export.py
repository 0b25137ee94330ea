"""Networks from torch to ONNX, for ONNX Runtime. Imports torch. Blocks for seconds."""

from __future__ import annotations

import importlib.util
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch

from eyeline.models import files
from eyeline.models.errors import InferenceError, RuntimeMissingError
from eyeline.models.runtimes.choice import onnx_path
from eyeline.models.runtimes.onnx_runtime import OnnxRuntime
from eyeline.models.runtimes.torch_runtime import load_net

LARGEST_ERROR = 1e-3
_OPSET = 17


def export_to_onnx(tflite: Path) -> Path:
    """Write the ONNX form of a `.tflite` beside it, where it is not there yet.

    What is written is run first and compared with torch on noise; it appears whole or not at all.

    Args:
        tflite: The published file; its hash becomes part of the name, so that no stale export is ever used.

    Returns:
        The file.

    Raises:
        RuntimeMissingError: ONNX Runtime, or the package `onnx` or `tflite`, is missing.
        InferenceError: The network cannot be read or exported, or the export computes something else.
        StorageError: The file cannot be written.
    """
    target = onnx_path(tflite)
    if target.is_file():
        return target
    _require_onnx()
    module, input_shape = load_net(tflite)
    noise = np.random.default_rng(0).random(input_shape, np.float32)
    with torch.inference_mode():
        wanted = module(torch.from_numpy(noise)).numpy()
    with files.storage_errors(target.parent):
        with tempfile.TemporaryDirectory(prefix=files.TEMPORARY_PREFIX, dir=target.parent) as folder:
            trial = Path(folder) / target.name
            _export(module, input_shape, trial)
            with OnnxRuntime(trial) as runtime:
                error = float(np.abs(runtime.run(noise) - wanted).max())
            content = trial.read_bytes()
        if not error < LARGEST_ERROR:
            raise InferenceError(
                f"The ONNX form of {tflite.name} is off by {error:.2g}, so it is not kept.",
                hint="Use another version of torch, or the runtime litert.",
            )
        files.place(target, content)
    return target


def _require_onnx() -> None:
    """Torch asks for it in the middle of its work, with an error of its own."""
    if importlib.util.find_spec("onnx") is None:
        raise RuntimeMissingError(
            "Writing ONNX needs the package onnx, which is not installed.",
            hint="Install the extra eyeline[onnx], or run: python -m pip install onnxruntime onnx",
        )


def _export(module: torch.nn.Module, input_shape: tuple[int, ...], target: Path) -> None:
    """By torch's older exporter: its successor takes half a minute and needs onnxscript besides."""
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            (torch.zeros(input_shape),),
            target,
            dynamo=False,
            opset_version=_OPSET,
            input_names=["image"],
            output_names=["mask"],
        )
