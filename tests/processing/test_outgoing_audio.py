"""Sound goes out in steady blocks, as late as the picture, whatever comes in."""

from __future__ import annotations

import asyncio
import threading
import time

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError

from eyeline.processing.latency import REST_S
from eyeline.processing.outgoing_audio import OutgoingAudio
from eyeline.processing.sound import BLOCK_SAMPLES
from eyeline.processing.tracks import OutgoingAudioTrack


def block(value: int):
    return np.full(BLOCK_SAMPLES, value, np.int16)


def level(frame) -> int:
    return int(frame.to_ndarray()[0, BLOCK_SAMPLES // 2])


async def test_silence_where_nothing_comes():
    track = OutgoingAudioTrack(OutgoingAudio())
    frames = [await track.recv() for _ in range(3)]
    assert [level(frame) for frame in frames] == [0, 0, 0]
    assert [frame.pts for frame in frames] == [0, BLOCK_SAMPLES, 2 * BLOCK_SAMPLES]
    assert frames[0].sample_rate == 48_000


async def test_every_track_hears_every_block():
    audio = OutgoingAudio()
    tracks = [OutgoingAudioTrack(audio), OutgoingAudioTrack(audio)]
    now_s = time.monotonic()
    for number in range(10):
        audio.put(block(100 + number), now_s + number * 0.02)
    for track in tracks:
        levels = [level(await track.recv()) for _ in range(5)]
        assert sorted(levels) == levels
        assert levels[-1] >= 100


async def test_what_is_too_old_is_not_heard():
    audio = OutgoingAudio()
    track = OutgoingAudioTrack(audio)
    now_s = time.monotonic()
    for number in range(150):  # up to a second ahead, so that a machine that stalls meanwhile finds sound, too
        audio.put(block(1 + number), now_s - 2 + number * 0.02)
    heard = level(await track.recv())
    assert heard > 100 - round(50 * (REST_S + 0.06))


async def test_it_takes_sound_from_another_thread():
    audio = OutgoingAudio()
    track = OutgoingAudioTrack(audio)
    stop = threading.Event()

    def talk() -> None:
        at_s = time.monotonic()
        while not stop.wait(max(0.0, at_s + 0.02 - time.monotonic())):
            audio.put(block(500), at_s)
            at_s += 0.02

    thread = threading.Thread(target=talk)
    thread.start()
    levels = [level(await track.recv()) for _ in range(25)]
    stop.set()
    thread.join()
    assert levels[-15:] == [500] * 15


async def test_a_stall_makes_the_time_line_jump_instead_of_bursting():
    track = OutgoingAudioTrack(OutgoingAudio())
    first = await track.recv()
    time.sleep(0.3)  # noqa: ASYNC251  # the stall itself
    second = await track.recv()
    third = await track.recv()
    assert second.pts - first.pts >= 10 * BLOCK_SAMPLES
    assert third.pts - second.pts == BLOCK_SAMPLES


@pytest.mark.parametrize(
    "bad", [np.zeros((2, 960), np.int16), np.zeros(BLOCK_SAMPLES, np.float32), np.zeros(48_001, np.int16)]
)
async def test_sound_of_another_form_is_refused(bad):
    with pytest.raises(ValueError, match="int16"):
        OutgoingAudio().put(bad, 0.0)


async def test_a_stopped_track_ends():
    track = OutgoingAudioTrack(OutgoingAudio())
    track.stop()
    with pytest.raises(MediaStreamError):
        await asyncio.wait_for(track.recv(), 1)
