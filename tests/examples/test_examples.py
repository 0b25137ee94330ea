"""Every example, run as anybody would run it, in a room of the lab."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import av
import numpy as np
import pytest
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.tracks import PlainPicture, Tone
from jitsi_lab.waiting import eventually
from jitsi_lab.watcher import Watcher
from jitsi_lab.watcher_room import ChatLine

FOLDER = Path(__file__).parents[2] / "examples"
GREEN = (40, 200, 60)


@asynccontextmanager
async def running(name: str, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(FOLDER / name), *arguments, env={**os.environ, "PYTHONWARNINGS": "error::RuntimeWarning"}
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            async with asyncio.timeout(60):
                await process.wait()


async def joined(watcher: Watcher, name: str) -> str:
    def ids() -> list[str]:
        return [each for each, person in watcher.participants.items() if person.name == name]

    await eventually(lambda: bool(ids()), timeout_s=60, what=name)
    return ids()[0]


def test_every_example_is_short_and_run_here() -> None:
    names = {path.name for path in FOLDER.glob("*.py")}
    assert names == {"send_file.py", "record_room.py", "chat_bot.py", "audio_echo.py"}
    for name in names:
        assert len((FOLDER / name).read_text().splitlines()) < 40, name


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        pixels = np.empty((360, 640, 3), np.uint8)
        pixels[:] = GREEN
        for _ in range(30):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="bgr24")))
        container.mux(stream.encode(None))
    return path


async def test_send_file(jitsi_lab: JitsiLab, clip: Path) -> None:
    async with Watcher(jitsi_lab, "room") as watcher, running("send_file.py", jitsi_lab.url("room"), str(clip)):
        frame = await watcher.frame(40, of=await joined(watcher, "Player"))
        assert np.abs(frame[frame.shape[0] // 2, frame.shape[1] // 2].astype(int) - GREEN).max() < 25
    assert jitsi_lab.complaints == []


def pictures_in(path: Path) -> list[av.VideoFrame]:
    try:
        with av.open(str(path)) as container:
            return list(container.decode(video=0))
    except av.FFmpegError:
        return []


async def test_record_room(jitsi_lab: JitsiLab, tmp_path: Path) -> None:
    async with Watcher(jitsi_lab, "room", video=PlainPicture(GREEN), audio=Tone()) as watcher:
        for seconds in ("5", "20", "60"):  # to connect takes longer on a busy machine
            async with running("record_room.py", jitsi_lab.url("room"), str(tmp_path), seconds) as recorder:
                async with asyncio.timeout(120):
                    code = await recorder.wait()
            pictures = pictures_in(tmp_path / f"{watcher.id}-v0.mp4")
            if code == 0 and len(pictures) > 10:
                break
        with av.open(str(tmp_path / f"{watcher.id}-a0.wav")) as container:
            samples = np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(audio=0)])
    assert code == 0
    assert len(pictures) > 10
    assert np.abs(pictures[-1].to_ndarray(format="bgr24")[90, 160].astype(int) - GREEN).max() < 25
    assert np.sqrt(np.mean(np.square(samples / 32768))) > 0.05


async def test_chat_bot(jitsi_lab: JitsiLab) -> None:
    async with (
        Watcher(jitsi_lab, "room", name="Ada") as ada,
        Watcher(jitsi_lab, "room", name="Bob") as bob,
        running("chat_bot.py", jitsi_lab.url("room")),
    ):
        bot = await joined(ada, "Chat bot")
        ada.say("!people")
        await eventually(lambda: bool(bob.chat[1:]), timeout_s=60, what="an answer")
        assert bob.chat[1] == ChatLine(bot, "Here are Ada, Bob and I.", private=False)
        ada.say_to(bot, "!time")
        await eventually(lambda: bool(ada.chat) and ada.chat[-1].private, what="a private answer")
        assert ada.chat[-1].text.startswith("It is ")
        assert len(bob.chat) == 2


async def test_audio_echo(jitsi_lab: JitsiLab) -> None:
    async with (
        Watcher(jitsi_lab, "room", audio=Tone()) as speaker,
        running("audio_echo.py", jitsi_lab.url("room")),
    ):
        echo = await joined(speaker, "Echo")
        await eventually(lambda: speaker.screen.levels.get(echo, 0) > 0.1, timeout_s=60, what="the echo")
    assert jitsi_lab.complaints == []
