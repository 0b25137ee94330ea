"""Which lost packets are asked for again (RFC 4585, section 6.2.1), and for how long that makes sense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

TRIES: Final = 4
LIMIT: Final = 400
_REORDERED_PACKETS: Final = 3
_REORDERED_S: Final = 0.008
_ECHO_S: Final = 0.008
_LEAST_PAUSE_S: Final = 0.025
_ROUND_TRIP_GUESS_S: Final = 0.1
_WEIGHT: Final = 0.2


@dataclass(slots=True)
class _Missing:
    noticed_at_s: float
    tries: int = 0
    asked_at_s: float = 0.0
    echoed: bool = True


class NackList:
    """The packets that are missing, by sequence numbers that do not wrap.

    A packet is asked for when three later ones came or 8 ms passed, so that mere reordering costs nothing; then anew
    once a round trip, four times in all. The round trip is learnt from the answers. From the second time on, the same
    question is put twice, for it may get lost like any packet: senders answer once in a round trip.
    """

    def __init__(self) -> None:
        self._newest: int | None = None
        self._missing: dict[int, _Missing] = {}
        self._round_trip_s: float | None = None

    @property
    def pending(self) -> bool:
        """Whether anything is missing that is not given up."""
        return bool(self._missing)

    @property
    def round_trip_s(self) -> float:
        """From asking to getting, smoothed."""
        return _ROUND_TRIP_GUESS_S if self._round_trip_s is None else self._round_trip_s

    def add(self, sequence: int, now_s: float) -> bool:
        """Note a packet that came. False when so many are missing before it that asking makes no sense."""
        if self._newest is None or sequence == self._newest + 1:
            self._newest = sequence
            return True
        if sequence <= self._newest:
            self._came(sequence, now_s)
            return True
        gap = range(self._newest + 1, sequence)
        self._newest = sequence
        if len(gap) + len(self._missing) > LIMIT:
            self._missing.clear()
            return False
        self._missing.update((lost, _Missing(now_s)) for lost in gap)
        return True

    def due(self, now_s: float) -> list[int]:
        """What to ask for now; counts as asked. Gives up what was asked for often enough."""
        pause_s = max(_LEAST_PAUSE_S, self.round_trip_s)
        asked = []
        for sequence, missing in list(self._missing.items()):
            if not missing.echoed and now_s - missing.asked_at_s >= _ECHO_S:
                missing.echoed = True
                asked.append(sequence)
            elif not self._is_due(sequence, missing, now_s, pause_s):
                continue
            elif missing.tries == TRIES:
                del self._missing[sequence]
            else:
                missing.echoed = missing.tries == 0
                missing.tries += 1
                missing.asked_at_s = now_s
                asked.append(sequence)
        return asked

    def forget_before(self, sequence: int) -> None:
        """Packets before this one are of no use any more."""
        for lost in [lost for lost in self._missing if lost < sequence]:
            del self._missing[lost]

    def restart(self) -> None:
        """Another stream begins; the path stays the same."""
        self._newest = None
        self._missing.clear()

    def _is_due(self, sequence: int, missing: _Missing, now_s: float, pause_s: float) -> bool:
        if missing.tries:
            return now_s - missing.asked_at_s >= pause_s
        later = (self._newest or 0) - sequence
        return later >= _REORDERED_PACKETS or now_s - missing.noticed_at_s >= _REORDERED_S

    def _came(self, sequence: int, now_s: float) -> None:
        missing = self._missing.pop(sequence, None)
        if missing is None or missing.tries != 1:
            return  # with more than one question nobody knows which one was answered
        measured_s = now_s - missing.asked_at_s
        known_s = self._round_trip_s
        self._round_trip_s = measured_s if known_s is None else known_s + _WEIGHT * (measured_s - known_s)
