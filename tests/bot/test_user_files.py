from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest
from pydantic import BaseModel

from eyeline.bot.user_files import UserFile


class Notes(BaseModel):
    lines: list[str] = []


def added(line: str):
    return lambda notes: Notes(lines=[*notes.lines, line])


def test_what_was_never_written_is_empty(tmp_path: Path) -> None:
    assert UserFile(tmp_path / "notes.json", Notes).read() == Notes()


def test_changes_add_up_whoever_makes_them(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "notes.json"

    def write(name: int) -> None:
        for number in range(10):
            UserFile(path, Notes).change(added(f"{name} {number}"))

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(UserFile(path, Notes).read().lines)) == 40
    assert sorted(each.name for each in path.parent.iterdir()) == ["notes.json", "notes.json.lock"]


@pytest.mark.parametrize("content", [b"", b"{", b'{"lines": 3}', b"\xff", b"[" * 100_000])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "notes.json"
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert UserFile(path, Notes).read() == Notes()
    assert "not used" in caplog.text
    UserFile(path, Notes).change(added("again"))
    assert UserFile(path, Notes).read() == Notes(lines=["again"])


def test_a_change_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = UserFile(tmp_path / "notes.json", Notes)
    file.change(added("one"))

    def fail(_: Notes) -> Notes:
        raise ValueError

    with pytest.raises(ValueError):
        file.change(fail)
    assert file.read() == Notes(lines=["one"])
    assert not list(tmp_path.glob("*.part"))


def test_a_folder_that_cannot_be_made_is_only_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "taken").write_text("a file")
    with caplog.at_level(logging.WARNING):
        UserFile(tmp_path / "taken" / "notes.json", Notes).change(added("x"))
    assert "cannot be written" in caplog.text
