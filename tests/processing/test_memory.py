"""Memory that is freed stays at hand."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
import numpy as np
from eyeline.processing.memory import keep_freed_memory
if "kept" in sys.argv:
    keep_freed_memory()
def work():
    for _ in range(100):
        frames = [np.ones(1_400_000, np.uint8) for _ in range(4)]
        del frames
work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
work()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(*arguments: str) -> int:
    return int(subprocess.run([sys.executable, "-c", PROGRAM, *arguments], check=True, capture_output=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")
def test_frames_do_not_get_their_pages_anew() -> None:
    assert page_faults("kept") < 500 < page_faults() // 10
