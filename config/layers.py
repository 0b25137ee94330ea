"""Where settings come from. Each layer is flat (`{"video.fps": 30}`), so that every value keeps its own origin."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from importlib import resources
from pathlib import Path

from eyeline.config.schema import SECRET_KEYS, fields
from eyeline.config.settings_errors import SettingsError

ENVIRONMENT_PREFIX = "EYELINE_"
_NESTED = "__"


class OriginKind(Enum):
    """Kinds of layer, the weakest first."""

    DEFAULT = "default"
    USER_FILE = "user file"
    PROJECT_FILE = "project file"
    ENVIRONMENT = "environment variable"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the value of one setting was written.

    Args:
        kind: The layer.
        detail: Path of the file or name of the variable; empty for defaults and flags.
    """

    kind: OriginKind
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind.value} {self.detail}".rstrip()


@dataclass(frozen=True, slots=True)
class Given:
    """A value as it was written, and where.

    Args:
        value: Not yet validated.
        origin: Where it was written.
        folder: What a relative path in it counts from.
    """

    value: object
    origin: Origin
    folder: Path


Layer = Mapping[str, Given]


def default_layer() -> Layer:
    """The packaged defaults."""
    text = resources.files("eyeline.config").joinpath("default.toml").read_text(encoding="utf-8")
    return {key: Given(value, Origin(OriginKind.DEFAULT), Path()) for key, value in _flatten(tomllib.loads(text))}


def file_layer(path: Path, kind: OriginKind, *, required: bool = False) -> Layer:
    """The settings of a TOML file; none if there is no such file and it is not required.

    Raises:
        SettingsError: The file is missing, unreadable or no TOML, has an unknown setting or a secret.
    """
    origin = Origin(kind, str(path))
    layer = {}
    for key, value in _flatten(_parse(path, required=required)):
        if key in SECRET_KEYS:
            variable = variable_name(key)
            raise SettingsError(
                f"{key} stands in {path}, but a secret must not be written there.",
                hint=f"Put it into a file of its own and set {SECRET_KEYS[key]}, or set {variable} in the environment.",
            )
        _check_known(key, origin)
        layer[key] = Given(value, origin, path.parent)
    return layer


def environment_layer(environ: Mapping[str, str], cwd: Path) -> Layer:
    """The settings of the `EYELINE_*` variables; those without a double underscore are not settings.

    Raises:
        SettingsError: A variable names no setting.
    """
    layer = {}
    for variable, value in environ.items():
        if not variable.startswith(ENVIRONMENT_PREFIX) or _NESTED not in variable:
            continue
        key = variable.removeprefix(ENVIRONMENT_PREFIX).lower().replace(_NESTED, ".")
        origin = Origin(OriginKind.ENVIRONMENT, variable)
        _check_known(key, origin)
        layer[key] = Given(value, origin, cwd)
    return layer


def flag_layer(flags: Mapping[str, object], cwd: Path) -> Layer:
    """The settings of the command line; `None` means that a flag was not given.

    Raises:
        SettingsError: A flag is a secret, which everybody on this machine could read there, or no setting.
    """
    layer = {}
    origin = Origin(OriginKind.FLAG)
    for key, value in flags.items():
        if value is None:
            continue
        if key in SECRET_KEYS:
            raise SettingsError(
                f"{key} is a secret, and flags can be read by others.",
                hint=f"Set {variable_name(key)} in the environment, or name a file with {SECRET_KEYS[key]}.",
            )
        _check_known(key, origin)
        layer[key] = Given(value, origin, cwd)
    return layer


def variable_name(key: str) -> str:
    """The environment variable of a setting."""
    return ENVIRONMENT_PREFIX + key.replace(".", _NESTED).upper()


def _parse(path: Path, *, required: bool) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            raise SettingsError(f"There is no settings file {path}.", hint="Check the path.") from None
        return {}
    except OSError as error:
        raise SettingsError(
            f"Cannot read the settings file {path}: {error.strerror}.", hint="Check its permissions."
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"The settings file {path} is not UTF-8 text.", hint="Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.", hint='Texts need quotes: name = "Ada".') from error


def _flatten(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _check_known(key: str, origin: Origin) -> None:
    known = fields()
    if key in known:
        return
    groups = {name.split(".")[0] for name in known}
    if key in groups:
        raise SettingsError(
            f"{key} ({origin}) is a group of settings, not one.", hint=f"In a file, write it as a table: [{key}]"
        )
    similar = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    if origin.kind is OriginKind.ENVIRONMENT and similar:
        raise SettingsError(
            f"{origin.detail} in the environment names no setting.", hint=f"Did you mean {variable_name(similar[0])}?"
        )
    hint = f"Did you mean {similar[0]}?" if similar else "eyeline config show lists all settings."
    raise SettingsError(f"There is no setting {key} ({origin}).", hint=hint)
