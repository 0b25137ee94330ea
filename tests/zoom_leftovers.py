"""Looks for what a bridge must not leave behind."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import psutil
import pytest


def _descriptors() -> set[str]:
    found = set()
    for each in Path("/proc/self/fd").iterdir():
        try:
            found.add(f"{each.name} {each.readlink()}")
        except OSError:  # the one of this very listing
            continue
    return found


def _memory() -> set[str]:
    """What we have mapped: other programs of this machine have shared memory of their own."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    return {line.split(maxsplit=5)[-1] for line in lines if "/dev/shm/psm_" in line}


def _homes() -> set[str]:
    return {str(each) for each in Path(tempfile.gettempdir()).glob("eyeline-zoom-*")}


def _children() -> set[int]:
    """Without the one process that looks after shared memory as long as we live."""
    children = psutil.Process().children(recursive=True)
    return {each.pid for each in children if "resource_tracker" not in " ".join(_command(each))}


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _all() -> tuple[set[Any], ...]:
    return _descriptors(), _memory(), _homes(), _children()


@pytest.fixture
async def tidy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Nothing is left behind by a test."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    async with nothing_left():
        yield


@asynccontextmanager
async def nothing_left() -> AsyncIterator[None]:
    """Whatever happens in the block: afterwards there is no process, file, descriptor, memory or task of it."""
    resource_tracker.ensure_running()
    before = _all()
    yield
    async with asyncio.timeout(10):
        while any(new - old for new, old in zip(_all(), before, strict=True)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert [each.get_name() for each in asyncio.all_tasks() if each.get_name().startswith("zoom")] == []
