"""What can be wrong with settings."""

from __future__ import annotations

from eyeline.config.errors import UsageError


class SettingsError(UsageError):
    """A setting is unknown, out of range or unreadable, or a secret stands where none may stand."""

    code = "settings"
