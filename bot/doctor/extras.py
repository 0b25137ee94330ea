"""What is optional: libraries that are found without importing them here, and what they see of a GPU."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Final

from eyeline.bot.doctor.diagnosis import Diagnosis, Patient, ok, warn

_TIMEOUT_S: Final = 60.0  # torch takes many seconds the first time

_TORCH: Final = """
import json, torch
cuda = torch.cuda.is_available()
mps = getattr(torch.backends, "mps", None)
print(json.dumps({
    "version": torch.__version__,
    "gpu": torch.cuda.get_device_name(0) if cuda else "Apple GPU" if mps and mps.is_available() else "",
}))
"""
_ONNX: Final = """
import json, onnxruntime
others = [name for name in onnxruntime.get_available_providers() if name != "CPUExecutionProvider"]
print(json.dumps({"version": onnxruntime.__version__, "gpu": ", ".join(others)}))
"""
PROBES: Final[Mapping[str, str]] = {"torch": _TORCH, "onnxruntime": _ONNX}


def check_extras(_: Patient) -> Iterator[Diagnosis]:
    """Each library: whether it is there and works. None is needed."""
    for library, probe in PROBES.items():
        yield look_at(library, probe)


def look_at(library: str, probe: str) -> Diagnosis:
    """One library.

    Args:
        library: Its name to import.
        probe: A program that prints `version` and `gpu` as JSON; run apart, since it may take long or crash.
    """
    if importlib.util.find_spec(library) is None:
        return ok(library, "Not installed. It is optional: the picture is made on the CPU without it.")
    reinstall = f"Install it anew, or remove it: pip uninstall {library}"
    try:
        told = subprocess.run(  # noqa: S603 - a program of ours
            [sys.executable, "-c", probe], capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
        facts = json.loads(told.stdout)
    except subprocess.TimeoutExpired:
        return warn(library, f"It is installed, but does not answer within {_TIMEOUT_S:.0f} s.", reinstall)
    except ValueError:
        last = (told.stderr.strip().splitlines() or [f"exit code {told.returncode}"])[-1]
        return warn(library, f"It is installed, but cannot be used: {last}", reinstall)
    gpu = f"it sees {facts['gpu']}" if facts["gpu"] else "it sees no GPU"
    return ok(library, f"Version {facts['version']}; {gpu}.", version=facts["version"], gpu=facts["gpu"])
