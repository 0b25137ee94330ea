"""A background whose file goes away goes on, says so, and says when it is back."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from animation_lab import write_animation
from picture_lab import wait_until

from eyeline.processing.backgrounds import Pace, open_file

SIZE = 64, 48


def watchers() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "background-file"}


@pytest.mark.parametrize("name", ["a.png", "a.gif"])
def test_a_file_that_is_deleted_goes_on_and_the_reason_comes_and_goes(tmp_path: Path, name: str):
    path = tmp_path / name
    if path.suffix == ".gif":
        write_animation(path, levels=(90, 91))
    else:
        cv2.imwrite(str(path), np.full((48, 64, 3), 90, np.uint8))
    background = open_file(path, Pace.LIVE)
    try:
        assert background.trouble == ""
        before = background.frame(SIZE, 0.0).y.mean()
        kept = path.rename(tmp_path / "elsewhere")
        wait_until(lambda: background.trouble != "")
        assert name in background.trouble
        assert "gone" in background.trouble
        assert background.frame(SIZE, 1.0).y.mean() == pytest.approx(before, abs=3)
        kept.rename(path)
        wait_until(lambda: background.trouble == "")
    finally:
        background.close()


def test_nobody_looks_any_more_once_it_is_closed(tmp_path: Path):
    cv2.imwrite(str(tmp_path / "a.png"), np.full((48, 64, 3), 90, np.uint8))
    before = watchers()
    background = open_file(tmp_path / "a.png", Pace.LIVE)
    [watcher] = watchers() - before
    background.close()
    watcher.join(20)
    assert not watcher.is_alive()
    open_file(tmp_path / "a.png", Pace.EXACT)
    assert watchers() <= before


def test_nobody_looks_for_a_background_that_was_forgotten(tmp_path: Path):
    cv2.imwrite(str(tmp_path / "a.png"), np.full((48, 64, 3), 90, np.uint8))
    before = watchers()
    background = open_file(tmp_path / "a.png", Pace.LIVE)
    [watcher] = watchers() - before
    del background
    gc.collect()
    watcher.join(20)
    assert not watcher.is_alive()
