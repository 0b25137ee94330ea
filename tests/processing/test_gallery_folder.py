"""The folder of one's own backgrounds: nothing is lost, and no name leads out of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.processing.errors import BackgroundError
from eyeline.processing.gallery_folder import GalleryFolder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "from" / "Beach house (2).PNG"
    path.parent.mkdir()
    path.write_bytes(b"a picture")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> GalleryFolder:
    return GalleryFolder(tmp_path / "gallery")


def names_in(folder: GalleryFolder) -> list[str]:
    return sorted(path.name for path in folder.path.iterdir())


def test_a_file_is_copied_under_a_name_that_can_be_written(folder: GalleryFolder, source: Path):
    assert folder.add(source, None) == "Beach-house-2"
    assert folder.add(source, "strand") == "strand"
    assert names_in(folder) == ["Beach-house-2.png", "strand.png"]
    assert folder.files()["strand"].read_bytes() == source.read_bytes() == b"a picture"


def test_what_is_there_is_never_replaced(folder: GalleryFolder, source: Path):
    folder.add(source, "strand")
    other = source.with_name("other.mp4")
    other.write_bytes(b"a video")
    for name in ("strand", "STRAND"):
        with pytest.raises(BackgroundError, match="already"):
            folder.add(other, name)
    folder.add(other, "other")
    with pytest.raises(BackgroundError, match="already"):
        folder.rename("other", "Strand")
    assert [path.read_bytes() for path in sorted(folder.path.iterdir())] == [b"a video", b"a picture"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../up",
        "a/b",
        "a\\b",
        "/etc/passwd",
        "a.png",
        "none",
        "Blur",
        "screen",
        "con",
        "LPT1",
        "a b",
        "-",
        "a-",
        "\0",
    ],
)
def test_a_name_never_becomes_a_path(folder: GalleryFolder, source: Path, name: str):
    with pytest.raises(BackgroundError, match="cannot be called"):
        folder.add(source, name)
    folder.add(source, "strand")
    with pytest.raises(BackgroundError, match="cannot be called"):
        folder.rename("strand", name)
    assert names_in(folder) == ["strand.png"]


@given(st.text(max_size=80))
def test_any_name_stays_in_the_folder_or_is_refused(tmp_path_factory: pytest.TempPathFactory, name: str):
    base = tmp_path_factory.mktemp("any")
    source = base / "a.png"
    source.write_bytes(b"a picture")
    folder = GalleryFolder(base / "gallery")
    try:
        added = folder.add(source, name)
    except BackgroundError:
        return
    assert [path.parent for path in folder.files().values()] == [folder.path]
    assert list(folder.files()) == [added]
    assert sorted(path.name for path in base.iterdir()) == ["a.png", "gallery"]


def test_a_copy_that_fails_leaves_nothing_behind(folder: GalleryFolder, source: Path, monkeypatch: pytest.MonkeyPatch):
    def full(_: object, target: Path) -> None:
        Path(target).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("eyeline.processing.gallery_folder.shutil.copyfile", full)
    with pytest.raises(BackgroundError, match="no space left"):
        folder.add(source, "strand")
    assert names_in(folder) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(folder: GalleryFolder, source: Path):
    folder.path.mkdir(mode=0o500)
    with pytest.raises(BackgroundError, match="permission denied"):
        folder.add(source, "strand")


def test_removing_and_renaming(folder: GalleryFolder, source: Path):
    folder.add(source, "strand")
    folder.rename("strand", "Strand")
    assert names_in(folder) == ["Strand.png"]
    folder.rename("Strand", "shore")
    folder.remove("shore")
    assert names_in(folder) == []
    with pytest.raises(BackgroundError, match="any more"):
        folder.remove("shore")
    with pytest.raises(BackgroundError, match="any more"):
        folder.rename("shore", "strand")


def test_other_files_are_left_alone(folder: GalleryFolder, source: Path):
    folder.path.mkdir()
    (folder.path / "notes.txt").write_text("mine")
    (folder.path / ".hidden.png").write_bytes(b"mine")
    (folder.path / ".a.1234.part.png").write_bytes(b"mine")
    assert folder.files() == {}
    with pytest.raises(BackgroundError, match="does not end"):
        folder.add(folder.path / "notes.txt", None)
    with pytest.raises(BackgroundError, match="cannot be added: no such file"):
        folder.add(source.with_name("gone.png"), None)


def test_a_file_that_is_called_like_a_word_of_the_grammar_gets_a_name_that_can_be_asked_for(folder: GalleryFolder):
    folder.path.mkdir()
    for name in ("none.png", "Blur.png"):
        (folder.path / name).write_bytes(b"mine")
    assert sorted(folder.files()) == ["Blur-1", "none-1"]
