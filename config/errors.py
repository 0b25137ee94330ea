"""The root of the exception tree.

Every error that a person can meet is an `EyelineError`: a message that says what happened and why, a hint that
says what to do next, and a stable machine code. The five branches tell *whose* problem it is; the command line
turns a branch into an exit code::

    EyelineError
    ├── UsageError        what was asked for cannot be (bad URL, unknown background, bad setting)
    ├── RefusedError      the other side said no (password, login, kicked)
    ├── NetworkError      the other side cannot be reached or does not speak the protocol
    ├── ModelError        weights are missing, damaged or cannot be run
    └── MediaError        a camera, a microphone or a file cannot be read

Adapters translate: an exception of aiohttp, PyAV or aiortc never leaves the module that called the library.

Errors can be pickled, whatever their own arguments are, so they cross to another process whole but for their traceback.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar


class EyelineError(Exception):
    """An error with a machine code and a human hint.

    Args:
        message: One line: what happened and why.
        hint: One line: what to do next; may be empty when there is nothing that the person could do.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()

    def __reduce__(self) -> tuple[Callable[..., EyelineError], tuple[Any, ...]]:
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[EyelineError], args: tuple[Any, ...], state: dict[str, Any]) -> EyelineError:
    """An error as it was; `__init__` is passed by, since every kind has arguments of its own."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class UsageError(EyelineError):
    """What was asked for cannot be."""

    code = "usage"


class RefusedError(EyelineError):
    """The other side said no."""

    code = "refused"


class NetworkError(EyelineError):
    """The other side cannot be reached or does not speak the protocol.

    Attributes:
        retry_after_s: How long to wait at least before trying again; `None` where the other side does not say.
    """

    code = "network"
    retry_after_s: float | None = None


class ModelError(EyelineError):
    """Weights are missing, damaged or cannot be run."""

    code = "model"


class MediaError(EyelineError):
    """A camera, a microphone or a file cannot be read."""

    code = "media"
