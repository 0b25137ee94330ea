"""One outage, measured: whether `make outages` still can."""

from __future__ import annotations

import pytest
from netns_lab import needs_namespaces
from outages.__main__ import measure
from outages.events import OUTAGES
from prosody_process import has_prosody


@needs_namespaces
@pytest.mark.skipif(not has_prosody(), reason="needs Prosody (apt install prosody)")
async def test_a_short_run() -> None:
    result = await measure(["bridge_dies"], 1, plain_rounds=1)
    assert result["complaints"] == []
    assert result["network_ms"].keys() == {"nothing", "connection", "session", "join"}
    told = result["outages"]["bridge_dies"]
    assert told["rounds"] + told["missed"] == 1
    assert told["network"] == OUTAGES["bridge_dies"].needs == "session"
    if told["rounds"]:
        assert told["return_ms"]["p50"] > 0
