"""A control for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from control_lab import ControlLab, control_lab


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[ControlLab]:
    async with control_lab(tmp_path) as made:
        yield made
