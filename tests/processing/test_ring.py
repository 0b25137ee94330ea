"""The shared-memory ring: the newest whole picture or none, whatever happens to the other side."""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from worker_lab import memory_left

from eyeline.processing.byte_ring import SLOTS, RingAddress, RingError
from eyeline.processing.frame import I420Image
from eyeline.processing.ring import PictureRing, RingPicture

MAGIC = 0x52494E47
WIDTH_PX, HEIGHT_PX = 640, 360
CAPACITY = WIDTH_PX * HEIGHT_PX * 3 // 2
SPAWN = multiprocessing.get_context("spawn")


def picture(number: int, width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX) -> RingPicture:
    """Every sample tells the number."""
    return RingPicture(number, number / 30, number * 7, I420Image.filled(width_px, height_px, (number % 256,) * 3))


@pytest.fixture
def ring() -> Iterator[PictureRing]:
    with PictureRing.create(MAGIC, CAPACITY) as ring:
        yield ring


def test_a_picture_comes_out_as_it_went_in(ring: PictureRing) -> None:
    ring.write(picture(1))
    read = ring.read_newest(after=0)
    assert (read.number, read.captured_at_s, read.generation, read.image.size) == (1, 1 / 30, 7, (WIDTH_PX, HEIGHT_PX))
    assert (read.image.data == 1).all()
    assert ring.read_newest(after=1) is None


def test_an_empty_ring_holds_nothing(ring: PictureRing) -> None:
    assert ring.read_newest(after=0) is None


def test_the_newest_wins_and_what_was_read_stays_as_it_is(ring: PictureRing) -> None:
    for number in range(1, 3 * SLOTS):
        ring.write(picture(number))
    newest = ring.read_newest(after=0)
    assert newest.number == 3 * SLOTS - 1
    for number in range(20, 30):
        ring.write(picture(number))
    assert (newest.image.data == newest.number).all()


def test_the_size_may_change_from_picture_to_picture(ring: PictureRing) -> None:
    for number, size in enumerate([(640, 360), (2, 2), (360, 640), (320, 180), (640, 360)], start=1):
        ring.write(picture(number, *size))
        read = ring.read_newest(after=number - 1)
        assert read.image.size == size
        assert (read.image.data == number).all()


def test_a_picture_that_is_too_large_is_refused_and_harms_nothing(ring: PictureRing) -> None:
    ring.write(picture(1))
    with pytest.raises(ValueError, match="does not fit"):
        ring.write(picture(2, WIDTH_PX, HEIGHT_PX + 2))
    assert ring.read_newest(after=0).number == 1


def test_a_slot_that_is_being_written_is_passed_over(ring: PictureRing) -> None:
    ring.write(picture(1))
    ring.write(picture(2))
    ring._ring._sequences[1][0] += 1  # as while it is written, or where the writer was killed
    assert ring.read_newest(after=0).number == 1
    assert ring.read_newest(after=1) is None


def test_a_slot_overwritten_while_it_is_copied_is_dropped(ring: PictureRing) -> None:
    ring.write(picture(1))

    def overtaken(payload: memoryview) -> bytes:
        for number in range(2, 2 + SLOTS):
            ring.write(picture(number))
        return bytes(payload)

    assert ring._ring.copy_slot(0, overtaken) is None


def test_a_writer_after_a_killed_one_repairs_the_slot(ring: PictureRing) -> None:
    ring._ring._sequences[0][0] = 5
    ring.write(picture(1))
    assert ring._ring._sequences[0][0] == 8
    assert ring.read_newest(after=0).number == 1


def test_nonsense_in_a_header_is_no_picture(ring: PictureRing) -> None:
    ring.write(picture(1))
    for size in ((0, 360), (65_000, 65_000), (639, 360), (640, 359)):
        ring._ring._headers[0][16:24] = np.array(size, np.uint32).tobytes()
        assert ring.read_newest(after=0) is None


def test_a_ring_for_something_else_is_refused(ring: PictureRing) -> None:
    for other in (
        RingAddress(ring.address.name, MAGIC + 1, CAPACITY),
        RingAddress(ring.address.name, MAGIC, CAPACITY - 2),
        RingAddress("psm_there_is_none", MAGIC, CAPACITY),
    ):
        with pytest.raises(RingError):
            PictureRing.attach(other)


def test_no_memory_is_an_error_and_not_a_crash() -> None:
    with pytest.raises(RingError, match="shared memory"):
        PictureRing.create(MAGIC, 1 << 46)


def test_nothing_is_left_behind() -> None:
    with PictureRing.create(MAGIC, CAPACITY) as ring:
        assert memory_left([ring.address.name])
        with PictureRing.attach(pickle.loads(pickle.dumps(ring.address))) as other:
            ring.write(picture(3))
            assert other.read_newest(after=0).number == 3
        ring.close()
    assert memory_left([ring.address.name]) == []


def test_a_forgotten_ring_is_let_go_of_all_the_same() -> None:
    ring = PictureRing.create(MAGIC, CAPACITY)
    name = ring.address.name
    ring.write(picture(1))
    del ring
    gc.collect()
    assert memory_left([name]) == []


def test_a_reader_beside_a_furious_writer_never_sees_two_pictures_in_one(ring: PictureRing) -> None:
    done = threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            number += 1
            ring.write(picture(number, *((640, 360), (320, 180))[number % 2]))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        last, seen = 0, 0
        deadline = time.monotonic() + 20
        while seen < 300 and time.monotonic() < deadline:
            read = ring.read_newest(after=last)
            if read is not None:
                assert read.number > last
                assert (read.image.data == read.number % 256).all()
                last, seen = read.number, seen + 1
    finally:
        done.set()
        thread.join()
    assert seen == 300


def write_for_ever(address: RingAddress) -> None:
    with PictureRing.attach(address) as ring:
        number = 0
        while True:
            number += 1
            ring.write(picture(number))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_a_killed_writer_costs_its_last_picture_at_most(ring: PictureRing) -> None:
    for _ in range(3):
        process = SPAWN.Process(target=write_for_ever, args=(ring.address,), daemon=True)
        process.start()
        deadline = time.monotonic() + 60
        while (first := ring.read_newest(after=0)) is None and time.monotonic() < deadline:
            time.sleep(0.005)
        assert first is not None
        time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        left = ring.read_newest(after=0)
        assert left is not None
        assert (left.image.data == left.number % 256).all()
        for number in (10**6, 10**6 + 1):
            ring.write(picture(number))
        assert ring.read_newest(after=0).number == 10**6 + 1
        for slot in range(SLOTS):
            ring._ring._headers[slot][:8] = bytes(8)
