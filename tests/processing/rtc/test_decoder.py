"""The decoder's thread, with streams of real encoders."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator

import av
import pytest
from aiortc.codecs import depayload
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from counted_pictures import read_number
from rtp_lab import H264, VP8, packets

from eyeline.processing.rtc.decoder import MAX_WAITING, VideoDecoder

PATIENCE_S = 60.0
BOTH = pytest.mark.parametrize("codec", [VP8, H264], ids=["VP8", "H264"])


class Bench:
    """A decoder with what came out of it; may be held up."""

    def __init__(self) -> None:
        self.frames: queue.Queue[av.VideoFrame] = queue.Queue()
        self.failures = threading.Semaphore(0)
        self.free = threading.Event()
        self.free.set()
        self.decoder = VideoDecoder(self._take, self.failures.release)

    def _take(self, frame: av.VideoFrame) -> None:
        self.free.wait(PATIENCE_S)
        self.frames.put(frame)

    def submit(
        self, codec: RTCRtpCodecParameters, number: int, *, keyframes: tuple[int, ...] = (), wait_s: float = 0.0
    ) -> bool:
        frame = packets(codec, 40, keyframes=keyframes)[number]
        data = b"".join(depayload(codec, packet.payload) for packet in frame)
        return self.decoder.submit(codec, data, number * 3000, is_keyframe=number in (0, *keyframes), wait_s=wait_s)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.free.set()
    bench.decoder.close()
    assert bench.decoder.join(PATIENCE_S)


def test_a_picture_is_kept_until_it_is_due(bench: Bench) -> None:
    begin_s = time.monotonic()
    assert bench.submit(VP8, 0, wait_s=0.2)
    assert bench.submit(VP8, 1)
    assert [read_number(bench.frames.get(timeout=PATIENCE_S)) for _ in range(2)] == [0, 1]
    assert time.monotonic() - begin_s >= 0.2


def test_closing_does_not_wait_for_what_is_due_later(bench: Bench) -> None:
    assert bench.submit(VP8, 0, wait_s=3600)
    while bench.decoder._waiting:
        time.sleep(0.001)
    bench.decoder.close()
    assert bench.decoder.join(PATIENCE_S)


@BOTH
def test_pictures_come_out_one_by_one_with_their_time(bench: Bench, codec: RTCRtpCodecParameters) -> None:
    for number in range(20):
        assert bench.submit(codec, number)
        frame = bench.frames.get(timeout=PATIENCE_S)  # nothing is held back for what comes next
        assert read_number(frame) == number
        assert frame.time == pytest.approx(number / 30)
        assert frame.pict_type == 0


@BOTH
def test_what_needs_another_picture_is_not_taken_first(bench: Bench, codec: RTCRtpCodecParameters) -> None:
    assert not bench.submit(codec, 1)
    assert bench.submit(codec, 0)
    assert read_number(bench.frames.get(timeout=PATIENCE_S)) == 0


def test_a_slow_machine_loses_pictures_and_not_time(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eyeline.processing.rtc.decoder.MAX_WAIT_S", 3600.0)  # this test's own pauses do not count
    bench.free.clear()
    taken = [bench.submit(VP8, number, keyframes=(30,)) for number in range(40)]
    assert sum(taken[:30]) <= MAX_WAITING + 1
    assert not taken[29]
    assert taken[30]
    assert bench.decoder.overruns >= 1
    bench.free.set()
    shown = []
    while not shown or shown[-1] != 39:
        shown.append(read_number(bench.frames.get(timeout=PATIENCE_S)))
    assert shown[-10:] == list(range(30, 40))
    assert len(shown) <= 12


def test_pictures_that_have_waited_for_long_are_left_out(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eyeline.processing.rtc.decoder.MAX_WAIT_S", 0.0)
    bench.free.clear()
    assert bench.submit(VP8, 0)
    while bench.decoder._waiting:
        time.sleep(0.001)
    assert bench.submit(VP8, 1)
    time.sleep(0.01)
    assert not bench.submit(VP8, 2)
    assert bench.decoder.overruns == 1


@BOTH
def test_a_broken_picture_is_told_and_the_next_keyframe_mends_it(bench: Bench, codec: RTCRtpCodecParameters) -> None:
    assert bench.submit(codec, 0, keyframes=(10,))
    bench.frames.get(timeout=PATIENCE_S)
    assert bench.decoder.submit(codec, b"\x00\x00\x00\x01\x65\xff\xff" + bytes(range(200)), 3000, is_keyframe=True)
    assert bench.failures.acquire(timeout=PATIENCE_S)
    assert not bench.submit(codec, 2, keyframes=(10,))
    assert bench.submit(codec, 10, keyframes=(10,))
    assert read_number(bench.frames.get(timeout=PATIENCE_S)) == 10


def test_a_stream_may_change_its_codec(bench: Bench) -> None:
    for codec in (VP8, H264, VP8):
        assert bench.submit(codec, 0)
        assert read_number(bench.frames.get(timeout=PATIENCE_S)) == 0


def test_closing_ends_the_thread_though_much_is_waiting() -> None:
    bench = Bench()
    bench.free.clear()
    for number in range(5):
        bench.submit(VP8, number)
    bench.decoder.close()
    bench.free.set()
    assert bench.decoder.join(PATIENCE_S)
    assert bench.frames.qsize() <= 1
