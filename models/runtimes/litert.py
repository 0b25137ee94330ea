"""Networks on the CPU by LiteRT, which reads a `.tflite` as published.

One thread: a second one saves under a millisecond here and takes the core that the encoder needs. The default
delegate (XNNPACK) must stay on: it alone knows the custom transposed convolution of the selfie networks.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from eyeline.models.errors import InferenceError
from eyeline.models.runtimes.base import Runtime

_HINT = "Run: eyeline models verify"


def load_runtime(path: Path) -> Runtime:
    """Load the weights of a file, ready to run. Blocks for some milliseconds.

    Raises:
        InferenceError: The file cannot be run.
    """
    return LiteRtRuntime(path)


class LiteRtRuntime:
    """A `Runtime` over one `.tflite` file.

    Args:
        path: The file; LiteRT maps it, so it must stay as it is while this is open.
        threads: Of the inference.

    Raises:
        InferenceError: The file is no network of one float32 input and one float32 output, or LiteRT is missing.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self._name = path.name
        self._interpreter: Any = _load(path, threads)
        self._input = _only(path, self._interpreter.get_input_details(), "input")
        self._output = _only(path, self._interpreter.get_output_details(), "output")

    @property
    def input_shape(self) -> tuple[int, ...]:
        """NHWC."""
        return tuple(int(side) for side in self._input["shape"])

    def run(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `Runtime.run`."""
        if self._interpreter is None:
            raise InferenceError(f"{self._name} is closed.")
        if tensor.shape != self.input_shape or tensor.dtype != np.float32:
            raise InferenceError(
                f"{self._name} takes float32 of {self.input_shape}, not {tensor.dtype} of {tensor.shape}."
            )
        try:
            self._interpreter.set_tensor(self._input["index"], tensor)
            self._interpreter.invoke()
            return np.asarray(self._interpreter.get_tensor(self._output["index"]), np.float32)
        except (RuntimeError, ValueError) as error:
            raise InferenceError(f"{self._name} failed: {_line(error)}.", hint=_HINT) from error

    def close(self) -> None:
        """Free the network."""
        self._interpreter = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _load(path: Path, threads: int) -> Any:
    try:
        # Here, because the import takes a while and many commands never run a network.
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise InferenceError(
            f"LiteRT cannot be loaded: {_line(error)}.",
            hint="Run: python -m pip install --force-reinstall ai-edge-litert",
        ) from error
    try:
        interpreter = Interpreter(model_path=str(path), num_threads=threads)
        interpreter.allocate_tensors()
    except (RuntimeError, ValueError, OSError) as error:
        raise InferenceError(f"{path} cannot be loaded: {_line(error)}.", hint=_HINT) from error
    return interpreter


def _only(path: Path, tensors: list[dict[str, Any]], what: str) -> dict[str, Any]:
    """The one input or output, whose values must be float32."""
    if len(tensors) != 1 or tensors[0]["dtype"] is not np.float32:
        found = ", ".join(np.dtype(tensor["dtype"]).name for tensor in tensors)
        raise InferenceError(f"{path.name} must have one float32 {what}, but has: {found or 'none'}.")
    return tensors[0]


def _line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
