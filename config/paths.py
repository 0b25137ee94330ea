"""Paths as a person writes them."""

from __future__ import annotations

from pathlib import Path

from eyeline.config.errors import UsageError


class PathError(UsageError):
    """A path that cannot be one."""

    code = "path"


def whole_path(text: str | Path) -> Path:
    """The path with `~` and `~user` replaced.

    Raises:
        PathError: There is no such user.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise PathError(f"{str(text)!r} names the home of nobody.", hint="Write the whole path.") from error
