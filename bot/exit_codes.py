"""What a shell is told: one code for each branch of the exception tree."""

from __future__ import annotations

from enum import IntEnum

from eyeline.config.errors import EyelineError, MediaError, ModelError, NetworkError, RefusedError, UsageError


class ExitCode(IntEnum):
    """Exit codes of `eyeline`; documented in the README."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    REFUSED = 3
    NETWORK = 4
    MODEL = 5
    MEDIA = 6
    INTERRUPTED = 130


_BRANCHES: tuple[tuple[type[EyelineError], ExitCode], ...] = (
    (UsageError, ExitCode.USAGE),
    (RefusedError, ExitCode.REFUSED),
    (NetworkError, ExitCode.NETWORK),
    (ModelError, ExitCode.MODEL),
    (MediaError, ExitCode.MEDIA),
)


def exit_code(error: EyelineError) -> ExitCode:
    """The code for an error, by its branch."""
    return next((code for branch, code in _BRANCHES if isinstance(error, branch)), ExitCode.INTERNAL)
