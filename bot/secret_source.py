"""A secret that somebody else may renew while Eyeline runs."""

from __future__ import annotations

import logging
from pathlib import Path

from pydantic import SecretStr

log = logging.getLogger(__name__)


class SecretSource:
    """A token to log in with. Its file is read anew each time, as whoever renews a token writes it there.

    Args:
        secret: As it was read first; one that the environment gave is never renewed.
        file: Where it may have come from.
    """

    def __init__(self, secret: SecretStr | None, file: Path | None) -> None:
        self._secret = secret.get_secret_value() if secret is not None else ""
        self._file = file
        if self._file is not None and self._read() != self._secret:
            self._file = None

    def current(self) -> str:
        """The newest one, or empty."""
        if self._file is not None:
            self._secret = self._read() or self._secret
        return self._secret

    def _read(self) -> str:
        try:
            text = self._file.read_text().rstrip("\r\n") if self._file else ""
        except (OSError, UnicodeDecodeError) as error:
            log.warning("a token's file cannot be read any more: %s", type(error).__name__)
            return ""
        return text if text.isprintable() else ""
