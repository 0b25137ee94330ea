"""Against the real pip and an index on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import venv
from concurrent.futures import ThreadPoolExecutor

import pytest
from weights_lab import CONTENTS, WHEEL, WHEEL_NAME, names_in, publish, small_weights

from eyeline.models.errors import DamagedModelError, DownloadError
from eyeline.models.files import partial_file
from eyeline.models.store import ModelStatus, ModelStore

# The real command, but for what is registered.
FETCH = """
from eyeline.models.registry import MODELS
from weights_lab import small_weights
MODELS.clear()
MODELS.update(small_weights().models)
from eyeline.bot.__main__ import main
main()
"""


def assert_complete(store):
    """Both networks are there, and no more than that."""
    assert {name: store.path(name).read_bytes() for name in CONTENTS} == CONTENTS
    assert names_in(store.directory) == {"near.tflite", "far.tflite", "LICENSE.eyeline-test-weights-1.2.3.txt"}


def wait_until(condition):
    for _ in range(3_000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it never came to that")


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


def test_a_transfer_that_breaks_off_is_continued_by_the_next_fetch(store, index, monkeypatch):
    monkeypatch.setenv("PIP_RESUME_RETRIES", "0")  # from 25.1 on, pip continues by itself
    index.break_after_bytes = 150_000
    with pytest.raises(DownloadError, match="ended after 150000 of") as caught:
        store.fetch()
    assert "continues" in caught.value.hint
    assert [name.startswith(".partial-") for name in names_in(store.directory)] == [True]
    index.break_after_bytes, index.stall_after_bytes, index.stalls_left = None, 1_000, 1  # the one that pip begins
    told = []
    store.fetch(report=lambda *progress: told.append(progress))
    assert index.ranges_asked() == ["bytes=150000-"]
    assert {what for what, _, _ in told} == {"eyeline-test-weights 1.2.3"}
    assert_complete(store)


def test_an_interrupt_keeps_what_came(store, index, weights):
    index.stall_after_bytes = 300_000

    def interrupt(what, done_bytes, total_bytes):
        if done_bytes > 290_000 and any(store.directory.glob(".partial-*")):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.fetch(report=interrupt)
    (name,) = names_in(store.directory)
    part = (store.directory / name).read_bytes()
    assert len(part) > 200_000
    assert weights.wheel().startswith(part)
    index.stalls_left = 1
    store.fetch()
    assert index.ranges_asked() == [f"bytes={len(part)}-"]
    assert_complete(store)


def test_a_part_of_another_file_starts_anew(store, index, weights):
    store.directory.mkdir()
    partial_file(store.directory, WHEEL.sha256).write_bytes(bytes(100_000))
    index.stall_after_bytes, index.stalls_left = 1_000, 1
    store.fetch()
    assert [wanted for path, wanted in index.asked if path.endswith(".whl")] == [None, "bytes=100000-", None]
    assert_complete(store)


def test_a_killed_fetch_is_continued_by_the_next_one(store, index, weights):
    index.stall_after_bytes = 250_000
    fetch = [sys.executable, "-c", FETCH, "models", "fetch", "--directory", str(store.directory)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.Popen(fetch, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    part = partial_file(store.directory, WHEEL.sha256)
    try:
        wait_until(lambda: part.exists() and part.stat().st_size > 100_000)
        assert killed.poll() is None
    finally:
        killed.kill()
        killed.wait()
    have_bytes = part.stat().st_size
    index.stalls_left = 1
    again = subprocess.run(fetch, env=environment, capture_output=True, text=True, timeout=200, check=False)
    assert (again.returncode, "near" in again.stdout) == (0, True), again.stderr
    assert index.ranges_asked() == [f"bytes={have_bytes}-"]
    assert_complete(store)


def test_two_fetches_at_once_share_one_transfer(store, index):
    index.stall_after_bytes = 250_000
    stores = [store, ModelStore(store.directory, models=small_weights().models)]
    with ThreadPoolExecutor() as pool:
        first = pool.submit(stores[0].fetch)
        wait_until(lambda: partial_file(store.directory, WHEEL.sha256).exists())
        second = pool.submit(stores[1].fetch)
        index.stopped.set()
        with pytest.raises(DownloadError, match="ended after 250000"):
            first.result(60)
        index.stalls_left = 0
        second.result(60)
    assert_complete(store)


def test_an_index_with_a_login_is_left_to_pip(store, index, monkeypatch, caplog):
    caplog.set_level("INFO", "eyeline")
    index.login = "user:hunter2"
    monkeypatch.setenv("PIP_INDEX_URL", f"{index.url.replace('//', '//user:hunter2@')}/simple/")
    index.stall_after_bytes, index.stalls_left = 1_000, 1
    store.fetch()
    assert "401" in caplog.text
    assert "hunter2" not in caplog.text
    assert_complete(store)


def test_a_proxy_that_only_pip_knows_is_used(store, index, monkeypatch):
    for path, content in list(index.files.items()):
        index.files[f"http://wheels.invalid{path}"] = content
    monkeypatch.setenv("PIP_INDEX_URL", "http://wheels.invalid/simple/")
    monkeypatch.setenv("PIP_TRUSTED_HOST", "wheels.invalid")
    monkeypatch.setenv("PIP_PROXY", index.url)
    store.fetch()
    assert_complete(store)


def test_an_interrupt_ends_pip_and_leaves_nothing_of_it(store, index, weights, monkeypatch):
    monkeypatch.setenv("PIP_CLIENT_CERT", "/dev/null")  # so that pip transfers the wheel itself
    publish(index, weights.wheel(padding=bytes(2_000_000)))
    index.stall_after_bytes = 1_500_000

    def interrupt(what, done_bytes, total_bytes):
        if done_bytes > 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.fetch(report=interrupt)
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


@pytest.mark.parametrize("promised", ["0" * 64, None])
def test_a_wheel_that_is_not_the_registered_one(store, index, weights, promised):
    index.stall_after_bytes, index.stalls_left = 1_000, 1
    publish(index, weights.wheel(far=b"X" + weights.contents["far"][1:]), sha256=promised)
    with pytest.raises(DamagedModelError, match=r"eyeline-test-weights 1\.2\.3 is not the registered file"):
        store.fetch()
    assert names_in(store.directory) == set()


def test_pip_brings_a_wheel_that_is_not_the_registered_one(store, index, weights, monkeypatch):
    monkeypatch.setenv("PIP_CLIENT_CERT", "/dev/null")
    publish(index, weights.wheel(far=b"X" + weights.contents["far"][1:]))
    with pytest.raises(DamagedModelError, match="not the registered file"):
        store.fetch()
    assert names_in(store.directory) == set()


def test_pip_refuses_a_file_that_is_not_what_the_index_promised(store, index, weights, monkeypatch):
    monkeypatch.setenv("PIP_CLIENT_CERT", "/dev/null")
    publish(index, weights.wheel(), sha256="0" * 64)
    with pytest.raises(DownloadError, match="wrong hash"):
        store.fetch()
    assert names_in(store.directory) == set()


def test_a_python_without_pip(store, index, tmp_path, monkeypatch):
    venv.create(tmp_path / "bare", with_pip=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bare" / "bin" / "python"))
    with pytest.raises(DownloadError, match="no pip") as caught:
        store.fetch()
    assert "ensurepip" in caught.value.hint
    assert names_in(store.directory) == set()
