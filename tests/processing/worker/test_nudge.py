"""Waking a thread that waits for pipes."""

from __future__ import annotations

import threading

from eyeline.processing.worker.nudge import Nudge


def test_a_nudge_wakes_once_and_never_waits() -> None:
    nudge = Nudge()
    for _ in range(100_000):
        nudge.wake()
    assert nudge.connection.poll(0)
    nudge.clear()
    assert not nudge.connection.poll(0)
    threading.Timer(0.05, nudge.wake).start()
    nudge.wait(10)
    nudge.close()
    nudge.wake()
