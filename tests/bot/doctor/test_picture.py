"""What is said of the speed of this machine, and that it is measured with the real picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from doctor_lab import patient
from picture_lab import load_net

from eyeline.bot.bench.footage import drawn_frames
from eyeline.bot.doctor.diagnosis import Level
from eyeline.bot.doctor.picture import Speed, measured, verdict
from eyeline.processing.tiers import Tier


@pytest.mark.parametrize(
    ("chain_ms", "level", "tier"),
    [
        ({Tier.CLOSE: 10.0}, Level.OK, "close"),
        ({Tier.CLOSE: 50.0, Tier.CLOSE_HALF: 25.0}, Level.WARN, "close-half"),
        (
            {Tier.CLOSE: 90.0, Tier.CLOSE_HALF: 80.0, Tier.FINDER: 70.0, Tier.FINDER_HALF: 60.0},
            Level.WARN,
            "finder-half",
        ),
        (
            {Tier.CLOSE: 400.0, Tier.CLOSE_HALF: 300.0, Tier.FINDER: 200.0, Tier.FINDER_HALF: 100.0},
            Level.BAD,
            "finder-half",
        ),
    ],
)
def test_the_verdict_follows_the_figures(chain_ms: dict[Tier, float], level: Level, tier: str):
    found = verdict(Speed(net_ms=4.0, chain_ms=chain_ms, fps=30))
    assert (found.level, found.figures["tier"]) == (level, tier)
    assert bool(found.advice) == (level is not Level.OK)
    assert found.figures["allows_fps"] == pytest.approx(880 / list(chain_ms.values())[-1], abs=0.1)


def test_the_real_picture_is_measured_down_to_the_tier_that_keeps_up(tmp_path: Path):
    load_net("selfie_segmentation").close()
    frames = drawn_frames((320, 180), 4)
    easy = measured(patient(tmp_path, video__fps=1), frames, least_s=0.05)
    assert list(easy.chain_ms) == [Tier.CLOSE]
    assert min(easy.net_ms, easy.chain_ms[Tier.CLOSE]) > 0
