"""How far a download is: a bar on a terminal, a line for every 10 % elsewhere. On standard error."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Column

from eyeline.models.progress import ReportProgress

_STEP_PERCENT = 10


@contextlib.contextmanager
def download_progress(console: Console | None = None) -> Iterator[ReportProgress]:
    """A callback that shows what it is told, as long as the block lasts."""
    target = console or Console(stderr=True)
    if not target.is_terminal:
        yield _Lines(target)
        return
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    name = TextColumn("{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis", max_width=32))
    with Progress(name, *columns, console=target, transient=True) as progress:
        yield _Bars(progress)


class _Bars:
    """One bar for each file."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done_bytes: int, total_bytes: int | None) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total_bytes)
        self._progress.update(self._tasks[what], completed=done_bytes, total=total_bytes)


class _Lines:
    """A line whenever another tenth has come; none while the total is unknown."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._next: dict[str, int] = {}

    def __call__(self, what: str, done_bytes: int, total_bytes: int | None) -> None:
        if not total_bytes:
            return
        percent = min(100, done_bytes * 100 // total_bytes)
        if percent < self._next.get(what, _STEP_PERCENT):
            return
        self._next[what] = percent - percent % _STEP_PERCENT + _STEP_PERCENT
        self._console.print(f"{what}: {percent} % of {total_bytes / 1e6:.1f} MB", markup=False, highlight=False)
