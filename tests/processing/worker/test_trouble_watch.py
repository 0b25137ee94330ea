"""Trouble with a background is told of once, and so is its end, from a thread as from a process."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from worker_lab import LazySpec, effects, eventually, lab_frame

from eyeline.processing.worker.in_process import PictureThread
from eyeline.processing.worker.maker import PictureMaker
from eyeline.processing.worker.process import PictureProcess
from eyeline.processing.worker.trouble_watch import TroubleWatch


def maker_of(kind: str, told: list[str]) -> PictureMaker:
    spec = LazySpec(0.0)
    if kind == "thread":
        return PictureThread(spec, on_picture=lambda _: None, on_trouble=told.append)
    return PictureProcess(spec, max_size_px=(64, 36), on_picture=lambda _: None, on_trouble=told.append)


@pytest.mark.parametrize("kind", ["thread", "process"])
def test_a_file_that_is_deleted_while_it_is_shown(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "beach.png"
    cv2.imwrite(str(path), np.full((36, 64, 3), 90, np.uint8))
    told: list[str] = []

    def fed(count: int) -> bool:
        made = maker.processed
        maker.offer(lab_frame())
        time.sleep(0.01)
        return len(told) >= count and maker.processed > made

    with maker_of(kind, told) as maker:
        maker.set_effects(effects(str(path)))
        eventually(lambda: fed(0), "a picture")
        path.unlink()
        eventually(lambda: fed(1), "the reason, with pictures as before")
        assert told == [maker.trouble]
        assert "beach.png is gone" in told[0]
        maker.set_effects(effects("color:#000000"))
        eventually(lambda: fed(2), "the end of it")
    assert told[1:] == [""]


def test_only_what_is_new_is_told() -> None:
    told: list[str] = []
    watch = TroubleWatch(told.append)
    for trouble in ("", "It is silent for 3 s.", "It is silent for 14 s.", "It is gone.", "", ""):
        watch.saw(trouble)
    assert told == ["It is silent for 3 s.", "It is gone.", ""]
    assert watch.trouble == ""
