"""How a fetch tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

ReportProgress = Callable[[str, int, int | None], None]
"""Called with what is fetched, the bytes that are here and the bytes that there will be (`None`: unknown).

It runs on the fetching thread and should return soon.
"""


def no_progress(what: str, done_bytes: int, total_bytes: int | None) -> None:
    """Tell nobody."""
    del what, done_bytes, total_bytes
