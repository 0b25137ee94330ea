"""Sound goes out in steady blocks, whatever comes in."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError

from eyeline.processing.outgoing_audio import BLOCK_SAMPLES, MAX_BACKLOG_BLOCKS, OutgoingAudio
from eyeline.processing.tracks import OutgoingAudioTrack


def block(value: int):
    return np.full(BLOCK_SAMPLES, value, np.int16)


def level(frame) -> int:
    return int(frame.to_ndarray()[0, 0])


async def test_silence_where_nothing_comes():
    track = OutgoingAudioTrack(OutgoingAudio())
    frames = [await track.recv() for _ in range(3)]
    assert [level(frame) for frame in frames] == [0, 0, 0]
    assert [frame.pts for frame in frames] == [0, BLOCK_SAMPLES, 2 * BLOCK_SAMPLES]
    assert frames[0].sample_rate == 48_000


async def test_every_track_hears_every_block():
    audio = OutgoingAudio()
    tracks = [OutgoingAudioTrack(audio), OutgoingAudioTrack(audio)]
    audio.put(block(5))
    audio.put(block(6))
    for track in tracks:
        assert [level(await track.recv()), level(await track.recv()), level(await track.recv())] == [5, 6, 0]


async def test_a_backlog_loses_its_oldest():
    audio = OutgoingAudio()
    track = OutgoingAudioTrack(audio)
    for value in range(1, MAX_BACKLOG_BLOCKS + 4):
        audio.put(block(value))
    assert level(await track.recv()) == 4


async def test_a_stall_makes_the_time_line_jump_instead_of_bursting():
    track = OutgoingAudioTrack(OutgoingAudio())
    first = await track.recv()
    time.sleep(0.3)  # noqa: ASYNC251  # the stall itself
    second = await track.recv()
    third = await track.recv()
    assert second.pts - first.pts >= 10 * BLOCK_SAMPLES
    assert third.pts - second.pts == BLOCK_SAMPLES


@pytest.mark.parametrize("bad", [np.zeros(100, np.int16), np.zeros(BLOCK_SAMPLES, np.float32)])
async def test_a_block_of_another_shape_is_refused(bad):
    with pytest.raises(ValueError, match="int16"):
        OutgoingAudio().put(bad)


async def test_a_stopped_track_ends():
    track = OutgoingAudioTrack(OutgoingAudio())
    track.stop()
    with pytest.raises(MediaStreamError):
        await asyncio.wait_for(track.recv(), 1)
