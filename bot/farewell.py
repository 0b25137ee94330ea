"""Leaving by ourselves: when nobody else is left, or when it is time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from eyeline.config.schema import MeetingSettings

_LOOK_S = 10.0  # a machine that slept wakes up late: the clock is looked at, not slept away


@dataclass(frozen=True, slots=True)
class LeavePlan:
    """When a stay ends by itself.

    Args:
        alone_s: After so long without anybody else; `None` is never.
        at: Local time with its zone; `None` is never.
    """

    alone_s: float | None = None
    at: datetime | None = None

    @classmethod
    def of(cls, settings: MeetingSettings, now: datetime | None = None) -> Self:
        """From the settings; a time of day is the next one.

        Args:
            settings: Validated.
            now: Local time with its zone.
        """
        now = now or datetime.now().astimezone()
        alone_s = settings.leave_when_alone_min * 60 or None
        return cls(alone_s, _next_time(settings.leave_at, now) if settings.leave_at else None)


def _next_time(text: str, now: datetime) -> datetime:
    if ":" in text[:3]:
        hour, minute = (int(part) for part in text.split(":"))
        today = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return today if today > now else today + timedelta(days=1)
    return datetime.fromisoformat(text).astimezone(now.tzinfo)


class Farewell:
    """Watches for the end of one stay; an async context manager, to be entered once.

    Args:
        plan: When.
        leave: Ends the stay, told why in plain words.
    """

    def __init__(self, plan: LeavePlan, leave: Callable[[str], None]) -> None:
        self._plan = plan
        self._leave = leave
        self._alone: asyncio.TimerHandle | None = None
        self._clock: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._plan.at is not None:
            self._clock = asyncio.create_task(self._watch_clock(self._plan.at), name="leave at")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.away()
        if self._clock is not None:
            self._clock.cancel()
            with suppress(asyncio.CancelledError):
                await self._clock

    def company(self, others: int) -> None:
        """So many others are in the meeting."""
        if others:
            self.away()
        elif self._alone is None and self._plan.alone_s is not None:
            why = f"alone for {self._plan.alone_s / 60:g} minutes"
            self._alone = asyncio.get_running_loop().call_later(self._plan.alone_s, self._leave, why)

    def away(self) -> None:
        """We are not in the meeting, so not alone in it."""
        if self._alone is not None:
            self._alone.cancel()
            self._alone = None

    async def _watch_clock(self, at: datetime) -> None:
        while (left_s := (at - datetime.now().astimezone()).total_seconds()) > 0:  # noqa: ASYNC110 - a clock, no event
            await asyncio.sleep(min(left_s, _LOOK_S))
        self._leave(f"it is {at:%H:%M}")
