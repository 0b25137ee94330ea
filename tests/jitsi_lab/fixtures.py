"""The pytest fixture `jitsi_lab`: a deployment of one's own for each test.

A `conftest.py` makes it known by `from jitsi_lab.fixtures import jitsi_lab`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prosody_process import has_prosody

from jitsi_lab.addresses import local_media_address
from jitsi_lab.deployment import JitsiLab


@pytest.fixture
async def jitsi_lab(tmp_path: Path) -> AsyncIterator[JitsiLab]:
    """A running deployment. Tests that expect no complaint assert that `jitsi_lab.complaints` is empty."""
    address = local_media_address()
    if not has_prosody():
        pytest.skip("needs Prosody (apt install prosody)")
    if address is None:
        pytest.skip("needs a network address besides loopback: ICE offers none of 127.0.0.0/8")
    folder = tmp_path / "prosody"
    folder.mkdir()
    async with JitsiLab(folder, address, restart_interval_s=0.0) as lab:
        yield lab
