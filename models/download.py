"""Files by URL, continued where the last try broke off. Everything here blocks."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from eyeline.models.errors import DownloadError, UnservedError
from eyeline.models.progress import ReportProgress

MAX_DOWNLOAD_BYTES = 512 * 2**20
_CHUNK_BYTES = 64 * 2**10
_TIMEOUT_S = 30.0
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_AGAIN = "Run the same command again: it continues where this one stopped."


def download(url: str, part: Path, report: ReportProgress) -> None:
    """Download a file, using the proxies and certificates that the environment names.

    Only one process at a time may download into the same file.

    Args:
        url: http or https.
        part: Continued if it is there, and complete on return, for the caller to check; it stays, to be continued,
            when the download breaks off.
        report: Told how far it is, by the name of the file in the URL.

    Raises:
        UnservedError: Nothing came.
        DownloadError: It broke off, or is too large.
        OSError: It could not be written.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise UnservedError(f"Cannot fetch {shown(url)}: only http and https are known.", hint="Or give a file.")
    try:
        _transfer(url, part, report)
    except urllib.error.HTTPError as error:
        with error:
            raise _refused(url, error) from error
    except (http.client.HTTPException, urllib.error.URLError, TimeoutError, ConnectionError, ValueError) as error:
        reason = getattr(error, "reason", "") or str(error) or type(error).__name__
        raise UnservedError(f"Cannot fetch {shown(url)}: {reason}.", hint=f"Check the network. {_AGAIN}") from error


def shown(url: str) -> str:
    """A URL without what might be secret in it: user, password, query."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "that URL"
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def file_name(url: str) -> str:
    """The last part of the path of a URL, for people to read."""
    return PurePosixPath(unquote(urlsplit(url).path)).name or "download"


def _transfer(url: str, part: Path, report: ReportProgress) -> None:
    have_bytes = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Accept-Encoding": "identity"})  # noqa: S310 - scheme was checked
    if have_bytes:
        request.add_header("Range", f"bytes={have_bytes}-")
    try:
        response = urllib.request.build_opener().open(request, timeout=_TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not have_bytes:
            raise
        error.close()
        if error.headers.get("Content-Range") == f"bytes */{have_bytes}":
            return  # everything had already arrived
        part.unlink()
        _transfer(url, part, report)
        return
    with response:
        _receive(url, response, part, have_bytes, report)


def _receive(url: str, response: http.client.HTTPResponse, part: Path, have_bytes: int, report: ReportProgress) -> None:
    """Write the body to the part file, appending only if the server really continues there."""
    start = _start_of(response) if response.status == http.HTTPStatus.PARTIAL_CONTENT else 0
    if start not in (0, have_bytes):
        raise UnservedError(
            f"Cannot fetch {shown(url)}: asked for byte {have_bytes} on, got byte {start} on.",
            hint=f"The server is broken. Remove {part} to start over.",
        )
    length = response.headers.get("Content-Length")
    total_bytes = start + int(length) if length is not None else None
    done_bytes = start
    with part.open("ab" if start else "wb") as file:
        for chunk in _chunks(url, response):
            done_bytes += len(chunk)
            if max(done_bytes, total_bytes or 0) > MAX_DOWNLOAD_BYTES:
                file.truncate(0)
                raise _too_large(url)
            file.write(chunk)
            report(file_name(url), done_bytes, total_bytes)
    if total_bytes is not None and done_bytes < total_bytes:
        raise DownloadError(
            f"Cannot fetch {shown(url)}: the connection ended after {done_bytes} of {total_bytes} bytes.", hint=_AGAIN
        )


def _start_of(response: http.client.HTTPResponse) -> int:
    match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    return int(match.group(1)) if match else -1


def _chunks(url: str, response: http.client.HTTPResponse) -> Iterator[bytes]:
    """The body; a failing read is the network's fault, so that the caller's `OSError`s are all the disk's."""
    try:
        while chunk := response.read1(_CHUNK_BYTES):  # whatever is there: on a slow line nothing waits unsaved
            yield chunk
    except (OSError, http.client.HTTPException) as error:
        raise DownloadError(f"Cannot fetch {shown(url)}: the connection broke: {error}.", hint=_AGAIN) from error


def _too_large(url: str) -> DownloadError:
    return DownloadError(
        f"Cannot fetch {shown(url)}: it is larger than {MAX_DOWNLOAD_BYTES // 2**20} MiB, so no file of weights.",
        hint="Give the URL of a wheel or of a .tflite file.",
    )


def _refused(url: str, error: urllib.error.HTTPError) -> UnservedError:
    hint = "Check the URL." if error.code in (http.HTTPStatus.NOT_FOUND, http.HTTPStatus.GONE) else "Try again later."
    return UnservedError(f"Cannot fetch {shown(url)}: the server says {error.code} {error.reason}.", hint=hint)
