"""Networks with several outputs, by LiteRT: those of faces, which give points and how sure they are."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from eyeline.models.errors import InferenceError
from eyeline.models.runtimes.base import one_line
from eyeline.models.runtimes.litert import load_interpreter


class PointsRuntime(Protocol):
    """One loaded network with one input and several outputs; for the rest as `Runtime`."""

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The one shape that `run` takes, NHWC."""

    def run(self, tensor: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Run the network once.

        Args:
            tensor: `float32` of `input_shape`, NHWC; it is not kept.

        Returns:
            All outputs, largest first, each flat; the caller's own.

        Raises:
            InferenceError: The tensor does not fit, the runtime failed or is closed.
        """

    def close(self) -> None:
        """Free the network. Harmless when repeated."""


class LiteRtPoints:
    """A `PointsRuntime` over one `.tflite` file, on one thread.

    Args:
        path: The file; LiteRT maps it, so it must stay as it is while this is open.

    Raises:
        InferenceError: The file is no network of one input, all float32, or LiteRT is missing.
    """

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._interpreter: Any = load_interpreter(path, 1)
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        if len(inputs) != 1 or any(tensor["dtype"] is not np.float32 for tensor in (*inputs, *outputs)):
            raise InferenceError(f"{path.name} must have one input, and all of it in float32.")
        self._input = inputs[0]
        self._outputs = sorted(outputs, key=lambda tensor: -int(np.prod(tensor["shape"])))

    @property
    def input_shape(self) -> tuple[int, ...]:
        """NHWC."""
        return tuple(int(side) for side in self._input["shape"])

    def run(self, tensor: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """See `PointsRuntime.run`."""
        if self._interpreter is None:
            raise InferenceError(f"{self._name} is closed.")
        if tensor.shape != self.input_shape or tensor.dtype != np.float32:
            raise InferenceError(
                f"{self._name} takes float32 of {self.input_shape}, not {tensor.dtype} of {tensor.shape}."
            )
        try:
            self._interpreter.set_tensor(self._input["index"], tensor)
            self._interpreter.invoke()
            outputs = [self._interpreter.get_tensor(output["index"]) for output in self._outputs]
        except (RuntimeError, ValueError) as error:
            raise InferenceError(
                f"{self._name} failed: {one_line(error)}.", hint="Run: eyeline models verify"
            ) from error
        return tuple(np.asarray(output, np.float32).reshape(-1) for output in outputs)

    def close(self) -> None:
        """Free the network."""
        self._interpreter = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
