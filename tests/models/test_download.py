from __future__ import annotations

import pytest

from eyeline.models import download as module
from eyeline.models.download import download, part_file, shown
from eyeline.models.errors import DownloadError
from eyeline.models.progress import no_progress

CONTENT = bytes(range(256)) * 1_000


@pytest.fixture
def url(web):
    web.files["/weights.bin"] = CONTENT
    return f"{web.url}/weights.bin"


def test_everything_arrives_and_progress_is_told(url, tmp_path):
    told = []
    file = download(url, tmp_path, lambda *progress: told.append(progress))
    assert file.read_bytes() == CONTENT
    assert file == part_file(url, tmp_path)
    assert told[-1] == ("weights.bin", len(CONTENT), len(CONTENT))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_a_broken_download_continues_where_it_stopped(web, url, tmp_path):
    web.break_after_bytes = 100_000
    with pytest.raises(DownloadError, match="ended after 100000 of 256000 bytes") as caught:
        download(url, tmp_path, no_progress)
    assert "continues" in caught.value.hint
    assert part_file(url, tmp_path).read_bytes() == CONTENT[:100_000]
    web.break_after_bytes = None
    assert download(url, tmp_path, no_progress).read_bytes() == CONTENT
    assert web.asked == [("/weights.bin", None), ("/weights.bin", "bytes=100000-")]


def test_a_server_without_ranges_starts_over(web, url, tmp_path):
    part_file(url, tmp_path).write_bytes(b"x" * 1_000)
    web.ranges = False
    assert download(url, tmp_path, no_progress).read_bytes() == CONTENT


def test_a_complete_part_is_not_fetched_again(web, url, tmp_path):
    part_file(url, tmp_path).write_bytes(CONTENT)
    assert download(url, tmp_path, no_progress).read_bytes() == CONTENT
    assert web.asked == [("/weights.bin", f"bytes={len(CONTENT)}-")]


def test_a_part_that_is_too_long_starts_over(url, tmp_path):
    part_file(url, tmp_path).write_bytes(CONTENT + b"more")
    assert download(url, tmp_path, no_progress).read_bytes() == CONTENT


def test_an_interrupted_download_keeps_its_part(url, tmp_path):
    def interrupt(what, done_bytes, total_bytes):
        if done_bytes > 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(url, tmp_path, interrupt)
    part = part_file(url, tmp_path).read_bytes()
    assert 100_000 < len(part) < len(CONTENT)
    assert CONTENT.startswith(part)
    assert download(url, tmp_path, no_progress).read_bytes() == CONTENT


def test_a_missing_file_is_said_to_be_missing(web, tmp_path):
    with pytest.raises(DownloadError, match="404") as caught:
        download(f"{web.url}/nothing", tmp_path, no_progress)
    assert caught.value.hint == "Check the URL."
    assert list(tmp_path.iterdir()) == []


def test_a_dead_server_is_said_to_be_dead(tmp_path):
    with pytest.raises(DownloadError, match="refused"):
        download("http://127.0.0.1:9/weights.bin", tmp_path, no_progress)


def test_a_proxy_of_the_environment_is_used(web, tmp_path, monkeypatch):
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", web.url)
    web.files["http://weights.invalid/file"] = CONTENT
    assert download("http://weights.invalid/file", tmp_path, no_progress).read_bytes() == CONTENT


def test_a_file_too_large_for_weights_is_refused(url, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_DOWNLOAD_BYTES", 2**17)
    with pytest.raises(DownloadError, match="larger than"):
        download(url, tmp_path, no_progress)
    assert part_file(url, tmp_path).stat().st_size == 0


@pytest.mark.parametrize(
    "url", ["ftp://host/file", "file:///etc/passwd", "http://", "http://host:port/", "http://a b/"]
)
def test_what_is_no_web_address_is_refused(url, tmp_path):
    with pytest.raises(DownloadError, match="Cannot fetch"):
        download(url, tmp_path, no_progress)


def test_errors_show_no_secret(web, tmp_path):
    with pytest.raises(DownloadError) as caught:
        download(f"{web.url}/nothing?token=hunter2", tmp_path, no_progress)
    assert "hunter2" not in str(caught.value)
    assert shown("https://user:hunter2@host:1/file?token=x#y") == "https://host:1/file"
