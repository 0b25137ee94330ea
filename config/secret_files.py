"""Secrets that lie in files of their own, as container platforms hand them over."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from eyeline.config.layers import Given, Origin, OriginKind, variable_name
from eyeline.config.schema import SECRET_KEYS
from eyeline.config.settings_errors import SettingsError

_MAX_BYTES = 64 * 2**10


def read_secrets(given: Mapping[str, Given]) -> dict[str, Given]:
    """The secrets whose files are named.

    A secret in the environment wins over its file, unless that file is named by a flag.

    Args:
        given: All settings; paths are whole.

    Raises:
        SettingsError: A file that is needed cannot be read, is empty or cannot be a secret.
    """
    secrets = {}
    for key, file_key in SECRET_KEYS.items():
        named = given.get(file_key)
        if named is None or not isinstance(named.value, Path):
            continue
        overridden = named.origin.kind is not OriginKind.FLAG and key in given and given[key].value
        if not overridden:
            origin = Origin(named.origin.kind, f"{named.origin.detail} → {named.value}".removeprefix(" → "))
            secrets[key] = Given(_read(named.value, key, named.origin), origin, named.folder)
    return secrets


def _read(path: Path, key: str, origin: Origin) -> str:
    where = f"{SECRET_KEYS[key]} ({origin})"
    hint = f"Check the path, or set {variable_name(key)} in the environment."
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        text = content.decode().rstrip("\r\n")
    except OSError as error:
        raise SettingsError(f"Cannot read {path} of {where}: {error.strerror}.", hint=hint) from error
    except UnicodeDecodeError:
        # Not chained: the exception carries the bytes.
        raise SettingsError(f"{path} of {where} is not UTF-8 text.", hint=hint) from None
    if not text or len(content) > _MAX_BYTES or not text.isprintable():
        raise SettingsError(f"{path} of {where} does not hold a secret: it must be one line of text.", hint=hint)
    return text
