"""A virtual camera that keeps what it is given: a backend of pyvirtualcam in place of a device."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, ClassVar

import numpy as np
import pyvirtualcam
from numpy.typing import NDArray

from eyeline.processing.frame import I420Image

DEVICE = "/dev/recorded"
_SIZE = struct.Struct("<II")


class Recorder:
    """As pyvirtualcam describes a backend. Every picture is added to a file, with its size.

    Attributes:
        folder: Where the file is.
        fails_after: From how many pictures on the device is gone.
        opened: With what.
        closed: Whether the device was given back.
    """

    folder: ClassVar[Path]
    fails_after: ClassVar[int | None] = None
    opened: ClassVar[dict[str, object]] = {}
    closed: ClassVar[bool] = False

    def __init__(self, **wanted: object) -> None:
        if wanted["device"] not in (None, DEVICE):
            raise RuntimeError(f"Device {wanted['device']} does not exist.")
        cls = type(self)
        cls.opened, cls.closed = wanted, False
        self._file: BinaryIO = (self.folder / "frames").open("ab")
        self._sent = 0

    def device(self) -> str:
        return DEVICE

    def native_fourcc(self) -> None:
        return None

    def send(self, frame: NDArray[np.uint8]) -> None:
        if self.fails_after is not None and self._sent >= self.fails_after:
            raise RuntimeError("error writing frame: No such device")
        assert frame.flags.c_contiguous
        assert frame.ndim == 1
        self._file.write(_SIZE.pack(int(str(self.opened["width"])), int(str(self.opened["height"]))) + frame.tobytes())
        self._file.flush()
        self._sent += 1

    def close(self) -> None:
        type(self).closed = True
        self._file.close()


def install(folder: Path) -> type[Recorder]:
    """The one virtual camera of this process."""

    class Here(Recorder):
        pass

    Here.folder = folder
    pyvirtualcam.camera.BACKENDS.clear()
    pyvirtualcam.register_backend("recorder", Here)
    return Here


@dataclass
class Recording:
    """What was sent so far, to be asked again and again."""

    folder: Path
    _images: list[I420Image] = field(default_factory=list)
    _read_bytes: int = 0

    def images(self) -> list[I420Image]:
        """All of them; one that is being written is left out."""
        path = self.folder / "frames"
        if path.exists():
            with path.open("rb") as file:
                file.seek(self._read_bytes)
                self._take(file.read())
        return self._images

    def _take(self, content: bytes) -> None:
        at = 0
        while at + _SIZE.size <= len(content):
            width_px, height_px = _SIZE.unpack_from(content, at)
            end = at + _SIZE.size + width_px * height_px * 3 // 2
            if end > len(content):
                break
            self._images.append(I420Image(width_px, height_px, np.frombuffer(content[at + _SIZE.size : end], np.uint8)))
            at = end
        self._read_bytes += at
