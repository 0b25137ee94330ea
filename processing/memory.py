"""Memory for pictures: megabytes that come and go thirty times a second."""

from __future__ import annotations

import ctypes
import platform

import numpy as np

_LARGEST_KEPT_BYTES = 31 << 20  # glibc's limit is 32 MB
_M_ARENA_MAX = -8
_ARENAS = 1


def keep_freed_memory() -> None:
    """Have the C library keep what one frame frees for the next one, in this process from now on, and in one place.

    glibc gives large blocks back to the kernel and gets them anew, page by page: 2 ms of each 720p frame. It stops
    doing so for blocks up to the largest one that it has seen freed (mallopt(3), M_MMAP_THRESHOLD). What is freed then
    stays in the arena of the thread that had it. Encoders and decoders have threads that end with each media session,
    so that over the hours every arena, of which there are eight for each core, would come to hold a session's memory.
    One arena, since malloc_trim leaves the free end of all but the first as it is: of a drawn background, 46 MB.

    To be called before there are threads: those that have an arena keep it. Other C libraries are not changed.
    """
    np.empty(_LARGEST_KEPT_BYTES, np.uint8)
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


def give_freed_memory_back() -> None:
    """Have the C library give the kernel whatever is free now: after much was freed that will not be wanted again.

    The next frames get their pages anew. Blocks for milliseconds: not for the event loop.
    """
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)
