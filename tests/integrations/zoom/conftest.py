"""What a bridge needs of the machine, and a bridge with the double."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from zoom_lab.process import BridgeProcess
from zoom_lab.stage import Stage


@pytest.fixture(scope="session")
def glib() -> None:
    """Skips where the loop of the bridge cannot run."""
    if sys.platform != "linux":
        pytest.skip("Zoom's SDK is for Linux")
    try:
        ctypes.CDLL("libglib-2.0.so.0")
    except OSError:
        pytest.skip("no libglib-2.0.so.0 on this machine")


@pytest.fixture(scope="session")
def real_sdk(glib: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skips where Zoom's SDK cannot be loaded, with the reason."""
    home = tmp_path_factory.mktemp("home")
    script = "import os, zoom_meeting_sdk; os._exit(0)"
    found = subprocess.run(
        [sys.executable, "-c", script], env={"HOME": str(home)}, capture_output=True, text=True, timeout=120
    )
    if found.returncode != 0:
        pytest.skip(f"Zoom's SDK cannot be loaded: {found.stderr.strip().splitlines()[-1]}")


@pytest.fixture
def stage(glib: None) -> Iterator[Stage]:
    with Stage() as stage:
        yield stage


@pytest.fixture
def bridge(stage: Stage) -> Iterator[Callable[..., BridgeProcess]]:
    """Starts a bridge whose SDK is the double on the stage, with a scenario."""
    with ExitStack() as stack:

        def start(begin: dict[str, Any] | None = None, /, **scenario: Any) -> BridgeProcess:
            started = stack.enter_context(BridgeProcess(scenario=scenario, environment=stage.environment))
            started.begin(**(begin or {}))
            return started

        yield start
