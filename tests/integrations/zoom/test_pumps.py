"""Pictures and sound on their way to the bridge, as it takes them out again."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from fractions import Fraction

import av
import numpy as np
import pytest
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from jitsi_lab.waiting import eventually

from eyeline.config.errors import MediaError
from eyeline.integrations.events import MediaKind
from eyeline.integrations.zoom.bridge.messages import VideoSize
from eyeline.integrations.zoom.bridge.pictures import BridgePicture, PictureReader
from eyeline.integrations.zoom.channels import BridgeChannels
from eyeline.integrations.zoom.pumps import Pumps
from eyeline.processing.frame import I420Image
from eyeline.processing.letterbox import letterboxed

BLACK = (16, 128, 128)


class Frames(MediaStreamTrack):
    """Hands out what it is given, one after the other, then ends."""

    def __init__(self, kind: str, frames: list[av.VideoFrame] | list[av.AudioFrame], interval_s: float = 0.0) -> None:
        super().__init__()
        self.kind = kind
        self._frames = frames
        self._interval_s = interval_s
        self.read = 0

    async def recv(self) -> av.VideoFrame | av.AudioFrame:
        await asyncio.sleep(self._interval_s)
        if self.read == len(self._frames):
            raise MediaStreamError
        self.read += 1
        return self._frames[self.read - 1]


def picture(width_px: int, height_px: int, form: str = "yuv420p") -> av.VideoFrame:
    """Columns of different brightness."""
    image = I420Image.filled(width_px, height_px, (0, 90, 160))
    image.y[:] = np.linspace(100, 160, width_px).astype(np.uint8)  # with these chromas, RGB has all of them
    return image.to_video_frame().reformat(format=form)


def sound(rate_hz: int = 48_000, layout: str = "mono", form: str = "s16", samples: int = 960) -> av.AudioFrame:
    channels = {"mono": 1, "stereo": 2, "5.1": 6}[layout]
    frame = av.AudioFrame(form, layout, samples)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    assert frame.layout.nb_channels == channels
    frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), 0
    return frame


@pytest.fixture
def channels() -> Iterator[BridgeChannels]:
    with BridgeChannels() as channels:
        yield channels


async def carried(
    channels: BridgeChannels, track: MediaStreamTrack, size: VideoSize, **more: int
) -> AsyncIterator[BridgePicture]:
    """Each picture that arrives."""
    with Pumps(channels, track, None, **more) as pumps:
        reader = PictureReader.attach(pumps.place)
        pumps.resize(size)
        pumps.want(MediaKind.VIDEO, True)
        running = asyncio.create_task(pumps.run())
        try:
            while True:
                if (taken := reader.newest()) is not None:
                    yield taken
                elif running.done():
                    running.result()
                    return
                await asyncio.sleep(0.001)
        finally:
            running.cancel()
            await asyncio.wait({running})
            reader.close()


async def first(channels: BridgeChannels, frame: av.VideoFrame, size: VideoSize, **more: int) -> I420Image:
    async for taken in carried(channels, Frames("video", [frame]), size, **more):
        data = np.frombuffer(taken.i420, np.uint8)
        return I420Image(taken.width_px, taken.height_px, data)
    raise AssertionError("no picture came")


@pytest.mark.parametrize("form", ["yuv420p", "rgb24", "yuv444p"])
@pytest.mark.parametrize("width_px", [640, 330])  # libav pads the rows of the second
async def test_a_picture_of_the_right_size_is_what_it_was(channels: BridgeChannels, width_px: int, form: str) -> None:
    frame = picture(width_px, 180, form)
    taken = await first(channels, frame, VideoSize(width_px, 180, 30))
    expected = I420Image.from_video_frame(picture(width_px, 180))
    assert np.abs(taken.data.astype(int) - expected.data).max() <= (0 if form == "yuv420p" else 4)


@pytest.mark.parametrize(
    ("size", "sent"),
    [
        ((320, 180), (320, 180)),
        ((1280, 720), (1280, 720)),
        ((641, 361), (640, 360)),
        ((3840, 2160), (1920, 1080)),
        ((0, 0), (2, 2)),
    ],
)
async def test_other_sizes(channels: BridgeChannels, size: tuple[int, int], sent: tuple[int, int]) -> None:
    taken = await first(channels, picture(640, 360), VideoSize(*size, 30))
    assert taken.size == sent
    assert abs(int(taken.y.mean()) - 125) < 30


async def test_a_limit_of_our_own(channels: BridgeChannels) -> None:
    taken = await first(channels, picture(640, 360), VideoSize(1280, 720, 30), max_height_px=360)
    assert taken.size == (640, 360)


async def test_no_more_pictures_than_zoom_wants(channels: BridgeChannels) -> None:
    track = Frames("video", [picture(64, 36)] * 60, interval_s=1 / 60)
    taken = [each async for each in carried(channels, track, VideoSize(64, 36, 15))]
    assert 8 <= len(taken) <= 24  # a quarter of 60, had the clock been even


async def test_pictures_that_nobody_wants_are_not_even_read(channels: BridgeChannels) -> None:
    track = Frames("video", [picture(64, 36)] * 3)
    with Pumps(channels, track, None) as pumps:
        pumps.resize(VideoSize(64, 36, 30))
        running = asyncio.create_task(pumps.run())
        await asyncio.sleep(0.1)
        assert track.read == 0
        pumps.want(MediaKind.VIDEO, True)
        await asyncio.wait_for(running, 10)
        assert track.read == 3


async def test_no_shared_memory(channels: BridgeChannels, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(descriptor: int, offset: int, length: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", none_left)
    with pytest.raises(MediaError, match="No space left"):
        Pumps(channels, Frames("video", []), None)


@pytest.mark.parametrize(
    ("size_px", "box_px", "inside_px"),
    [
        ((640, 480), (640, 360), (480, 360)),
        ((640, 360), (480, 480), (480, 270)),
        ((360, 640), (640, 360), (202, 360)),
        ((638, 360), (640, 360), (638, 360)),
    ],
)
def test_bars(size_px: tuple[int, int], box_px: tuple[int, int], inside_px: tuple[int, int]) -> None:
    framed = letterboxed(I420Image.filled(*size_px, (200, 90, 160)), *box_px)
    assert framed.size == box_px
    shown = (framed.y > 100) & (np.repeat(np.repeat(framed.u, 2, 0), 2, 1) == 90)
    rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
    assert (len(columns), len(rows)) == inside_px
    for index, most in ((columns, box_px[0]), (rows, box_px[1])):
        assert abs(int(index[0]) - (most - 1 - int(index[-1]))) <= 2
    for plane, value in zip(framed.planes, BLACK, strict=True):
        assert plane[-1, -1] == value


async def heard(make: Callable[[], list[av.AudioFrame]], *, wanted: bool = True) -> list[tuple[int, int, int]]:
    """Rate, channels and samples of each packet that arrives."""
    with BridgeChannels() as channels:
        far = socket.socket(fileno=socket.dup(channels.far_ends[2]))
        far.setblocking(False)
        with far, Pumps(channels, None, Frames("audio", make())) as pumps:
            pumps.want(MediaKind.AUDIO, wanted)
            await asyncio.wait_for(pumps.run(), 10)
            packets = []
            while True:
                try:
                    packet = far.recv(65536)
                except BlockingIOError:
                    return packets
                rate_hz, count = struct.unpack_from("=IB", packet)
                packets.append((rate_hz, count, (len(packet) - 5) // 2 // count))


@pytest.mark.parametrize(("layout", "count"), [("mono", 1), ("stereo", 2)])
async def test_sound_of_48_khz_is_what_it_was(layout: str, count: int) -> None:
    assert await heard(lambda: [sound(layout=layout)] * 3) == [(48_000, count, 960)] * 3


async def test_other_sound_becomes_what_zoom_takes() -> None:
    packets = await heard(lambda: [sound(8000, samples=160)] * 8)
    assert {packet[:2] for packet in packets} == {(48_000, 1)}
    assert abs(sum(packet[2] for packet in packets) - 8 * 960) < 960
    packets = await heard(lambda: [sound(48_000, "5.1", "fltp")] * 5)
    assert {packet[:2] for packet in packets} == {(48_000, 2)}


async def test_sound_that_is_not_wanted_is_dropped() -> None:
    assert await heard(lambda: [sound()] * 5, wanted=False) == []


async def test_sound_that_nobody_takes_out_costs_nothing() -> None:
    """Neither time nor memory: what does not fit is dropped."""
    with BridgeChannels() as channels, Pumps(channels, None, Frames("audio", [sound()] * 2000)) as pumps:
        pumps.want(MediaKind.AUDIO, True)
        await asyncio.wait_for(pumps.run(), 10)
        assert pumps._audio.dropped > 1000


async def test_the_bridge_is_woken(channels: BridgeChannels) -> None:
    import os

    with Pumps(channels, Frames("video", [picture(64, 36)]), None) as pumps:
        pumps.resize(VideoSize(64, 36, 30))
        pumps.want(MediaKind.VIDEO, True)
        running = asyncio.create_task(pumps.run())

        def woken() -> bool:
            try:
                return os.eventfd_read(channels.far_ends[1]) > 0
            except BlockingIOError:
                return False

        await eventually(woken, what="a wake-up")
        await running
