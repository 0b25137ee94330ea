"""Who wants which source how tall: the arithmetic behind `SenderSourceConstraints`, without any network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

UNLIMITED = -1


@dataclass(frozen=True, slots=True)
class ReceiverSettings:
    """What one receiver asked for. The start values forward nothing, as those of the real bridge.

    Args:
        last_n: How many video sources at most; -1 for all.
        default_height_px: For sources that `heights_px` does not name; -1 for no limit.
        heights_px: By source name.
        preferred: Names that come first when `last_n` is short.
    """

    last_n: int = UNLIMITED
    default_height_px: int = 0
    heights_px: Mapping[str, int] = field(default_factory=dict)
    preferred: tuple[str, ...] = ()

    def updated(self, message: Mapping[str, Any]) -> ReceiverSettings:
        """These settings after a `ReceiverVideoConstraints`; what it does not mention stays.

        Raises:
            TypeError, KeyError, ValueError: A field is not what it has to be.
        """
        changes: dict[str, Any] = {}
        if "lastN" in message:
            changes["last_n"] = int(message["lastN"])
        if "defaultConstraints" in message:
            changes["default_height_px"] = int(message["defaultConstraints"]["maxHeight"])
        if "constraints" in message:
            heights = {str(name): int(limit["maxHeight"]) for name, limit in message["constraints"].items()}
            changes["heights_px"] = heights
        if "onStageSources" in message or "selectedSources" in message:
            names = [*message.get("onStageSources", []), *message.get("selectedSources", [])]
            changes["preferred"] = tuple(str(name) for name in names)
        return replace(self, **changes)

    def wanted_heights_px(self, names: Sequence[str]) -> dict[str, int]:
        """For each of the sources of others: how tall, 0 for not at all, -1 for no limit."""
        heights = {name: self.heights_px.get(name, self.default_height_px) for name in names}
        ranked = sorted(names, key=lambda name: (name not in self.preferred, names.index(name)))
        chosen = [name for name in ranked if heights[name]]
        if self.last_n != UNLIMITED:
            chosen = chosen[: max(0, self.last_n)]
        return {name: heights[name] if name in chosen else 0 for name in names}


def tallest(heights_px: Iterable[int]) -> int:
    """The largest of the wants, where -1 means no limit; 0 when there is none."""
    wants = list(heights_px)
    return UNLIMITED if UNLIMITED in wants else max(wants, default=0)
