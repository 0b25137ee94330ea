"""Reads recordings: `### <seconds> C->S|S->C|--`, then one frame up to the next such line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HEADER = re.compile(r"^### +[\d.]+ (C->S|S->C|--)(?: \d+)?\n", re.MULTILINE)


@dataclass(frozen=True)
class Frame:
    """One frame: who sent it and what."""

    file: str
    from_server: bool
    text: str


def xmpp_frames(folder: Path) -> Iterator[Frame]:
    """Every XMPP frame of every recording."""
    for path in sorted(folder.glob("*/*-xmpp-*.txt")):
        parts = _HEADER.split(path.read_text(encoding="utf-8"))
        for direction, text in zip(parts[1::2], parts[2::2], strict=True):
            if text.startswith("<") and direction != "--":
                yield Frame(f"{path.parent.name}/{path.name}", direction == "S->C", text.rstrip("\n"))
