"""The picture's thread: newest frame wins, failures show nothing, leaving is quick."""

from __future__ import annotations

import threading
import time

from eyeline.processing.frame import CapturedFrame, I420Image, ProcessedFrame
from eyeline.processing.pump import PicturePump


class Slow:
    """Processes one frame per permit; fails on luma 0."""

    def __init__(self) -> None:
        self.permits = threading.Semaphore(0)
        self.started = threading.Semaphore(0)

    def process(self, frame: CapturedFrame) -> ProcessedFrame:
        self.started.release()
        assert self.permits.acquire(timeout=60)
        if frame.image.y[0, 0] == 0:
            raise ValueError("poisoned")
        return ProcessedFrame(frame.image, frame.captured_at_s)


def captured(luma: int) -> CapturedFrame:
    return CapturedFrame(I420Image.filled(16, 16, (luma, 128, 128)), time.monotonic())


def test_the_newest_frame_wins_while_the_picture_is_busy():
    shown: list[int] = []
    done = threading.Semaphore(0)
    processor = Slow()

    def on_picture(frame: ProcessedFrame) -> None:
        shown.append(int(frame.image.y[0, 0]))
        done.release()

    with PicturePump(processor, on_picture=on_picture) as pump:
        pump.offer(captured(1))
        assert processor.started.acquire(timeout=60)
        for luma in (2, 3, 4):
            pump.offer(captured(luma))
        processor.permits.release(2)
        assert done.acquire(timeout=60)
        assert done.acquire(timeout=60)
        assert shown == [1, 4]
        assert pump.dropped == 2


def test_a_poisoned_frame_is_not_shown_and_the_next_one_is():
    shown: list[int] = []
    failures: list[Exception] = []
    done = threading.Event()
    processor = Slow()

    def on_picture(frame: ProcessedFrame) -> None:
        shown.append(int(frame.image.y[0, 0]))
        done.set()

    with PicturePump(processor, on_picture=on_picture, on_failure=failures.append) as pump:
        pump.offer(captured(0))
        processor.permits.release()
        assert processor.started.acquire(timeout=60)
        while not failures:
            time.sleep(0.01)
        pump.offer(captured(7))
        processor.permits.release()
        assert done.wait(10)
    assert shown == [7]
    assert [str(failure) for failure in failures] == ["poisoned"]


def test_paused_frames_are_dropped():
    processor = Slow()
    with PicturePump(processor, on_picture=lambda _: None) as pump:
        pump.pause(True)
        pump.offer(captured(1))
        assert not processor.started.acquire(timeout=0.2)
        pump.pause(False)
        pump.offer(captured(2))
        assert processor.started.acquire(timeout=60)
        processor.permits.release()


def test_a_picture_that_comes_after_the_end_is_not_shown():
    shown: list[ProcessedFrame] = []
    processor = Slow()
    with PicturePump(processor, on_picture=shown.append) as pump:
        pump.offer(captured(1))
        assert processor.started.acquire(timeout=60)
        threading.Timer(0.2, processor.permits.release).start()
    assert shown == []
