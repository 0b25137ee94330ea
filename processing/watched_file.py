"""A background from a file whose loss is noticed: it goes on as it was loaded, and the reason can be read."""

from __future__ import annotations

import threading
import weakref
from pathlib import Path
from typing import Protocol

from eyeline.processing.frame import I420Image

_LOOK_EVERY_S = 1.0


class _Shown(Protocol):
    """As `backgrounds.Background`."""

    def frame(self, size_px: tuple[int, int], at_s: float) -> I420Image: ...

    @property
    def trouble(self) -> str: ...

    def close(self) -> None: ...


class WatchedFile:
    """What was loaded of a file. A thread looks whether it is still there, since that may take long on a network.

    Args:
        shown: What was loaded.
        path: Of the file.
    """

    def __init__(self, shown: _Shown, path: Path) -> None:
        self.shown = shown
        self._presence = _Presence(path)
        self._stop_looking = weakref.finalize(self, self._presence.stop.set)
        threading.Thread(target=self._presence.watch, name="background-file", daemon=True).start()

    def frame(self, size_px: tuple[int, int], at_s: float) -> I420Image:
        """What was loaded."""
        return self.shown.frame(size_px, at_s)

    @property
    def trouble(self) -> str:
        """What is wrong with it, or else that its file is gone; empty while all is well."""
        return self.shown.trouble or self._presence.trouble

    def close(self) -> None:
        """Stop to look, without waiting; done for who forgets it, too."""
        self._stop_looking()
        self.shown.close()


class _Presence:
    """Whether a file is there; holds nothing of what was loaded."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.stop = threading.Event()
        self.trouble = ""

    def watch(self) -> None:
        while not self.stop.wait(_LOOK_EVERY_S):
            self.trouble = "" if self._path.exists() else _gone(self._path.name)


def _gone(name: str) -> str:
    return f"{name} is gone; it is shown as it was loaded, until another background is chosen or Eyeline starts anew."
