"""What the fork server does ahead of its workers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_SCRIPT = """
import importlib, os
importlib.import_module("eyeline.processing.worker.preload")
from eyeline.processing.kernels.band_blend import blend_planes
print(len(os.listdir("/proc/self/task")), len(blend_planes.signatures))
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs Linux to count threads")
def test_it_compiles_and_starts_no_thread() -> None:
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, timeout=200, check=True)
    assert done.stdout.split() == ["1", "1"]
