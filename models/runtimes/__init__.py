"""What runs networks: one small protocol, and LiteRT behind it."""

from __future__ import annotations

from pathlib import Path

from eyeline.models.runtimes.base import Runtime
from eyeline.models.runtimes.litert import LiteRtRuntime

__all__ = ["Runtime", "load_runtime"]


def load_runtime(path: Path) -> Runtime:
    """Load the weights of a file, ready to run. Blocks for some milliseconds.

    Raises:
        InferenceError: The file cannot be run.
    """
    return LiteRtRuntime(path)
