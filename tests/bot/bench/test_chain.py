"""The real picture between a person and a viewer: the counter survives whatever is put behind the person."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench_lab import SIZE_PX, needs_address
from gaze_lab import face_files, portrait_bgr
from nets_lab import weights_file
from picture_lab import write_clip

from eyeline.bot.bench.session import Subject, run_chain
from eyeline.bot.cli.bench import app
from eyeline.config.errors import UsageError
from eyeline.models.registry import SELFIE_SEGMENTATION, SELFIE_SEGMENTATION_LANDSCAPE
from eyeline.processing.errors import EffectError
from eyeline.processing.frame import I420Image


@needs_address
async def test_the_chain_with_matte_and_gaze(tmp_path: Path) -> None:
    face_files()
    for entry in (SELFIE_SEGMENTATION, SELFIE_SEGMENTATION_LANDSCAPE):
        weights_file(entry)
    clip = write_clip(tmp_path / "face.mp4", [I420Image.from_bgr(portrait_bgr())] * 30, rate=30)
    effects = {"background": "color:#204060", "gaze": "teleprompter"}
    told: list[str] = []
    result = await run_chain("vp8", 3, Subject(clip, SIZE_PX), told.append, effects=effects, worker="process")
    assert result["fps"] > 0
    assert result["latency_ms"]["p50"] > result["direct_latency_ms"]["p50"]
    assert result["stages_ms"]["gaze_ms"] > 0
    assert result["stages_ms"]["mask_ms"] > 0
    assert result["gaze_status"]
    assert result["restarts"] == 0
    assert told


def test_bad_wishes(tmp_path: Path) -> None:
    for arguments, error in (
        (["--gaze", "natural"], UsageError),
        (["--gaze", "askew", "--clip", str(tmp_path / "face.mp4")], EffectError),
    ):
        with pytest.raises(error):
            app(["proxy", *arguments], result_action="return_value")
