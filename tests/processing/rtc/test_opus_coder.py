"""libopus called directly against libav's way to it."""

from __future__ import annotations

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from opus_lab import speech

from eyeline.processing.rtc.opus import LibopusDecoder, OpusError
from eyeline.processing.rtc.opus_coder import PACKET_SAMPLES, LibavOpusCoder, LibopusCoder, open_opus_coder


def blocks(sound: NDArray[np.int16], channels: int) -> list[av.AudioFrame]:
    layout, made = {1: "mono", 2: "stereo"}[channels], []
    for at in range(0, len(sound) - PACKET_SAMPLES + 1, PACKET_SAMPLES):
        samples = np.repeat(sound[at : at + PACKET_SAMPLES], channels)
        frame = av.AudioFrame.from_ndarray(samples[None], "s16", layout)
        frame.sample_rate, frame.pts = 48_000, at
        made.append(frame)
    return made


@pytest.mark.parametrize("channels", [1, 2])
def test_both_write_the_same_to_the_bit(channels: int) -> None:
    lean, libav = LibopusCoder(channels), LibavOpusCoder(channels)
    silence = np.zeros(48_000, np.int16)
    noise = np.random.default_rng(7).normal(0, 3000, 48_000).astype(np.int16)
    for sound in (speech(3), silence, noise):
        made = [lean.encode(block) for block in blocks(sound, channels)]
        assert made == [libav.encode(block) for block in blocks(sound, channels)]
        assert {len(payloads) for payloads in made} == {1}


def test_the_sound_is_only_read() -> None:
    coder = open_opus_coder(1)
    assert isinstance(coder, LibopusCoder)
    for block in blocks(speech(3)[:9600], 1):
        before = bytes(block.planes[0])
        with LibopusDecoder(1) as decoder:
            assert decoder.decode(coder.encode(block)[0]).shape == (PACKET_SAMPLES, 1)
        assert bytes(block.planes[0]) == before


def test_more_channels_than_there_are_is_told() -> None:
    with pytest.raises(OpusError, match="invalid argument"):
        LibopusCoder(3)
