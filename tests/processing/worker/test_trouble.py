"""Why a background stands still is known in the meeting's process as well."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from animation_lab import write_animation
from worker_lab import eventually, stage

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")


def test_the_reason_comes_with_the_pictures_and_goes_with_the_background(tmp_path: Path) -> None:
    path = write_animation(tmp_path / "a.webp")
    path.write_bytes(path.read_bytes()[:-20])
    with stage() as acting:
        acting.wear(str(path))
        acting.goes_on()
        eventually(lambda: "cut off" in acting.maker.trouble, "the reason")
        acting.wear("color:#000000")
        eventually(lambda: acting.maker.trouble == "", "the end of the reason")
        assert acting.maker.restarts == 0
