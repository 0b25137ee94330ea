from __future__ import annotations

import asyncio
import time
from threading import Thread

from av import VideoFrame

from eyeline.processing.errors import SourceError
from eyeline.processing.sources.webrtc_line import SenderLine


async def test_the_newest_frames_stay() -> None:
    line: SenderLine[VideoFrame] = SenderLine(2)
    frames = [VideoFrame(16, 16) for _ in range(3)]
    for frame in frames:
        line.put(frame)
    assert [line.take(0), line.take(0), line.take(0)] == [*frames[1:], None]


async def test_a_thread_that_waits_is_woken() -> None:
    line: SenderLine[VideoFrame] = SenderLine(1)
    taken: list[VideoFrame | None] = []
    thread = Thread(target=lambda: taken.append(line.take(20)))
    thread.start()
    frame = VideoFrame(16, 16)
    line.put(frame)
    await asyncio.to_thread(thread.join, 20)
    assert taken == [frame]


async def test_who_comes_and_goes_is_told_and_leaves_no_frames() -> None:
    line: SenderLine[VideoFrame] = SenderLine(1)
    await line.news(0.01)
    waiting = asyncio.create_task(line.news(20))
    line.put(VideoFrame(16, 16))
    line.begin()
    await waiting
    assert line.take(0) is None
    assert line.sender_since_s is not None
    assert line.sender_since_s <= time.monotonic()
    line.put(VideoFrame(16, 16))
    gone = SourceError("gone")
    line.lose(gone)
    await line.news(20)
    assert line.take(0) is None
    assert (line.sender_since_s, line.lost_because) == (None, gone)
    line.begin()
    assert line.lost_because is None
