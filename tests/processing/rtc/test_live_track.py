"""The track of a received stream."""

from __future__ import annotations

import asyncio
import threading

import av
import pytest
from aiortc.mediastreams import MediaStreamError

from eyeline.processing.rtc.live_track import LiveTrack


def frame(pts: int) -> av.VideoFrame:
    made = av.VideoFrame(16, 16, "yuv420p")
    made.pts = pts
    return made


async def test_a_reader_gets_what_is_delivered() -> None:
    track = LiveTrack[av.VideoFrame]("video", "id-1")
    assert track.id == "id-1"
    reading = asyncio.create_task(track.recv())
    await asyncio.sleep(0)
    track.deliver(frame(7))
    assert (await reading).pts == 7


async def test_whoever_reads_late_gets_the_newest_picture() -> None:
    track = LiveTrack[av.VideoFrame]("video")
    for pts in range(10):
        track.deliver(frame(pts))
    await asyncio.sleep(0.05)
    assert (await track.recv()).pts == 9
    assert track.dropped == 9


async def test_whoever_reads_at_once_gets_pictures_that_came_together() -> None:
    track = LiveTrack[av.VideoFrame]("video")
    for pts in range(3):
        track.deliver(frame(pts))
    assert [(await track.recv()).pts for _ in range(3)] == [0, 1, 2]


async def test_sound_is_kept_in_order_and_bounded() -> None:
    track = LiveTrack[av.AudioFrame]("audio")
    for pts in range(30):
        sound = av.AudioFrame("s16", "mono", 960)
        sound.pts = pts
        track.deliver(sound)
    await asyncio.sleep(0.05)
    assert [(await track.recv()).pts for _ in range(10)] == list(range(20, 30))
    assert track.dropped == 20


async def test_the_end_wakes_every_reader() -> None:
    track = LiveTrack[av.VideoFrame]("video")
    readers = [asyncio.create_task(track.recv()) for _ in range(3)]
    await asyncio.sleep(0)
    track.stop()
    assert all(isinstance(each, MediaStreamError) for each in await asyncio.gather(*readers, return_exceptions=True))
    track.deliver(frame(1))
    with pytest.raises(MediaStreamError):
        await track.recv()


async def test_a_reader_that_gives_up_takes_nothing_with_it() -> None:
    track = LiveTrack[av.VideoFrame]("video")
    reading = asyncio.create_task(track.recv())
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    track.deliver(frame(5))
    assert (await track.recv()).pts == 5


async def test_a_frame_of_another_thread_is_had_in_the_event_loop() -> None:
    track = LiveTrack[av.VideoFrame]("video")
    reading = asyncio.create_task(track.recv())
    await asyncio.to_thread(track.deliver_from_thread, frame(7))
    assert (await reading).pts == 7


async def test_diverted_frames_are_taken_in_the_thread_that_brings_them() -> None:
    track = LiveTrack[av.VideoFrame]("video")
    taken: list[tuple[int, int | None]] = []
    track.divert(lambda each: taken.append((threading.get_ident(), each.pts)))
    track.deliver(frame(1))
    thread = await asyncio.to_thread(lambda: (track.deliver_from_thread(frame(2)), threading.get_ident())[1])
    assert taken == [(threading.get_ident(), 1), (thread, 2)]
    track.stop()
    track.deliver(frame(3))
    assert len(taken) == 2


async def test_who_diverts_sound_says_how_it_is_wanted() -> None:
    track = LiveTrack[av.AudioFrame]("audio")
    assert (track.sound_channels, track.sound_ahead_s) == (2, 0.0)
    track.divert(lambda _: None, sound_channels=1, sound_ahead_s=0.1)
    assert (track.sound_channels, track.sound_ahead_s) == (1, 0.1)
