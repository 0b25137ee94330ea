"""Settings, merged from all layers and validated; for each one is known where it came from.

Order, later wins: `default.toml`, the user's file, `./eyeline.toml` (or the file of `--config`), `EYELINE_*`
variables, flags.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import platformdirs
from pydantic import SecretStr, ValidationError

from eyeline.config.layers import (
    Given,
    Origin,
    OriginKind,
    default_layer,
    environment_layer,
    file_layer,
    flag_layer,
)
from eyeline.config.paths import whole_path
from eyeline.config.redaction import MASK, redact_text
from eyeline.config.schema import PATH_KEYS, SECRET_KEYS, Settings, fields
from eyeline.config.secret_files import read_secrets
from eyeline.config.settings_errors import SettingsError

PROJECT_FILE_NAME = "eyeline.toml"

__all__ = [
    "LoadedSettings",
    "Origin",
    "OriginKind",
    "Settings",
    "SettingsError",
    "load_settings",
    "project_file_path",
    "user_file_path",
]


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings and where they came from.

    Args:
        settings: Validated.
        origins: By dotted key, for every setting that has a value.
    """

    settings: Settings
    origins: Mapping[str, Origin]

    def masked(self) -> dict[str, str | int | float | bool]:
        """Every setting by dotted key, fit to be shown: secrets as a mask of one length, what is not set as `""`."""
        return {key: _shown(_value(self.settings, key)) for key in fields()}


def user_file_path() -> Path:
    """Where the user's own settings are, on this operating system."""
    return platformdirs.user_config_path("eyeline", appauthor=False) / PROJECT_FILE_NAME


def project_file_path(cwd: Path | None = None) -> Path:
    """Where the settings of a folder are."""
    return (cwd or Path.cwd()) / PROJECT_FILE_NAME


def load_settings(
    flags: Mapping[str, object] | None = None,
    *,
    project_file: Path | None = None,
    cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
    user_file: Path | None = None,
) -> LoadedSettings:
    """Read all layers, merge and validate them. Reads files: blocks for a moment.

    Args:
        flags: Dotted keys; a value of `None` means that the flag was not given.
        project_file: Instead of `./eyeline.toml`; it must exist.
        cwd: Instead of the current directory.
        environ: Instead of this process's environment.
        user_file: Instead of `user_file_path()`.

    Raises:
        SettingsError: Something is wrong; it names the setting, its origin and what is allowed.
    """
    here = cwd or Path.cwd()
    project = here / whole_path(project_file) if project_file else project_file_path(here)
    given: dict[str, Given] = {
        **default_layer(),
        **file_layer(user_file or user_file_path(), OriginKind.USER_FILE),
        **file_layer(project, OriginKind.PROJECT_FILE, required=project_file is not None),
        **environment_layer(os.environ if environ is None else environ, here),
        **flag_layer(flags or {}, here),
    }
    given = {key: _with_whole_path(key, item) for key, item in given.items()}
    given |= read_secrets(given)
    origins = {key: item.origin for key, item in given.items()}
    return LoadedSettings(_validate(given), MappingProxyType(origins))


def _with_whole_path(key: str, item: Given) -> Given:
    """Take a relative path from the folder of the file that says it, or from the current one."""
    if key not in PATH_KEYS or not isinstance(item.value, str | Path) or not str(item.value):
        return item
    try:
        path = item.folder / Path(item.value).expanduser()
    except RuntimeError as error:
        raise SettingsError(f"{key} is {item.value} ({item.origin}): {error}", hint="Write the whole path.") from error
    return Given(path, item.origin, item.folder)


def _validate(given: Mapping[str, Given]) -> Settings:
    nested: dict[str, dict[str, object]] = {}
    for key, item in given.items():
        group, _, name = key.partition(".")
        nested.setdefault(group, {})[name] = item.value
    try:
        return Settings.model_validate(nested)
    except ValidationError as error:
        keys = dict.fromkeys(".".join(str(part) for part in detail["loc"][:2]) for detail in error.errors())
        raise SettingsError(
            "; ".join(_complaint(key, given[key]) for key in keys) + ".", hint="See: eyeline config show --origin"
        ) from None


def _complaint(key: str, item: Given) -> str:
    value = MASK if key in SECRET_KEYS else redact_text(repr(item.value))
    return f"{key} is {value} ({item.origin}), but must be {fields()[key]}"


def _value(settings: Settings, key: str) -> object:
    group, _, name = key.partition(".")
    return getattr(getattr(settings, group), name)


def _shown(value: object) -> str | int | float | bool:
    match value:
        case None:
            return ""
        case SecretStr():
            return MASK
        case bool() | int() | float():
            return value
    return redact_text(str(value))
