"""Small clips, so that a test takes seconds."""

from __future__ import annotations

import pytest
from bench_lab import SIZE_PX

from eyeline.bot.bench.clip import Clip, make_clip
from eyeline.bot.bench.packets import CodedClip, encode_clip


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    folder = tmp_path_factory.mktemp("clip")
    return make_clip(folder / "clip.i420", width_px=SIZE_PX[0], height_px=SIZE_PX[1], frames=120)


@pytest.fixture(scope="session")
def coded(clip: Clip) -> CodedClip:
    return encode_clip(clip, clip.path.with_suffix(".h264"))
