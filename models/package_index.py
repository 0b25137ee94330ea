"""Wheels from the package index, fetched by pip. Everything here blocks.

pip does the transfer, and not only the look-up, because only pip knows how this machine reaches its index: mirrors,
proxies, certificates and logins from pip.conf, the environment and the keyring; a private index gives its files to
nobody else. pip also checks the hash that the index names.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from eyeline.config.redaction import redact_text
from eyeline.models.errors import DownloadError, StorageError
from eyeline.models.progress import ReportProgress
from eyeline.models.registry import Wheel

_POLL_S = 0.2
_OTHER_WAY = "Or get the wheel elsewhere and run: eyeline models fetch --from WHEEL"


def download_wheel(wheel: Wheel, directory: Path, report: ReportProgress) -> Path:
    """Download a wheel without installing it.

    Args:
        wheel: Which one.
        directory: An empty directory; pip's temporary files go there, too.
        report: Told how far it is.

    Returns:
        The file, inside `directory`.

    Raises:
        DownloadError: pip is missing, or could not get the wheel; nothing of it is left when `directory` goes.
        StorageError: The disk is full.
    """
    log = directory / "pip.log"
    return_code = _run_pip(_arguments(wheel, directory), directory, log, wheel, report)
    if return_code != 0:
        raise _explain(wheel, log.read_text(encoding="utf-8", errors="replace"))
    found = next(directory.glob("*.whl"), None)
    if found is None:
        raise DownloadError(f"pip ended well but left no wheel of {wheel}.", hint=_OTHER_WAY)
    report(str(wheel), found.stat().st_size, found.stat().st_size)
    return found


def _arguments(wheel: Wheel, directory: Path) -> list[str]:
    # Very verbose, because only then does pip say whether the index was reached at all.
    return [
        *(sys.executable, "-m", "pip", "download", "-vv", "--no-input", "--progress-bar=off"),
        *("--no-deps", "--only-binary=:all:", f"--python-version={wheel.python}", f"--platform={wheel.platform}"),
        *("--dest", str(directory), f"{wheel.project}=={wheel.version}"),
    ]


def _environment(directory: Path) -> Mapping[str, str]:
    """This process's, with pip's temporary files where they can be measured and swept up.

    A person may have told pip to refuse to *install* outside a virtual environment; nothing is installed here.
    """
    return {**os.environ, "TMPDIR": str(directory), "TMP": str(directory), "TEMP": str(directory)} | {
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def _run_pip(arguments: list[str], directory: Path, log: Path, wheel: Wheel, report: ReportProgress) -> int:
    # The log is a file, not a pipe: nobody reads while pip runs, and a full pipe would stop it.
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, arguments from the registry
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environment(directory),
        )
        try:
            while True:
                try:
                    return process.wait(_POLL_S)
                except subprocess.TimeoutExpired:
                    report(str(wheel), _bytes_so_far(directory), wheel.size_bytes)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()


def _bytes_so_far(directory: Path) -> int:
    """The size of the wheel that pip is writing somewhere below."""
    sizes = [0]
    for path in directory.rglob("*.whl"):
        try:
            sizes.append(path.stat().st_size)
        except FileNotFoundError:  # pip has just moved it
            continue
    return max(sizes)


# Of pip's very verbose log, the lines that tell why it failed: complaints, skipped pages, the ends of tracebacks.
_COMPLAINT = re.compile(r"^(?:ERROR:|error:|Could not fetch URL|pip\._).*", re.MULTILINE)
_NETWORK = re.compile(
    r"connection (error|broken|refused|reset|aborted)|\bConnectionError|ConnectTimeout|timed out|Max retries"
    r"|ProxyError|SSLError|ssl certificate|IncompleteRead|incomplete-download",
    re.IGNORECASE,
)


def _explain(wheel: Wheel, log: str) -> DownloadError | StorageError:
    """Put pip's complaint into one line and say what to do."""
    if "No module named pip" in log:
        return DownloadError(
            f"Cannot fetch {wheel}: this Python has no pip.", hint=f"Install pip (python -m ensurepip). {_OTHER_WAY}"
        )
    if "No space left" in log or "Disk quota" in log:
        return StorageError(
            f"Cannot fetch {wheel}: the disk is full.",
            hint=f"Free {wheel.size_bytes // 1_000_000 * 2} MB, or choose another place: setting models.directory.",
        )
    if "DO NOT MATCH" in log:
        return DownloadError(
            f"Cannot fetch {wheel}: what arrived is not what the index promised (wrong hash).",
            hint=f"Try again; if it stays, a proxy or mirror is broken. {_OTHER_WAY}",
        )
    if any(_NETWORK.search(complaint) for complaint in _COMPLAINT.findall(log)):
        return DownloadError(
            f"Cannot fetch {wheel}: the package index cannot be reached, or broke off.",
            hint=f"Check the network and pip's proxy settings (pip config list), then try again. {_OTHER_WAY}",
        )
    if "No matching distribution" in log:
        return DownloadError(f"Cannot fetch {wheel}: pip's package index does not have it.", hint=_OTHER_WAY)
    return DownloadError(f"Cannot fetch {wheel}: pip says: {_last_complaint(log)}", hint=_OTHER_WAY)


def _last_complaint(log: str) -> str:
    complaints = [line.removeprefix("ERROR:").strip() for line in _COMPLAINT.findall(log)]
    return redact_text(([*log.strip().splitlines()[-1:], *complaints] or ["nothing"])[-1])
