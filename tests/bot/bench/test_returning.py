"""The measurement of coming back, small: that its figures are there and belong together, not how good they are."""

from __future__ import annotations

from bench_lab import needs_address
from picture_lab import load_mask

from eyeline.bot.bench.returning import ReturnPlan
from eyeline.bot.bench.session import run_return


@needs_address
async def test_a_picture_that_nobody_looked_at_comes_back_without_a_card_before_it() -> None:
    load_mask().close()
    told: list[str] = []
    result = await run_return(ReturnPlan((320, 180), "vp8", returns=2, away_s=0.8), told.append)
    assert len(told) == 3
    assert result["returns"] == 2
    assert 0 < result["to_processed_ms"]["p50"] < result["return_ms"]["p50"] <= result["return_ms"]["most"]
    assert result["away"]["processed"] == 0, "segmentation has to sleep"
    assert result["away"]["pictures_sent"] == 0
    assert result["away"]["cpu_cores"] >= 0
    assert result["worker_restarts"] == 0
    assert result["codec"] == "VP8"
