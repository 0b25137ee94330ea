"""Networks on the CPU by LiteRT, which reads a `.tflite` as published.

One thread: a second one saves under a millisecond here and takes the core that the encoder needs. The default
delegate (XNNPACK) must stay on: it alone knows the custom transposed convolution of the selfie networks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from eyeline.models.errors import InferenceError, RuntimeMissingError
from eyeline.models.runtimes.base import CheckedRuntime, Tensor, one_line

_HINT = "Run: eyeline models verify"


class LiteRtRuntime(CheckedRuntime):
    """A `Runtime` over one `.tflite` file.

    Args:
        path: The file; LiteRT maps it, so it must stay as it is while this is open.
        threads: Of the inference.

    Raises:
        RuntimeMissingError: LiteRT cannot be imported.
        InferenceError: The file is no network of one float32 input and one float32 output.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self._interpreter: Any = load_interpreter(path, threads)
        self._input = _only(path, self._interpreter.get_input_details(), "input")
        self._output = _only(path, self._interpreter.get_output_details(), "output")
        super().__init__(path.name, tuple(int(side) for side in self._input["shape"]), _HINT)

    def _infer(self, tensor: Tensor) -> Tensor:
        self._interpreter.set_tensor(self._input["index"], tensor)
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._output["index"]), np.float32)

    def _free(self) -> None:
        self._interpreter = None


def load_interpreter(path: Path, threads: int) -> Any:
    """LiteRT itself, ready to run; the one way in which files are opened.

    Raises:
        InferenceError: The file cannot be loaded, or LiteRT is missing.
    """
    try:
        # Here, because the import takes a while and many commands never run a network.
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise RuntimeMissingError(
            f"LiteRT cannot be loaded: {one_line(error)}.",
            hint="Run: python -m pip install --force-reinstall ai-edge-litert",
        ) from error
    try:
        interpreter = Interpreter(model_path=str(path), num_threads=threads)
        interpreter.allocate_tensors()
    except (RuntimeError, ValueError, OSError) as error:
        raise InferenceError(f"{path} cannot be loaded: {one_line(error)}.", hint=_HINT) from error
    return interpreter


def _only(path: Path, tensors: list[dict[str, Any]], what: str) -> dict[str, Any]:
    """The one input or output, whose values must be float32."""
    if len(tensors) != 1 or tensors[0]["dtype"] is not np.float32:
        found = ", ".join(np.dtype(tensor["dtype"]).name for tensor in tensors)
        raise InferenceError(f"{path.name} must have one float32 {what}, but has: {found or 'none'}.")
    return tensors[0]
