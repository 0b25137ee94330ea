"""The way from a sender's decoder to the source."""

from __future__ import annotations

import asyncio
import time
from threading import Event, Thread

from av import VideoFrame

from eyeline.processing.errors import SourceError
from eyeline.processing.sources.webrtc_line import SenderLine


async def test_frames_go_straight_to_the_consumer() -> None:
    line: SenderLine[VideoFrame] = SenderLine()
    taken: list[VideoFrame] = []
    put = line.begin()
    put(VideoFrame(16, 16))
    line.feed(taken.append)
    frame = VideoFrame(16, 16)
    put(frame)
    line.feed(None)
    put(VideoFrame(16, 16))
    assert taken == [frame]


async def test_nothing_passes_once_the_sender_is_lost_or_another_one_began() -> None:
    line: SenderLine[VideoFrame] = SenderLine()
    taken: list[VideoFrame] = []
    line.feed(taken.append)
    first = line.begin()
    second = line.begin()
    first(VideoFrame(16, 16))
    assert taken == []
    frame = VideoFrame(16, 16)
    second(frame)
    line.lose(SourceError("gone"))
    second(VideoFrame(16, 16))
    assert taken == [frame]


async def test_a_frame_in_hand_is_waited_for_when_the_consumer_goes() -> None:
    line: SenderLine[VideoFrame] = SenderLine()
    begun, go_on, done = Event(), Event(), Event()

    def take(_: VideoFrame) -> None:
        begun.set()
        go_on.wait(20)
        done.set()

    line.feed(take)
    thread = Thread(target=line.begin(), args=(VideoFrame(16, 16),))
    thread.start()
    await asyncio.to_thread(begun.wait, 20)
    leaving = asyncio.create_task(asyncio.to_thread(line.feed, None))
    await asyncio.sleep(0.05)
    assert not leaving.done()
    go_on.set()
    await leaving
    assert done.is_set()
    thread.join(20)


async def test_who_comes_and_goes_is_told() -> None:
    line: SenderLine[VideoFrame] = SenderLine()
    await line.news(0.01)
    waiting = asyncio.create_task(line.news(20))
    line.begin()
    await waiting
    assert line.sender_since_s is not None
    assert line.sender_since_s <= time.monotonic()
    gone = SourceError("gone")
    line.lose(gone)
    await line.news(20)
    assert (line.sender_since_s, line.lost_because) == (None, gone)
    line.begin()
    assert line.lost_because is None
