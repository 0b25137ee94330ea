"""`SourceInfo`: the JSON in a presence that says which sources somebody has and which of them are muted."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi import ns

_MAX_SOURCES = 64


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source as its owner describes it.

    Args:
        name: `ENDPOINT-a0`, `ENDPOINT-v0`, ...
        kind: Sound or picture.
        muted: Whether nothing is sent.
        screen: Whether it is a screen and no camera.
    """

    name: str
    kind: MediaKind
    muted: bool
    screen: bool = False


def parse_source_info(text: str) -> tuple[SourceState, ...]:
    """Read the JSON; what is not as it should be is left out, since another member wrote it."""
    try:
        info = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return ()
    if not isinstance(info, dict):
        return ()
    states = (_state(name, value) for name, value in list(info.items())[:_MAX_SOURCES])
    return tuple(state for state in states if state)


def _state(name: str, value: object) -> SourceState | None:
    kind = {"a": MediaKind.AUDIO, "v": MediaKind.VIDEO}.get(name.rpartition("-")[2][:1])
    if kind is None or not isinstance(value, dict):
        return None
    return SourceState(name, kind, muted=bool(value.get("muted")))


def all_muted(sources: Iterable[SourceState], kind: MediaKind) -> bool:
    """Whether nobody can see or hear anything of that kind; so too when there is no source at all."""
    return all(source.muted for source in sources if source.kind is kind)


def source_info_element(sources: Iterable[SourceState]) -> Element:
    """`<SourceInfo/>` for our presence. Others add a source only when they find it here."""
    info: dict[str, dict[str, bool | str]] = {}
    for source in sources:
        info[source.name] = {"muted": source.muted}
        if source.kind is MediaKind.VIDEO:
            info[source.name]["videoType"] = "desktop" if source.screen else "camera"
    element = Element(ns.qname(ns.CLIENT, "SourceInfo"))
    element.text = json.dumps(info, separators=(",", ":"))
    return element
