"""What runs networks: one small protocol, and LiteRT behind it."""

from eyeline.models.runtimes.base import Runtime
from eyeline.models.runtimes.litert import load_runtime

__all__ = ["Runtime", "load_runtime"]
