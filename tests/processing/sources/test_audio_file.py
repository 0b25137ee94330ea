from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from source_lab import greys, take, until_async, write_sound, write_video

from eyeline.processing.errors import SourceError, SourceMissingError
from eyeline.processing.sound import BLOCK_SAMPLES
from eyeline.processing.sources.audio import AudioSource
from eyeline.processing.sources.audio_file import AudioFileReader, looped_blocks
from eyeline.processing.sources.blocks import AudioBlock
from eyeline.processing.sources.clip import looped_frames
from eyeline.processing.sources.spec import FileSpec, MicrophoneSpec, SilenceSpec
from eyeline.processing.sources.state import SourcePhase, SourceState


@contextmanager
def opened(path: Path) -> Iterator[AudioFileReader]:
    reader = AudioFileReader(path)
    try:
        reader.open()
        yield reader
    finally:
        reader.close()


def loop(path: Path, count: int) -> NDArray[np.int16]:
    blocks = looped_blocks(path, "The file")
    sound = np.concatenate(list(itertools.islice(blocks, count)))
    blocks.close()
    return sound


def ramp(count: int) -> NDArray[np.int16]:
    return (np.arange(count) % 20_000 - 10_000).astype(np.int16)


def test_round_and_round_without_a_gap(tmp_path: Path) -> None:
    """To the sample, though the length is no multiple of a block."""
    path = write_sound(tmp_path / "a.wav", ramp(5001)[None])
    sound = loop(path, 40)
    assert np.array_equal(sound, np.tile(ramp(5001), 8)[: len(sound)])


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz"),
    [
        ("a.flac", "flac", 44_100),
        ("a.mp3", "libmp3lame", 44_100),
        ("a.opus", "libopus", 48_000),
        ("a.m4a", "aac", 44_100),
    ],
)
def test_compressed_sound(tmp_path: Path, name: str, codec: str, rate_hz: int) -> None:
    wave = 12_000 * np.sin(2 * np.pi * 440 * np.arange(rate_hz) / rate_hz)
    path = write_sound(tmp_path / name, np.stack([wave, wave]).astype(np.int16), rate_hz=rate_hz, codec=codec)
    sound = loop(path, 45).astype(float)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    assert abs(np.argmax(spectrum) * 48_000 / len(sound) - 440) <= 3
    assert np.abs(sound).max() > 8_000


def test_another_rate_takes_the_same_time(tmp_path: Path) -> None:
    clicks = np.zeros(22_050, np.int16)
    clicks[1_000:1_020] = 30_000
    path = write_sound(tmp_path / "a.wav", clicks[None], rate_hz=44_100)
    sound = loop(path, 150)
    heard = np.flatnonzero(sound > 15_000)
    starts = heard[np.append(True, np.diff(heard) > 1_000)]
    assert len(starts) >= 5
    assert np.abs(np.diff(starts) - 24_000).max() <= 1


def test_plays_at_its_own_pace(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.wav", ramp(48_000)[None])
    begin_s = time.monotonic()
    with opened(path) as reader:
        blocks = take(reader, 12)
    assert all(block.samples.shape == (BLOCK_SAMPLES,) for block in blocks)
    times = [block.captured_at_s for block in blocks]
    assert times[0] >= begin_s
    assert np.all(np.diff(times) > 0.0199)
    assert time.monotonic() >= times[-1]


def test_skipping_keeps_the_pace(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.wav", np.repeat(np.arange(1, 51, dtype=np.int16), BLOCK_SAMPLES)[None])
    with opened(path) as reader:
        for _ in range(4):
            assert reader.skip()
        assert take(reader, 1)[0].samples[0] == 5


def test_picture_and_sound_of_one_file_stay_together(tmp_path: Path) -> None:
    """The sound is shorter than the picture and begins later; both take one round in the same time."""
    silent, sound = write_video(tmp_path / "v.mp4", greys(15)), write_sound(tmp_path / "s.wav", ramp(14_400)[None])
    path = tmp_path / "both.mkv"
    with av.open(str(path), "w") as out, av.open(str(silent)) as video, av.open(str(sound)) as audio:
        streams = [(one, out.add_stream_from_template(one.streams[0])) for one in (video, audio)]
        for container, stream in streams:
            for packet in container.demux():
                if packet.size:
                    if container is audio:
                        assert packet.pts is not None
                        packet.pts += 9_600  # 200 ms
                        packet.dts = packet.pts
                    packet.stream = stream
                    out.mux(packet)
    heard = loop(path, 120)
    rounds = np.flatnonzero(heard == ramp(1)[0])
    starts = rounds[np.append(True, np.diff(rounds) > 20_001)]
    assert abs(starts[0] - 9_600) <= 48
    frames = looped_frames(path, "The file")
    times = [stored.at_s for stored in itertools.islice(frames, 31)]
    frames.close()
    round_s = times[15]
    assert abs((starts[1] - starts[0]) / 48_000 - round_s) < 0.002


@pytest.mark.parametrize(
    ("content", "error", "text"),
    [
        (None, SourceMissingError, "There is no file"),
        (b"", SourceError, "a.wav"),
        (np.random.default_rng(2).bytes(20_000), SourceError, "a.wav"),
    ],
)
def test_what_cannot_be_played(tmp_path: Path, content: bytes | None, error: type[SourceError], text: str) -> None:
    path = tmp_path / "a.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error, match=text), opened(path):
        pass


def test_a_video_without_sound(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", greys(2))
    with pytest.raises(SourceError, match="has no sound"), opened(path):
        pass


def test_a_sound_of_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_sound(path, ramp(100)[None])
    header = path.read_bytes()
    path.write_bytes(header[: header.index(b"data") + 4] + bytes(4))
    with pytest.raises(SourceError), opened(path):
        pass


async def test_the_source(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.wav", ramp(48_000)[None])
    blocks: list[AudioBlock] = []
    states: list[SourceState] = []
    source = AudioSource(FileSpec(path), on_block=blocks.append, on_state=states.append)
    async with source:
        await source.opened()
        assert source.state == SourceState(SourcePhase.RUNNING)
        await until_async(lambda: len(blocks) > 5)
        source.pause()
        await asyncio.sleep(0.1)
        count = len(blocks)
        await asyncio.sleep(0.2)
        assert len(blocks) == count
        source.resume()
        await until_async(lambda: len(blocks) > count)
    assert [state.phase for state in states] == [SourcePhase.OPENING, SourcePhase.RUNNING, SourcePhase.STOPPED]


async def test_silence_has_nothing_to_say() -> None:
    blocks: list[AudioBlock] = []
    states: list[SourceState] = []
    source = AudioSource(SilenceSpec(), on_block=blocks.append, on_state=states.append)
    async with source:
        await source.opened()
        source.pause()
        source.resume()
    assert blocks == []
    assert states == []


async def test_no_such_microphone() -> None:
    source = AudioSource(MicrophoneSpec("No such thing at all"), on_block=lambda _: None)
    async with source:
        with pytest.raises(SourceMissingError, match="no microphone called"):
            await source.opened()
