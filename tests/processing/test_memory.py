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


THREADS = """
import ctypes, os, sys, tempfile, threading
import numpy as np
from eyeline.processing.memory import keep_freed_memory
if "kept" in sys.argv:
    keep_freed_memory()
def work(together):
    frames = [bytearray(20_000) for _ in range(50)]
    together.wait()
together = threading.Barrier(8)
threads = [threading.Thread(target=work, args=(together,)) for _ in range(8)]
for each in threads: each.start()
for each in threads: each.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
file = os.path.join(tempfile.mkdtemp(), "info")
stream = ctypes.c_void_p(libc.fopen(file.encode(), b"w"))
libc.malloc_info(0, stream)
libc.fclose(stream)
print(open(file).read().count("<heap nr="))
"""


def arenas(*arguments: str) -> int:
    return int(subprocess.run([sys.executable, "-c", THREADS, *arguments], check=True, capture_output=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")
def test_threads_that_come_and_go_share_what_is_kept() -> None:
    assert arenas("kept") == 1 < arenas()


TRIMMED = """
import sys, threading
import numpy as np, psutil
from eyeline.processing.memory import give_freed_memory_back, keep_freed_memory
keep_freed_memory()
kept = []
def work():
    blocks = [np.ones(1_400_000, np.uint8) for _ in range(60)]
    kept.extend(blocks[::20])
if "thread" in sys.argv:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
else:
    work()
before = psutil.Process().memory_info().rss
give_freed_memory_back()
print(before - psutil.Process().memory_info().rss)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")
@pytest.mark.parametrize("where", ["main", "thread"])
def test_what_was_freed_can_be_given_back(where: str) -> None:
    given_back = int(subprocess.run([sys.executable, "-c", TRIMMED, where], check=True, capture_output=True).stdout)
    assert given_back > 50 * 1_400_000
