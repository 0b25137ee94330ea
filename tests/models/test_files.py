from __future__ import annotations

import errno
import hashlib
import os

import pytest

from eyeline.models.errors import StorageError
from eyeline.models.files import place, sha256_of, storage_errors


def test_place_writes_and_replaces(tmp_path):
    target = tmp_path / "file"
    place(target, b"old")
    place(target, b"new")
    assert target.read_bytes() == b"new"
    assert sha256_of(target) == hashlib.sha256(b"new").hexdigest()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    target = tmp_path / "file"
    place(target, b"old")

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left") as caught, storage_errors(tmp_path):
        place(target, b"new")
    assert "Free some space" in caught.value.hint
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_storage_errors_name_the_file_that_failed(tmp_path):
    with pytest.raises(StorageError, match="missing/file"), storage_errors(tmp_path):
        (tmp_path / "missing" / "file").read_bytes()
