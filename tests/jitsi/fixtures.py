"""Servers for tests of the Jitsi client; a `conftest.py` makes them known by importing them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from jitsi.meet import Meet, deployed
from jitsi.prosody_server import Prosody, running_prosody
from prosody_process import has_prosody


@pytest.fixture
async def prosody(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Prosody]:
    """A real Prosody; `@pytest.mark.parametrize("prosody", [True], indirect=True)` restricts room creation."""
    if not has_prosody():
        pytest.skip("Prosody is not installed (Debian: apt install prosody)")
    folder = tmp_path / "prosody"
    folder.mkdir()
    async with running_prosody(
        folder, restrict_room_creation=getattr(request, "param", False), hibernation_s=5
    ) as server:
        yield server
        print(server.log()[-8_000:])  # noqa: T201 - shown by pytest when the test fails


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


RECORDINGS = Path(__file__).resolve().parents[2] / "../shared/jitsi-wire"


@pytest.fixture
def recordings() -> Path:
    """Folder with recordings of a real Jitsi, beside the repository."""
    if not RECORDINGS.is_dir():
        pytest.skip("the recordings of a real Jitsi are not here")
    return RECORDINGS


@pytest.fixture
async def meet(prosody: Prosody) -> AsyncIterator[Meet]:
    """A deployment without a focus and a bridge: everything but media."""
    async with deployed(prosody) as running:
        yield running
