"""`pip download` as a process that can be watched and stopped. Everything here blocks."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from eyeline.models.errors import DownloadError
from eyeline.models.pip_log import OTHER_WAY
from eyeline.models.progress import ReportProgress
from eyeline.models.registry import Wheel

_POLL_S = 0.05
_WAY_OF_ITS_OWN = re.compile(r"^(?:global|download|:env:)\.(?:proxy|client-cert)=", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PipDownload:
    """How it ended.

    Args:
        file: The wheel; None when pip failed or was stopped.
        log: Very verbose.
    """

    file: Path | None
    log: str


def pip_download(
    wheel: Wheel, directory: Path, report: ReportProgress, *, stop: Callable[[str], bool] | None = None
) -> PipDownload:
    """Let pip find and download a wheel, without installing it.

    Args:
        wheel: Which one.
        directory: Where the wheel is put; pip's temporary files are there as long as it runs.
        report: Told how far it is.
        stop: Says of the log so far whether pip is to be stopped.

    Raises:
        DownloadError: pip ended well but left no wheel.
        OSError: The log cannot be written.
    """
    with tempfile.TemporaryDirectory(dir=directory) as name:
        scratch = Path(name)
        return_code, log = _run(wheel, scratch, report, stop)
        if return_code != 0:
            return PipDownload(None, log)
        found = next(scratch.glob("*.whl"), None)
        if found is None:
            raise DownloadError(f"pip ended well but left no wheel of {wheel}.", hint=OTHER_WAY)
        file = found.replace(directory / found.name)
    report(str(wheel), file.stat().st_size, file.stat().st_size)
    return PipDownload(file, log)


def pip_has_a_way_of_its_own() -> bool:
    """Whether pip is told of a proxy or a client certificate, of which nobody else on this machine need know."""
    settings = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    return _WAY_OF_ITS_OWN.search(settings.stdout.decode(errors="replace")) is not None


def _arguments(wheel: Wheel, scratch: Path) -> list[str]:
    # Very verbose, because only then does pip say whether the index was reached at all, and what it found there.
    return [
        *(sys.executable, "-m", "pip", "download", "-vv", "--no-input", "--progress-bar=off"),
        *("--no-deps", "--only-binary=:all:", f"--python-version={wheel.python}", f"--platform={wheel.platform}"),
        *("--dest", str(scratch), f"{wheel.project}=={wheel.version}"),
    ]


def _environment(scratch: Path) -> Mapping[str, str]:
    """This process's, with pip's temporary files where they can be measured and swept up.

    A person may have told pip to refuse to *install* outside a virtual environment; nothing is installed here.
    """
    return {**os.environ, "TMPDIR": str(scratch), "TMP": str(scratch), "TEMP": str(scratch)} | {
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def _run(wheel: Wheel, scratch: Path, report: ReportProgress, stop: Callable[[str], bool] | None) -> tuple[int, str]:
    # The log is a file, not a pipe: nobody reads while pip works, and a full pipe would stop it.
    log = scratch / "pip.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, arguments from the registry
            _arguments(wheel, scratch),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environment(scratch),
        )
        try:
            while process.poll() is None and not (stop is not None and stop(_text(log))):
                report(str(wheel), _bytes_so_far(scratch), wheel.size_bytes)
                _wait(process)
        finally:
            if process.poll() is None:
                process.terminate()
            return_code = process.wait()
    return return_code, _text(log)


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_POLL_S)
    except subprocess.TimeoutExpired:
        return


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


def _bytes_so_far(scratch: Path) -> int:
    """The size of the wheel that pip is writing somewhere below."""
    sizes = [0]
    for folder, _, names in os.walk(scratch):  # unlike `rglob`, it passes over folders that are removed meanwhile
        for name in names:
            if name.endswith(".whl"):
                with contextlib.suppress(FileNotFoundError):  # pip has just moved it
                    sizes.append(Path(folder, name).stat().st_size)
    return max(sizes)
