"""Golden stanzas of our own, and recordings of a real Jitsi where they lie beside the repository."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from eyeline.integrations.jitsi.jingle import JINGLE
from eyeline.integrations.jitsi.xml import parse_frame

DATA = Path(__file__).resolve().parent / "data" / "jitsi"
RECORDINGS = (Path(__file__).resolve().parents[1] / "../shared/jitsi-wire").resolve()
needs_recordings = pytest.mark.skipif(not RECORDINGS.is_dir(), reason=f"no recordings in {RECORDINGS}")

_FRAME = re.compile(r"^### +[\d.]+ (C->S|S->C|--)\n", re.MULTILINE)


def golden(name: str) -> Element:
    """One of our own stanzas."""
    return parse_frame((DATA / name).read_text().strip())


@dataclass(frozen=True, slots=True)
class Recorded:
    """One frame of a recording."""

    file: str
    from_server: bool
    text: str


def frames(pattern: str) -> Iterator[Recorded]:
    """The frames of all recordings whose path matches."""
    for path in sorted(RECORDINGS.glob(pattern)):
        _, *parts = _FRAME.split(path.read_text())
        for direction, text in zip(parts[::2], parts[1::2], strict=True):
            if direction != "--":
                yield Recorded(f"{path.parent.name}/{path.name}", direction == "S->C", text.strip())


def jingle(action: str, pattern: str = "*/*xmpp*.txt") -> Iterator[tuple[str, Element]]:
    """Every recorded `<jingle/>` of an action, with the name of its file."""
    for frame in frames(pattern):
        if f"{action}" in frame.text and "<jingle" in frame.text:
            for element in parse_frame(frame.text).iter(JINGLE):
                if element.get("action") == action:
                    yield frame.file, element
