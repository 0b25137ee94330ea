"""libav's errors as ours: what happened, and what to do next."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

import av

from eyeline.processing.errors import SourceBusyError, SourceDeniedError, SourceError, SourceMissingError

_DENIED = (errno.EACCES, errno.EPERM)
_MISSING = (errno.ENOENT, errno.ENODEV, errno.ENXIO)
_TELLING = (errno.EBUSY, *_DENIED, *_MISSING)
_UNREACHABLE = (errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH)
_BROKEN = (errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE)
_HTTP_DENIED = (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError)
_SLOW = (av.error.ExitError, av.error.TimeoutError)  # ExitError: PyAV's own time-outs interrupt libav


@contextmanager
def source_errors(what: str) -> Iterator[None]:
    """Translate what libav raises within the block.

    The library's exception is not kept as the cause: its text holds the address, and an address may hold a password.

    Args:
        what: The source, to begin a sentence with; holds no secret.
    """
    try:
        yield
    except av.FFmpegError as error:
        raise translated(what, error) from None


@contextmanager
def libav_words(words: list[str]) -> Iterator[None]:
    """Add to `words` what libav says within the block, in this thread."""
    level, once = av.logging.get_level(), av.logging.get_skip_repeated()
    av.logging.set_level(av.logging.ERROR)
    av.logging.set_skip_repeated(False)
    try:
        with av.logging.Capture() as said:
            try:
                yield
            finally:
                words += (text for _, _, text in said)
    finally:
        av.logging.set_level(level)
        av.logging.set_skip_repeated(once)


def said_errno(words: list[str]) -> int | None:
    """The system's error number behind what libav said: ALSA answers every failure with the same one."""
    text = " ".join(words)
    return next((number for number in _TELLING if os.strerror(number) in text), None)


def translated(what: str, error: av.FFmpegError, number: int | None = None) -> SourceError:
    """What an exception of PyAV means for a source.

    Args:
        what: The source, to begin a sentence with.
        error: As it was raised.
        number: The system's error number, where more is known of it than the exception says.
    """
    number = number or error.errno
    if number == errno.EBUSY:
        return SourceBusyError(f"{what} is in use by another program.", hint="Close the program that uses it.")
    if number in _DENIED:
        return SourceDeniedError(
            f"{what} may not be opened by this user.",
            hint="Allow it in the system's settings; on Linux, join the group video (camera) or audio (microphone).",
        )
    if isinstance(error, _HTTP_DENIED):
        return SourceDeniedError(
            f"{what} wants a user name and a password, or other ones.",
            hint="Write them into the address: rtsp://user:password@host/path",
        )
    if number in _MISSING or isinstance(error, av.error.HTTPNotFoundError):
        return SourceMissingError(f"{what} is not there.", hint="Is it plugged in, and its name or address right?")
    if number == errno.ENOTTY:
        return SourceMissingError(f"{what} is no such device.", hint="Choose another one.")
    return _failed(what, error)


def _failed(what: str, error: av.FFmpegError) -> SourceError:
    if isinstance(error, _SLOW):
        return SourceError(f"{what} does not answer in time.", hint="Check that it is on and can be reached.")
    if error.errno in _UNREACHABLE:
        return SourceError(f"{what} cannot be reached.", hint="Check the address, and that the other side is on.")
    if error.errno in _BROKEN:
        return SourceError(f"{what} broke off.", hint="Check the network.")
    if isinstance(error, av.error.EOFError):
        return SourceError(f"{what} ended.")
    if isinstance(error, av.error.InvalidDataError):
        return SourceError(f"{what} holds nothing that can be decoded.", hint="Check it with another program.")
    return SourceError(f"{what} cannot be read: {(error.strerror or type(error).__name__).rstrip('.').lower()}.")
