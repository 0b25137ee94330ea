"""Real ALSA, reading from a file instead of a sound card; and libav's own virtual device."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from pathlib import Path

import av
import numpy as np
import pytest
from source_lab import take

from eyeline.processing.errors import SourceError, SourceMissingError
from eyeline.processing.outgoing_audio import OutgoingAudio
from eyeline.processing.sound import BLOCK_SAMPLES
from eyeline.processing.sources import devices, microphone
from eyeline.processing.sources.devices import Device, list_microphones, microphone_address
from eyeline.processing.sources.microphone import MAX_BACKLOG_BLOCKS, MicrophoneReader
from eyeline.processing.tracks import OutgoingAudioTrack

on_linux = pytest.mark.skipif("alsa" not in av.formats_available, reason="libav without ALSA")

# ALSA keeps the configuration of a process, so each test has a process of its own.
_READ = """
import sys
from eyeline.processing.errors import SourceError
from eyeline.processing.sources.microphone import MicrophoneReader
reader = MicrophoneReader(sys.argv[1])
try:
    reader.open()
    blocks = []
    while len(blocks) < 10:
        block = reader.read()
        if block is not None:
            blocks.append(block)
    print(len(blocks), *sorted({(b.samples.shape, str(b.samples.dtype)) for b in blocks}))
    print(max(int(abs(b.samples).max()) for b in blocks))
except SourceError as error:
    print(type(error).__name__, error.message)
reader.close()
"""


def listen(folder: Path, device: str, configuration: str) -> list[str]:
    path = folder / "alsa.conf"
    path.write_text(configuration)
    environment = {"ALSA_CONFIG_PATH": str(path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", _READ, device], env=environment, capture_output=True, text=True, timeout=200, check=True
    )
    return done.stdout.splitlines()


@on_linux
@pytest.mark.parametrize("channels", [1, 2])
def test_hears_what_alsa_records(tmp_path: Path, channels: int) -> None:
    wave = 9_000 * np.sin(np.arange(48_000) / 10)
    recorded = tmp_path / "recorded.raw"
    np.repeat(wave, channels).astype(np.int16).tofile(recorded)
    configuration = f'''
pcm.nothing {{ type null }}
pcm.recording {{ type file slave.pcm nothing file /dev/null infile "{recorded}" format raw }}
'''
    shapes, loudest = listen(tmp_path, "recording", configuration)
    assert shapes == "10 ((960,), 'int16')"
    assert 4_000 < int(loudest) < 10_000


@on_linux
def test_a_device_that_alsa_does_not_know(tmp_path: Path) -> None:
    (said,) = listen(tmp_path, "hw:7", "pcm.nothing { type null }\n")
    assert said == "SourceMissingError The microphone hw:7 is not there."


@on_linux
def test_nothing_to_hear_with(tmp_path: Path) -> None:
    (said,) = listen(tmp_path, "", "pcm.null { type null }\n")
    assert said == "SourceMissingError No microphone was found."


def virtual(monkeypatch: pytest.MonkeyPatch, graph: str) -> MicrophoneReader:
    monkeypatch.setattr(microphone, "microphone_address", lambda _: graph)
    return MicrophoneReader("", form="lavfi")


def test_blocks_follow_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = virtual(monkeypatch, "sine=frequency=440:sample_rate=44100,arealtime")
    reader.open()
    blocks = take(reader, 10)
    reader.close()
    assert all(block.samples.shape == (BLOCK_SAMPLES,) for block in blocks)
    assert np.concatenate([block.samples for block in blocks]).max() > 1_000


def test_what_comes_at_once_is_cut_to_its_newest_part(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = virtual(monkeypatch, "sine=frequency=441.25:sample_rate=48000:samples_per_frame=24000")
    reader.open()
    first, *others = take(reader, MAX_BACKLOG_BLOCKS)
    reader.close()
    times = [block.captured_at_s for block in (first, *others)]
    assert np.allclose(np.diff(times), 0.02)
    whole = np.sin(2 * np.pi * 441.25 * np.arange(24_000) / 48_000)
    assert np.corrcoef(first.samples, whole[-MAX_BACKLOG_BLOCKS * 960 :][:960])[0, 1] > 0.99


def test_skipping_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = virtual(
        monkeypatch, "sine=sample_rate=48000:samples_per_frame=2000,volume='if(lt(t,0.04),1,0)':eval=frame"
    )
    reader.open()
    assert take(reader, 1)[0].samples.any()
    assert reader.skip()  # the rest of the tone, and the rest of a block
    assert not any(block.samples.any() for block in take(reader, 4))
    reader.close()


def test_gives_no_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = virtual(monkeypatch, "testsrc")
    with pytest.raises(SourceError, match="gives no sound"):
        reader.open()
    reader.close()


def test_names(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        Device("sysdefault:CARD=PCH", "HDA Intel PCH"),
        Device("hw:CARD=Headset,DEV=0", "Jabra Headset, USB Audio"),
    ]
    monkeypatch.setattr(devices, "SYSTEM", devices.LINUX)
    monkeypatch.setattr(devices, "list_microphones", lambda: found)
    assert microphone_address("") == "default"
    assert microphone_address("headset") == "hw:CARD=Headset,DEV=0"
    assert microphone_address("hw:3,0") == "hw:3,0"
    assert microphone_address("sysdefault:CARD=PCH") == "sysdefault:CARD=PCH"
    with pytest.raises(SourceMissingError) as caught:
        microphone_address("Blue Yeti")
    assert "Jabra Headset" in caught.value.hint


@pytest.mark.parametrize(
    ("system", "default", "named"),
    [(devices.MACOS, ":default", ":1"), (devices.WINDOWS, "audio=0", "audio=1")],
)
def test_names_elsewhere(
    monkeypatch: pytest.MonkeyPatch, system: devices.DeviceSystem, default: str, named: str
) -> None:
    monkeypatch.setattr(devices, "SYSTEM", system)
    monkeypatch.setattr(devices, "list_microphones", lambda: [Device("0", "Built-in"), Device("1", "USB Audio")])
    assert microphone_address("") == default
    assert microphone_address("usb audio") == named


def test_listing_never_fails() -> None:
    assert all(isinstance(found, Device) for found in list_microphones())


async def test_a_microphone_that_stalls_is_silent_and_then_heard_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a second nothing comes, then everything at once."""
    reader = virtual(monkeypatch, "sine=frequency=440:sample_rate=44100:samples_per_frame=882,arealtime")
    audio = OutgoingAudio()
    track = OutgoingAudioTrack(audio)
    stop, stall = threading.Event(), threading.Event()

    def listen() -> None:
        reader.open()
        while not stop.is_set():
            if stall.is_set():
                stall.clear()
                time.sleep(1)
            if (block := reader.read()) is not None:
                audio.put(block.samples, block.captured_at_s)
        reader.close()

    async def heard(loud: bool, blocks: int) -> None:
        """Wait for so many in a row."""
        row = 0
        while row < blocks:
            row = row + 1 if (np.abs((await track.recv()).to_ndarray()).max() > 1_000) == loud else 0

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        async with asyncio.timeout(60):
            await heard(True, 30)
            stall.set()
            await heard(False, 30)
            await heard(True, 50)
            while track.delay_s > 0.3:
                await track.recv()
    finally:
        stop.set()
        thread.join()


def test_sound_before_and_after_a_gap_is_not_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = virtual(monkeypatch, "sine=sample_rate=48000:samples_per_frame=1100,arealtime")
    reader.open()
    take(reader, 2)
    assert reader._cutter.rest
    time.sleep(0.3)
    take(reader, 1)
    reader.close()
    assert reader._cutter.rest == 1100 - BLOCK_SAMPLES
