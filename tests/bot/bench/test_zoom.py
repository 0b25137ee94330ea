"""The hand-over of pictures to the process of Zoom's SDK, measured for some seconds: the keys, and what is refused."""

from __future__ import annotations

import ctypes
import sys

import pytest

from eyeline.bot.bench import session
from eyeline.bot.bench.errors import BenchUsageError


@pytest.fixture(scope="module", autouse=True)
def _glib() -> None:
    if sys.platform != "linux":
        pytest.skip("Zoom's SDK is for Linux")
    try:
        ctypes.CDLL("libglib-2.0.so.0")
    except OSError:
        pytest.skip("no libglib-2.0.so.0 on this machine")


async def test_a_short_run() -> None:
    result = await session.run_zoom(3, (320, 192), 30)
    assert result["pictures"] == 90
    assert 0 <= result["dropped"] < 45
    assert 0 < result["push_ms"]["p50"] < result["handover_ms"]["p50"] < 1000
    cpu = result["cpu_percent"]
    assert 0 < cpu["push"] <= cpu["handover"] < 100
    assert cpu["bridge"] > 0
    assert result["sdk"]
    assert result["machine"]["cores"] >= 1


@pytest.mark.parametrize(
    ("seconds", "size_px", "fps"),
    [(1, (320, 192), 30), (3, (321, 192), 30), (3, (0, 192), 30), (3, (320, 8192), 30), (3, (320, 192), 0)],
)
async def test_what_cannot_be_measured_is_refused(seconds: float, size_px: tuple[int, int], fps: int) -> None:
    with pytest.raises(BenchUsageError) as caught:
        await session.run_zoom(seconds, size_px, fps)
    assert caught.value.hint
