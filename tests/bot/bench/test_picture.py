"""Measuring the picture: what is measured, not how fast this machine is."""

from __future__ import annotations

import json

import pytest
from picture_lab import load_net

from eyeline.bot.bench.footage import drawn_frames
from eyeline.bot.bench.picture import measure_picture
from eyeline.bot.weights import MaskWeights
from eyeline.models.store import default_directory


def test_all_contestants_are_measured_and_the_figures_hang_together():
    load_net("selfie_segmentation").close()
    folder = default_directory()
    weights = MaskWeights(folder / "selfie_segmentation_landscape.tflite", folder / "selfie_segmentation.tflite")
    report = measure_picture(weights, drawn_frames((640, 360), 20), rounds=1)
    assert report.person_share > 0.1
    assert report.frames == 30
    figures = json.loads(json.dumps(report.as_json()))
    assert {
        "cpu_ms_per_frame",
        "stages_ms",
        "ratio_to_net",
        "ratio_to_rgb_reference",
        "ratio_to_jitsi_reference",
    } <= set(figures)
    for cost in (report.image, report.blur, report.care, report.light_wrap):
        assert sum(cost.stages_ms.values()) == pytest.approx(cost.cpu_ms_per_frame, rel=0.5)
        assert cost.ratio_to_net == pytest.approx(cost.cpu_ms_per_frame / report.references_ms["net"])
    assert set(report.references_ms) == {"net", "copy", "rgb", "jitsi"}
    assert report.references_ms["copy"] < report.references_ms["net"]
    assert report.blur.stages_ms["background"] > report.image.stages_ms["background"]
    assert report.care.stages_ms["care"] > report.image.stages_ms["care"]
    assert report.light_wrap.stages_ms["compose"] > report.image.stages_ms["compose"]
