"""What runs networks: one small protocol, with LiteRT, torch or ONNX Runtime behind it."""

from eyeline.models.runtimes.base import Runtime
from eyeline.models.runtimes.choice import RuntimeChoice, RuntimeKind, load_runtime

__all__ = ["Runtime", "RuntimeChoice", "RuntimeKind", "load_runtime"]
