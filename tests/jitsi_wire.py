"""Golden stanzas of our own, and recordings of a real Jitsi where they lie beside the repository."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from eyeline.integrations.jitsi.jingle import JINGLE
from eyeline.integrations.jitsi.xml import parse_frame

DATA = Path(__file__).resolve().parent / "data" / "jitsi"
RECORDINGS = (Path(__file__).resolve().parents[1] / "../shared/jitsi-wire").resolve()
needs_recordings = pytest.mark.skipif(not RECORDINGS.is_dir(), reason=f"no recordings in {RECORDINGS}")

# a loaded machine is slow, and that is no failure
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

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


def damage(data: st.DataObject, root: Element) -> None:
    """Take something out of a stanza, or put any text where another was."""
    element = data.draw(st.sampled_from(list(root.iter())))
    match data.draw(st.integers(0, 3)):
        case 0 if element.attrib:
            del element.attrib[data.draw(st.sampled_from(sorted(element.attrib)))]
        case 1 if element.attrib:
            element.set(data.draw(st.sampled_from(sorted(element.attrib))), data.draw(st.text(max_size=8)))
        case 2 if len(element):
            element.remove(data.draw(st.sampled_from(list(element))))
        case _:
            element.text = data.draw(st.text(max_size=8))
