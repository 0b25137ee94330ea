"""A served host without a meeting, and callers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from api_lab import TOKEN, Served, served


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path) as api:
        yield api


@pytest.fixture
async def http(api: Served) -> AsyncIterator[aiohttp.ClientSession]:
    """A caller that knows the token."""
    async with aiohttp.ClientSession(api.url, headers={"Authorization": f"Bearer {TOKEN}"}) as session:
        yield session
