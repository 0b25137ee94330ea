"""What runs a network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from eyeline.models.errors import InferenceError

Tensor = NDArray[np.float32]


class Runtime(Protocol):
    """One loaded network with one input and one output.

    It belongs to one thread at a time: whoever loads it may hand it to another thread, but two must never be inside
    `run` together. `run` blocks for the whole inference, so the event loop must not call it.
    """

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The one shape that `run` takes, NHWC."""

    def run(self, tensor: Tensor) -> Tensor:
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


class CheckedRuntime(ABC):
    """What all kinds of `Runtime` have in common: the checks around an inference.

    Args:
        name: For errors.
        input_shape: NHWC.
        hint: What to do where an inference fails.
    """

    def __init__(self, name: str, input_shape: tuple[int, ...], hint: str) -> None:
        self._name = name
        self._input_shape = input_shape
        self._hint = hint
        self._closed = False

    @property
    def input_shape(self) -> tuple[int, ...]:
        """NHWC."""
        return self._input_shape

    def run(self, tensor: Tensor) -> Tensor:
        """See `Runtime.run`."""
        if self._closed:
            raise InferenceError(f"{self._name} is closed.")
        if tensor.shape != self._input_shape or tensor.dtype != np.float32:
            raise InferenceError(
                f"{self._name} takes float32 of {self._input_shape}, not {tensor.dtype} of {tensor.shape}."
            )
        try:
            return self._infer(tensor)
        except (RuntimeError, ValueError) as error:  # all of the libraries say it with one of these
            raise InferenceError(f"{self._name} failed: {one_line(error)}.", hint=self._hint) from error

    def close(self) -> None:
        """See `Runtime.close`."""
        if not self._closed:
            self._closed = True
            self._free()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def _infer(self, tensor: Tensor) -> Tensor:
        """Run the network; the result must be the caller's own."""

    @abstractmethod
    def _free(self) -> None:
        """Let go of the network; called once."""


def one_line(error: Exception) -> str:
    """What a library says, fit for the middle of a line."""
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
