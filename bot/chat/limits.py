"""How often anybody is listened to. What is kept of a crowd is bounded, however large it is."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum

BURST = 4
MAX_PEOPLE = 256
STRANGERS_BURST = 4
STRANGERS_PAUSE_S = 5.0


class Admission(Enum):
    """Whether a command is looked at; `NOTICE` is a refusal that the person should be told of."""

    YES = "yes"
    NOTICE = "notice"
    NO = "no"


@dataclass(slots=True)
class Allowance:
    """A bucket that holds `burst` goes and gets one back each `pause_s`."""

    burst: int
    pause_s: float
    left: float
    since_s: float
    told: bool = False

    def take(self, now_s: float) -> bool:
        """Use one, if there is one."""
        gained = (now_s - self.since_s) / self.pause_s if self.pause_s else self.burst
        self.left, self.since_s = min(self.burst, self.left + gained), now_s
        if self.left < 1:
            return False
        self.left -= 1
        return True


class ChatLimits:
    """Counts commands by sender. Answers to strangers share one allowance.

    Args:
        cooldown_s: One command in this time, in the long run; 0 for no limit.
        clock_s: Monotonic.
    """

    def __init__(self, cooldown_s: float, *, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._cooldown_s = cooldown_s
        self._clock_s = clock_s
        self._people: OrderedDict[Hashable, Allowance] = OrderedDict()
        self._strangers = Allowance(STRANGERS_BURST, STRANGERS_PAUSE_S, STRANGERS_BURST, clock_s())

    def __len__(self) -> int:
        return len(self._people)

    def admit(self, sender: Hashable, *, stranger: bool) -> Admission:
        """Whether to look at a command now."""
        now_s = self._clock_s()
        allowance = self._allowance(sender, now_s)
        if not allowance.take(now_s):
            notice = not stranger and not allowance.told
            allowance.told = True
            return Admission.NOTICE if notice else Admission.NO
        allowance.told = False
        return Admission.YES

    def admit_stranger(self) -> bool:
        """Whether to do anything for a stranger now; asked for what was admitted and is meant for us."""
        return self._strangers.take(self._clock_s())

    def _allowance(self, sender: Hashable, now_s: float) -> Allowance:
        """The sender's; whoever was quiet for longest is forgotten first."""
        allowance = self._people.get(sender)
        if allowance is None:
            allowance = self._people[sender] = Allowance(BURST, self._cooldown_s, BURST, now_s)
        self._people.move_to_end(sender)
        while len(self._people) > MAX_PEOPLE:
            self._people.popitem(last=False)
        return allowance
