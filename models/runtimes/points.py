"""Networks with several outputs by whatever library was asked for: those of faces."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eyeline.models.errors import InferenceError
from eyeline.models.runtimes.base import Runtime
from eyeline.models.runtimes.choice import Makers, RuntimeChoice
from eyeline.models.runtimes.litert_outputs import LiteRtPoints, PointsRuntime


class SplitPoints:
    """A `PointsRuntime` over a network whose outputs were joined.

    Args:
        joined: Gives all outputs in a row, largest first, as `(1, count)`.
        sizes: Of each.
    """

    def __init__(self, joined: Runtime, sizes: Sequence[int]) -> None:
        self._joined = joined
        self._sizes = tuple(sizes)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """NHWC."""
        return self._joined.input_shape

    def run(self, tensor: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """See `PointsRuntime.run`."""
        row = self._joined.run(tensor).reshape(-1)
        if row.size != sum(self._sizes):
            raise InferenceError(f"A network gave {row.size} values instead of {sum(self._sizes)}.")
        return tuple(np.split(row, np.cumsum(self._sizes)[:-1]))

    def close(self) -> None:
        """See `PointsRuntime.close`."""
        self._joined.close()


def load_points(path: Path, sizes: Sequence[int], choice: RuntimeChoice | None = None) -> PointsRuntime:
    """Load the weights of a `.tflite` with several outputs; raises what `load_runtime` does.

    Args:
        path: The file. For ONNX Runtime, its export is looked for beside it.
        sizes: Of the outputs, largest first.
        choice: What is to run it.
    """

    def by_torch(path: Path, device: str) -> PointsRuntime:
        from eyeline.models.runtimes.torch_runtime import load_joined_runtime

        return SplitPoints(load_joined_runtime(path, device), sizes)

    def by_onnx(path: Path) -> PointsRuntime:
        from eyeline.models.runtimes.onnx_runtime import OnnxRuntime

        return SplitPoints(OnnxRuntime(path), sizes)

    makers: Makers[PointsRuntime] = Makers(LiteRtPoints, by_torch, by_onnx)
    return makers.load(path, choice or RuntimeChoice())
