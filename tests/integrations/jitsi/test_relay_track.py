"""The track for one session over a track that outlives it."""

from __future__ import annotations

import asyncio

import pytest
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from eyeline.integrations.jitsi.relay_track import RelayTrack


class Numbered(MediaStreamTrack):
    """Pictures whose time stamps count up, with no pause between them."""

    kind = "video"

    def __init__(self, fail_at: int | None = None) -> None:
        super().__init__()
        self.count = 0
        self._fail_at = fail_at

    async def recv(self) -> VideoFrame:
        if self.readyState != "live":
            raise MediaStreamError
        if self.count == self._fail_at:
            raise ZeroDivisionError("a bug")
        frame = VideoFrame(16, 16, "yuv420p")
        frame.pts = self.count
        self.count += 1
        return frame


async def test_frames_pass() -> None:
    relay = RelayTrack(Numbered())
    assert relay.kind == "video"
    assert [(await relay.recv()).pts for _ in range(3)] == [0, 1, 2]


async def test_what_the_source_knows_of_capture_is_passed_on() -> None:
    source = Numbered()
    assert RelayTrack(source).captured_offset_s is None
    source.captured_offset_s = 12.5  # type: ignore[attr-defined]
    assert RelayTrack(source).captured_offset_s == 12.5


async def test_stopping_it_leaves_the_source_alone() -> None:
    source = Numbered()
    relay = RelayTrack(source)
    relay.stop()
    with pytest.raises(MediaStreamError):
        await relay.recv()
    assert source.readyState == "live"
    assert (await RelayTrack(source).recv()).pts == 0


async def test_while_muted_frames_are_read_but_none_leaves() -> None:
    source = Numbered()
    relay = RelayTrack(source)
    relay.set_muted(True)
    waiting = asyncio.create_task(relay.recv())
    await asyncio.sleep(0.1)
    assert not waiting.done()
    read = source.count
    assert read > 1
    relay.set_muted(False)
    assert (await waiting).pts >= read - 1
    assert not relay.muted


async def test_stopping_ends_the_wait_of_a_muted_one() -> None:
    relay = RelayTrack(Numbered())
    relay.set_muted(True)
    waiting = asyncio.create_task(relay.recv())
    await asyncio.sleep(0.02)
    relay.stop()
    with pytest.raises(MediaStreamError):
        await waiting


async def test_the_end_of_the_source_is_the_end() -> None:
    source = Numbered()
    relay = RelayTrack(source)
    source.stop()
    with pytest.raises(MediaStreamError):
        await relay.recv()


async def test_a_source_that_fails_is_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    relay = RelayTrack(Numbered(fail_at=1))
    await relay.recv()
    with pytest.raises(MediaStreamError):
        await relay.recv()
    assert "video track failed" in caplog.text
    assert "ZeroDivisionError" in caplog.text
