"""The door out: it fails closed, and nothing raw passes it."""

from __future__ import annotations

import asyncio
import threading
import time

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError

from eyeline.processing.card import StillCard
from eyeline.processing.frame import CapturedFrame, I420Image, ProcessedFrame
from eyeline.processing.outgoing_video import (
    CARD_INTERVAL_MS,
    FIRST_CARDS,
    STALL_MS,
    OutgoingVideo,
    VideoState,
)
from eyeline.processing.tracks import CARD_HELD_S, OutgoingVideoTrack

SIZE_PX = (320, 180)
GREEN_YUV = (145, 54, 34)


def green(at_s: float | None = None, size_px: tuple[int, int] = SIZE_PX) -> ProcessedFrame:
    return ProcessedFrame(I420Image.filled(*size_px, GREEN_YUV), time.monotonic() if at_s is None else at_s)


def is_green(image: I420Image) -> bool:
    return bool((image.y == GREEN_YUV[0]).all() and (image.v == GREEN_YUV[2]).all())


@pytest.fixture
async def video():
    states: list[VideoState] = []
    video = OutgoingVideo(StillCard("Ada"), size_px=SIZE_PX, on_state=states.append)
    video.states = states  # type: ignore[attr-defined]
    yield video
    video.close()


async def received(track: OutgoingVideoTrack) -> I420Image:
    return I420Image.from_video_frame(await track.recv())


async def test_the_card_goes_out_until_the_first_picture(video):
    track = OutgoingVideoTrack(video)
    first = await received(track)
    np.testing.assert_array_equal(first.data, StillCard("Ada").image(*SIZE_PX).data)
    assert video.state is VideoState.CARD


async def test_a_processed_picture_goes_live(video):
    track = OutgoingVideoTrack(video)
    await track.recv()
    video.show(green())
    assert is_green(await received(track))
    assert video.state is VideoState.LIVE


@pytest.mark.parametrize(
    "raw",
    [
        CapturedFrame(I420Image.filled(*SIZE_PX, GREEN_YUV), 0.0),
        I420Image.filled(*SIZE_PX, GREEN_YUV),
        I420Image.filled(*SIZE_PX, GREEN_YUV).to_video_frame(),
        None,
    ],
    ids=["captured", "image", "av", "none"],
)
async def test_nothing_but_a_processed_frame_is_accepted(video, raw):
    with pytest.raises(TypeError, match="ProcessedFrame"):
        video.show(raw)
    assert video.state is VideoState.CARD


async def test_a_stall_ends_in_the_card_and_a_new_picture_ends_the_card(video):
    track = OutgoingVideoTrack(video)
    shown_at_s = time.monotonic()
    video.show(green())
    while not is_green(await received(track)):
        pass
    while is_green(await received(track)):
        pass
    assert time.monotonic() - shown_at_s > STALL_MS / 1000 / 2
    assert video.state is VideoState.CARD
    video.show(green())
    while not is_green(await received(track)):
        pass
    assert video.states == [VideoState.LIVE, VideoState.CARD, VideoState.LIVE]


async def test_a_picture_that_waited_for_a_stalled_event_loop_is_not_shown(video):
    video.show(green())
    time.sleep(STALL_MS / 1000 + 0.05)  # noqa: ASYNC251  # the stall itself
    await asyncio.sleep(0.05)
    assert video.state is VideoState.CARD


async def test_pictures_from_another_thread_arrive_and_the_newest_wins(video):
    track = OutgoingVideoTrack(video)
    await track.recv()

    def produce() -> None:
        for luma in range(20, 120):
            video.show(ProcessedFrame(I420Image.filled(*SIZE_PX, (luma, 128, 128)), time.monotonic()))

    await asyncio.to_thread(produce)
    while (await received(track)).y[0, 0] != 119:
        pass


async def test_each_track_has_its_own_limit(video):
    small, large = OutgoingVideoTrack(video), OutgoingVideoTrack(video)
    small.limit(90)
    video.show(green())
    assert (await received(small)).size == (160, 90)
    assert (await received(large)).size == SIZE_PX


async def test_a_limit_of_zero_stops_the_flow_and_lifting_it_shows_nothing_stale(video):
    track = OutgoingVideoTrack(video)
    video.show(green())
    await asyncio.sleep(0.02)
    track.limit(0)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(track.recv(), 0.4)
    await asyncio.sleep(STALL_MS / 1000 + 0.2)
    track.limit(None)
    assert not is_green(await received(track))


async def test_after_a_pause_the_camera_comes_before_any_card(video):
    """A card in between would be a flash, and the picture would come behind it."""
    track = OutgoingVideoTrack(video)
    track.limit(0)
    await asyncio.sleep(STALL_MS / 1000 + 0.1)
    track.limit(None)
    first = asyncio.create_task(received(track))
    await asyncio.sleep(0.05)
    video._repeat_card()
    await asyncio.sleep(0.05)
    video.show(green())
    assert is_green(await first)


async def test_after_a_pause_a_card_that_somebody_wants_comes_at_once(video):
    track = OutgoingVideoTrack(video)
    track.limit(0)
    video.hide()
    await asyncio.sleep(0.1)
    track.limit(None)
    video._repeat_card()
    async with asyncio.timeout(CARD_HELD_S / 2):
        assert not is_green(await received(track))


async def test_timestamps_follow_the_capture_clock_and_never_go_back(video):
    track = OutgoingVideoTrack(video)
    await track.recv()
    start_s = time.monotonic() + 1
    stamps = []
    for at_s in (start_s, start_s + 1 / 30, start_s + 1 / 30, start_s + 0.010, start_s + 0.1):
        video.show(green(at_s))
        stamps.append((await track.recv()).pts)
    assert stamps == sorted(set(stamps))
    assert stamps[1] - stamps[0] == 3000
    assert stamps[4] - stamps[0] == 9000


async def test_the_card_takes_the_size_of_the_picture_that_was_on_air(video):
    track = OutgoingVideoTrack(video)
    video.show(green(size_px=(160, 120)))
    await received(track)
    await asyncio.sleep(STALL_MS / 1000 + 0.3)
    image = await received(track)
    assert image.size == (160, 120)
    assert not is_green(image)


async def test_a_stopped_track_ends_and_the_outgoing_video_goes_on(video):
    ended, other = OutgoingVideoTrack(video), OutgoingVideoTrack(video)
    ended.stop()
    with pytest.raises(MediaStreamError):
        await ended.recv()
    await received(other)
    video.show(green())
    assert is_green(await received(other))


async def test_a_forgotten_picture_reaches_no_new_viewer(video: OutgoingVideo):
    video.show(green())
    there, late = OutgoingVideoTrack(video), OutgoingVideoTrack(video)
    while not is_green(await received(there)):
        pass
    video.forget()
    assert not is_green(await received(late))
    waiting = asyncio.ensure_future(received(there))
    await asyncio.sleep(0.05)
    assert not waiting.done()  # whoever had it is not sent a card in between
    video.show(green())
    assert is_green(await waiting)
    there.stop()
    late.stop()


async def test_hiding_shows_the_card_whatever_comes_until_it_ends(video):
    track = OutgoingVideoTrack(video)
    await track.recv()
    video.show(green())
    assert is_green(await received(track))
    video.hide()
    assert video.hidden
    assert video.state is VideoState.CARD
    assert not is_green(await received(track))
    video.show(green())
    assert not is_green(await received(track))
    video.hide()
    video.unhide()
    assert not is_green(await received(track))
    video.show(green())
    assert is_green(await received(track))
    assert video.states == [VideoState.LIVE, VideoState.CARD, VideoState.LIVE]


async def test_a_picture_that_has_arrived_but_is_not_on_air_yet_is_hidden_too(video):
    video.show(green())
    video.hide()
    await asyncio.sleep(0)
    assert video.state is VideoState.CARD
    assert video.states == []


async def test_a_picture_that_is_being_scaled_when_it_is_hidden_does_not_leave(video):
    track = OutgoingVideoTrack(video)
    await track.recv()
    track.limit(90)
    scaled = threading.Event()
    track._scaler.submit(scaled.wait)
    video.show(green())
    receiving = asyncio.create_task(received(track))
    await asyncio.sleep(0.05)
    assert video.state is VideoState.LIVE
    video.hide()
    scaled.set()
    assert not is_green(await receiving)


async def test_the_card_is_sent_several_times_before_it_slows_down(video):
    track = OutgoingVideoTrack(video)
    await track.recv()
    video.show(green())
    await track.recv()
    before = video.number
    video.hide()
    for _ in range(FIRST_CARDS):
        assert not is_green(await received(track))
    assert video.number - before == FIRST_CARDS
    last, slow = await track.recv(), await track.recv()
    assert slow.time - last.time > 0.9 * CARD_INTERVAL_MS / 1000
