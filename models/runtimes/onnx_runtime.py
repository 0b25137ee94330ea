"""Networks on the CPU by ONNX Runtime, which runs what `eyeline models export` has written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from eyeline.models.errors import InferenceError, MissingModelError, RuntimeMissingError
from eyeline.models.runtimes.base import CheckedRuntime, Tensor, one_line

_EXPORT = "Run: eyeline models export"


class OnnxRuntime(CheckedRuntime):
    """A `Runtime` over one `.onnx` file.

    Args:
        path: The file.
        threads: Of the inference.

    Raises:
        RuntimeMissingError: ONNX Runtime is not installed.
        MissingModelError: There is no such file.
        InferenceError: The file is no network of one float32 input and one float32 output.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self._session: Any = _load(path, threads)
        self._input = _only(path, self._session.get_inputs(), "input")
        _only(path, self._session.get_outputs(), "output")
        super().__init__(path.name, tuple(self._input.shape), _EXPORT)

    def _infer(self, tensor: Tensor) -> Tensor:
        (result,) = self._session.run(None, {self._input.name: tensor})
        return np.asarray(result, np.float32)

    def _free(self) -> None:
        self._session = None


def _load(path: Path, threads: int) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise RuntimeMissingError(
            f"ONNX Runtime cannot be loaded: {one_line(error)}.",
            hint="Install the extra eyeline[onnx], or run: python -m pip install onnxruntime onnx",
        ) from error
    if not path.is_file():
        raise MissingModelError(f"There is no {path}.", hint=f"{_EXPORT} (it needs eyeline[torch,onnx])")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = threads
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no base of their own
        raise InferenceError(f"{path} cannot be loaded: {one_line(error)}.", hint=f"Remove it. {_EXPORT}") from error


def _only(path: Path, tensors: list[Any], what: str) -> Any:
    """The one input or output, whose values must be float32, of a known shape."""
    if len(tensors) != 1 or tensors[0].type != "tensor(float)" or not all(type(s) is int for s in tensors[0].shape):
        found = ", ".join(f"{tensor.type} of {tensor.shape}" for tensor in tensors)
        raise InferenceError(f"{path.name} must have one float32 {what}, but has: {found or 'none'}.")
    return tensors[0]
