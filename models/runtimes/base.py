"""What runs a network."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray


class Runtime(Protocol):
    """One loaded network with one input and one output.

    It belongs to one thread at a time: whoever loads it may hand it to another thread, but two must never be inside
    `run` together. `run` blocks for the whole inference, so the event loop must not call it.
    """

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The one shape that `run` takes, NHWC."""

    def run(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the network once.

        Args:
            tensor: `float32` of `input_shape`, NHWC; it is not kept.

        Returns:
            `float32`, NHWC; the caller's own.

        Raises:
            InferenceError: The tensor does not fit, the runtime failed or is closed.
        """

    def close(self) -> None:
        """Free the network. Harmless when repeated."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
