"""Which library runs networks, and where."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Generic, TypeVar

from eyeline.models.errors import InferenceError, RuntimeMissingError
from eyeline.models.runtimes.base import Runtime, one_line
from eyeline.models.runtimes.litert import LiteRtRuntime

log = logging.getLogger(__name__)

Net = TypeVar("Net")

CPU = "cpu"


class RuntimeKind(Enum):
    """The libraries; all give the same numbers within 1e-3."""

    AUTO = "auto"
    LITERT = "litert"
    TORCH = "torch"
    ONNX = "onnx"


@dataclass(frozen=True, slots=True)
class RuntimeChoice:
    """What was asked for.

    Args:
        kind: `AUTO` is LiteRT on a CPU, and torch elsewhere, or where LiteRT cannot be imported.
        device: What torch calls it: `cpu`, `cuda`, `cuda:1`, `mps`; the other libraries know the CPU alone.
    """

    kind: RuntimeKind = RuntimeKind.AUTO
    device: str = CPU

    @property
    def on_cpu(self) -> bool:
        """Whether no accelerator is asked for."""
        return self.device == CPU

    @property
    def wants_torch(self) -> bool:
        """Whether torch is the one, wherever it is installed."""
        return self.kind is RuntimeKind.TORCH or (self.kind is RuntimeKind.AUTO and not self.on_cpu)


def load_runtime(path: Path, choice: RuntimeChoice | None = None) -> Runtime:
    """Load the weights of a `.tflite`, ready to run. Blocks for some milliseconds; for seconds where torch is imported.

    Args:
        path: The file. For ONNX Runtime, its export is looked for beside it.
        choice: What is to run it.

    Raises:
        RuntimeMissingError: What is to run it is not installed.
        InferenceError: The file cannot be run, or not there.
    """
    return Makers(LiteRtRuntime, _torch, _onnx).load(path, choice or RuntimeChoice())


@dataclass(frozen=True, slots=True)
class Makers(Generic[Net]):
    """What loads a network of one kind by each library.

    Args:
        litert: Of a file.
        torch: Of a file, on a device; torch can be imported when it is called.
        onnx: Of the export that belongs to a file.
    """

    litert: Callable[[Path], Net]
    torch: Callable[[Path, str], Net]
    onnx: Callable[[Path], Net]

    def load(self, path: Path, choice: RuntimeChoice) -> Net:
        """By the library that was asked for; raises what `load_runtime` does."""
        match choice.kind:
            case _ if choice.wants_torch:
                return self._by_torch(path, choice.device)
            case RuntimeKind.AUTO:
                return self._by_first_installed(path)
            case kind if not choice.on_cpu:
                raise InferenceError(
                    f"The runtime {kind.value} runs networks on the CPU alone, not on {choice.device}.",
                    hint="Set video.runtime to torch, or video.device to cpu.",
                )
            case RuntimeKind.LITERT:
                return self.litert(path)
            case RuntimeKind.ONNX:
                return self.onnx(onnx_path(path))
        raise AssertionError(choice.kind)

    def _by_first_installed(self, path: Path) -> Net:
        try:
            return self.litert(path)
        except RuntimeMissingError as missing:
            try:
                net = self._by_torch(path, CPU)
            except RuntimeMissingError:
                raise missing from None
            log.warning("%s Networks are run by torch instead, which takes more of the CPU.", missing.message)
            return net

    def _by_torch(self, path: Path, device: str) -> Net:
        require_torch("The runtime torch")
        return self.torch(path, device)


def onnx_path(tflite: Path) -> Path:
    """Where the ONNX export of a `.tflite` belongs: its name holds the hash of what was exported.

    Raises:
        InferenceError: The file cannot be read.
    """
    try:
        with tflite.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InferenceError(
            f"{tflite} cannot be loaded: {error.strerror or error}.", hint="Run: eyeline models verify"
        ) from error
    return tflite.with_name(f"{tflite.stem}.{digest[:12]}.onnx")


def _torch(path: Path, device: str) -> Runtime:
    # Here and below: an import costs time and memory, and most people need neither library.
    from eyeline.models.runtimes.torch_runtime import load_torch_runtime

    return load_torch_runtime(path, device)


def _onnx(path: Path) -> Runtime:
    from eyeline.models.runtimes.onnx_runtime import OnnxRuntime

    return OnnxRuntime(path)


def require_torch(what: str) -> None:
    """Import torch, which takes seconds the first time.

    Args:
        what: Needs it; for the error.

    Raises:
        RuntimeMissingError: It is not installed, or cannot be loaded.
    """
    try:
        import torch  # noqa: F401 - to tell its absence from a fault in what uses it
    except (ImportError, OSError) as error:
        absent = isinstance(error, ModuleNotFoundError) and error.name == "torch"
        why = "is not installed" if absent else f"cannot be loaded: {one_line(error)}"
        raise RuntimeMissingError(
            f"{what} needs torch, which {why}.",
            hint="Install the extra eyeline[torch], or run: python -m pip install torch tflite (5 GB on Linux)",
        ) from error
