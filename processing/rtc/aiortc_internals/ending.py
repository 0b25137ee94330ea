"""An end of tasks in bounded time."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

logger = logging.getLogger(__name__)

_STOP_S: Final = 2.0


async def end_tasks(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait for them, but not for ever."""
    for task in tasks:
        task.cancel()
    if tasks:
        _, pending = await asyncio.wait(tasks, timeout=_STOP_S)
        for task in pending:
            logger.warning("%s did not end within %.0f s", task.get_name(), _STOP_S)
