"""The shape of Zoom's SDK, as far as it is used: captured from the real module, kept as JSON, held against both.

PYTHONPATH=tests HOME=$(mktemp -d) python -m zoom_lab.contract --write    # capture it anew
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from enum import Enum, IntEnum
from importlib import import_module
from pathlib import Path
from typing import Any

from zoom_lab import used

PATH = Path(__file__).parents[1] / "integrations" / "zoom" / "contract.json"

_PACKAGE = re.compile(r"\bzoom_meeting_sdk\.(_zoom_meeting_sdk_impl\.)?")
_DEFAULT = re.compile(r"= \\\d+")  # a placeholder whose form differs between releases of nanobind
_KEYWORD = re.compile(r"(\w+): collections\.abc\.Callable\[(.*?)\] \| None = \.\.\.")


def kept() -> dict[str, Any]:
    """The contract in the repository."""
    contract: dict[str, Any] = json.loads(PATH.read_text())
    return contract


def captured(module: Any) -> dict[str, Any]:
    """What the real module is like; parts that are missing are `None`."""
    return {
        "functions": {name: _signature(getattr(module, name, None)) for name in used.FUNCTIONS},
        "enums": {name: captured_enum(getattr(module, name, None)) for name in used.ENUMS},
        "callbacks": {name: _callbacks(getattr(module, name, None)) for name in used.CALLBACKS},
        "classes": {
            name: {member: _member(getattr(module, name, None), member) for member in members}
            for name, members in used.CLASSES.items()
        },
        "made_by_us": sorted(name for name in used.CLASSES if _signature(_constructor(module, name)) is not None),
    }


def _constructor(module: Any, name: str) -> Any:
    return getattr(getattr(module, name, None), "__init__", None)


def _member(owner: Any, name: str) -> str | None:
    found = getattr(owner, name, None)
    if isinstance(found, property):
        answer = (_signature(found.fget) or "").partition(" -> ")[2]
        return f"property: {answer}{'' if found.fset else ', read-only'}"
    return _signature(found)


def _signature(function: Any) -> str | None:
    overloads = getattr(function, "__nb_signature__", None)
    if overloads is None:
        return None
    texts = (_DEFAULT.sub("= ...", _PACKAGE.sub("", overload[0])).replace('"', "'") for overload in overloads)
    return "\n".join(texts)


def _callbacks(kind: Any) -> dict[str, Any] | None:
    """What the wrapper can pass to each function; types in quotes are ones that it cannot."""
    signature = _signature(getattr(kind, "__init__", None))
    if signature is None:
        return None
    keywords = {name: taken.replace("collections.abc.", "") for name, taken in _KEYWORD.findall(signature)}
    return {"base": kind.__bases__[0].__name__, "keywords": keywords}


def captured_enum(kind: Any) -> dict[str, Any] | None:
    """An enum's members and values, and whether they are numbers."""
    if not (isinstance(kind, type) and issubclass(kind, Enum)):
        return None
    members = {name: member.value for name, member in kind.__members__.items()}
    return {"base": "IntEnum" if issubclass(kind, IntEnum) else "Enum", "members": members}


def main() -> None:
    """Capture, print or write; the module crashes the interpreter's own way out."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    text = json.dumps(captured(import_module("zoom_meeting_sdk")), indent=1, sort_keys=True) + "\n"
    if parser.parse_args().write:
        PATH.write_text(text)
    else:
        sys.stdout.write(text)
        sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
