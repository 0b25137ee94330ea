"""Whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from eyeline.processing.errors import RenderError
from eyeline.processing.partial_file import written_whole


def test_the_file_appears_at_the_end(tmp_path: Path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with written_whole(target) as partial:
        partial.write_text("new")
        assert target.read_text() == "old"
        assert partial.suffix == ".txt"
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_nothing_stays_of_a_failure(tmp_path: Path, failure: type[BaseException]):
    def break_off() -> None:
        with written_whole(tmp_path / "a.txt") as partial:
            partial.write_text("half")
            raise failure

    with pytest.raises(failure):
        break_off()
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "inside").touch()
    with pytest.raises(RenderError, match="cannot be written"), written_whole(tmp_path / "a") as partial:
        partial.write_text("new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
