"""Memory for pictures: megabytes that come and go thirty times a second."""

from __future__ import annotations

import numpy as np

_LARGEST_KEPT_BYTES = 31 << 20  # glibc's limit is 32 MB


def keep_freed_memory() -> None:
    """Have the C library keep what one frame frees for the next one, in this process from now on.

    glibc gives large blocks back to the kernel and gets them anew, page by page: 2 ms of each 720p frame. It stops
    doing so for blocks up to the largest one that it has seen freed (mallopt(3), M_MMAP_THRESHOLD). Other C libraries
    are not changed.
    """
    np.empty(_LARGEST_KEPT_BYTES, np.uint8)
