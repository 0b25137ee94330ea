from __future__ import annotations

import pytest

from eyeline.models import download as module
from eyeline.models.download import download, shown
from eyeline.models.errors import DownloadError, UnservedError
from eyeline.models.progress import no_progress

CONTENT = bytes(range(256)) * 1_000


@pytest.fixture
def url(web):
    web.files["/weights.bin"] = CONTENT
    return f"{web.url}/weights.bin"


@pytest.fixture
def part(tmp_path):
    return tmp_path / "part"


def test_everything_arrives_and_progress_is_told(url, part):
    told = []
    download(url, part, lambda *progress: told.append(progress))
    assert part.read_bytes() == CONTENT
    assert told[-1] == ("weights.bin", len(CONTENT), len(CONTENT))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_a_broken_download_continues_where_it_stopped(web, url, part):
    web.break_after_bytes = 100_000
    with pytest.raises(DownloadError, match="ended after 100000 of 256000 bytes") as caught:
        download(url, part, no_progress)
    assert "continues" in caught.value.hint
    assert part.read_bytes() == CONTENT[:100_000]
    web.break_after_bytes = None
    download(url, part, no_progress)
    assert part.read_bytes() == CONTENT
    assert web.asked == [("/weights.bin", None), ("/weights.bin", "bytes=100000-")]


def test_a_server_without_ranges_starts_over(web, url, part):
    part.write_bytes(b"x" * 1_000)
    web.ranges = False
    download(url, part, no_progress)
    assert part.read_bytes() == CONTENT


def test_a_complete_part_is_not_fetched_again(web, url, part):
    part.write_bytes(CONTENT)
    download(url, part, no_progress)
    assert part.read_bytes() == CONTENT
    assert web.asked == [("/weights.bin", f"bytes={len(CONTENT)}-")]


def test_a_part_that_is_too_long_starts_over(url, part):
    part.write_bytes(CONTENT + b"more")
    download(url, part, no_progress)
    assert part.read_bytes() == CONTENT


def test_an_interrupted_download_keeps_its_part(url, part):
    def interrupt(what, done_bytes, total_bytes):
        if done_bytes > 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(url, part, interrupt)
    assert 100_000 < part.stat().st_size < len(CONTENT)
    assert CONTENT.startswith(part.read_bytes())
    download(url, part, no_progress)
    assert part.read_bytes() == CONTENT


def test_a_missing_file_is_said_to_be_missing(web, part):
    with pytest.raises(UnservedError, match="404") as caught:
        download(f"{web.url}/nothing", part, no_progress)
    assert caught.value.hint == "Check the URL."
    assert not part.exists()


def test_a_dead_server_is_said_to_be_dead(part):
    with pytest.raises(UnservedError, match="refused"):
        download("http://127.0.0.1:9/weights.bin", part, no_progress)


def test_a_proxy_of_the_environment_is_used(web, part, monkeypatch):
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", web.url)
    web.files["http://weights.invalid/file"] = CONTENT
    download("http://weights.invalid/file", part, no_progress)
    assert part.read_bytes() == CONTENT


def test_a_file_too_large_for_weights_is_refused(url, part, monkeypatch):
    monkeypatch.setattr(module, "MAX_DOWNLOAD_BYTES", 2**17)
    with pytest.raises(DownloadError, match="larger than"):
        download(url, part, no_progress)
    assert part.stat().st_size == 0


@pytest.mark.parametrize(
    "url", ["ftp://host/file", "file:///etc/passwd", "http://", "http://host:port/", "http://a b/"]
)
def test_what_is_no_web_address_is_refused(url, part):
    with pytest.raises(UnservedError, match="Cannot fetch"):
        download(url, part, no_progress)


def test_errors_show_no_secret(web, part):
    with pytest.raises(DownloadError) as caught:
        download(f"{web.url}/nothing?token=hunter2", part, no_progress)
    assert "hunter2" not in str(caught.value)
    assert shown("https://user:hunter2@host:1/file?token=x#y") == "https://host:1/file"
