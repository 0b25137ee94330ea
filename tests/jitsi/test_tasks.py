"""Background tasks of the lab."""

from __future__ import annotations

import asyncio

from jitsi_lab.tasks import Tasks


async def test_a_task_that_loses_a_cancellation_is_ended_all_the_same() -> None:
    lost = []

    async def deaf_once() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            lost.append("cancellation")
        await asyncio.sleep(60)

    tasks = Tasks(lost.append)
    running = tasks.spawn(deaf_once())
    await asyncio.sleep(0)
    await tasks.close()
    assert running.cancelled()
    assert lost == ["cancellation"]
