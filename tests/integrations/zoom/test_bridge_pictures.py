"""The ring of pictures between the meeting process and a bridge that `multiprocessing` did not start."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import pytest

from eyeline.integrations.zoom.bridge.messages import RingPlace
from eyeline.integrations.zoom.bridge.pictures import PictureReader, PictureWriter
from eyeline.processing.byte_ring import ByteRing, RingError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the bridge is for Linux")

CAPACITY = 64 * 36 * 3 // 2
LUMA, CHROMA = bytes([200]) * (64 * 36), bytes([90]) * (32 * 18)

READ_ONE = """
import sys
from eyeline.integrations.zoom.bridge.messages import RingPlace
from eyeline.integrations.zoom.bridge.pictures import PictureReader
picture = PictureReader.attach(RingPlace(sys.argv[1], int(sys.argv[2]))).newest()
assert "numpy" not in sys.modules and "asyncio" not in sys.modules
print(picture.width_px, picture.height_px, picture.captured_at_s, len(picture.i420), set(picture.i420[:64 * 36]))
"""


@pytest.fixture
def writer() -> Iterator[PictureWriter]:
    with PictureWriter.create(CAPACITY) as writer:
        yield writer


def test_planes_become_the_bytes_of_one_picture(writer: PictureWriter) -> None:
    reader = PictureReader.attach(writer.place)
    assert reader.newest() is None
    writer.write(64, 36, 12.5, LUMA, memoryview(CHROMA), CHROMA)
    picture = reader.newest()
    assert picture == (1, 12.5, 64, 36, LUMA + CHROMA + CHROMA, 0)
    assert type(picture.i420) is bytes
    assert reader.newest() is None
    reader.close()


def test_the_newest_wins(writer: PictureWriter) -> None:
    reader = PictureReader.attach(writer.place)
    for value in range(1, 9):
        writer.write(2, 2, float(value), bytes([value]) * 6)
    assert reader.newest() == (8, 8.0, 2, 2, bytes([8]) * 6, 7)
    assert reader.newest() is None
    reader.close()


def test_a_picture_of_other_bytes_than_its_size_says_is_refused(writer: PictureWriter) -> None:
    for planes in ((LUMA,), (LUMA, CHROMA), (LUMA, CHROMA, CHROMA, b"x"), ()):
        with pytest.raises(ValueError, match="36"):
            writer.write(64, 36, 0.0, *planes)
    assert PictureReader.attach(writer.place).newest() is None


def test_any_other_ring_is_refused_in_one_sentence(writer: PictureWriter) -> None:
    other = ByteRing.create(7, CAPACITY)
    foreign = SharedMemory(create=True, size=1)
    try:
        for place, why in (
            (replace(writer.place, capacity_bytes=CAPACITY - 2), "is another ring"),
            (replace(writer.place, capacity_bytes=CAPACITY * 100), "is another ring"),
            (replace(writer.place, capacity_bytes=-1), "is another ring"),
            (RingPlace(other.address.name, CAPACITY), "is another ring"),
            (RingPlace(foreign.name, CAPACITY), "is another ring"),
            (RingPlace("psm_nothing_here", CAPACITY), "is gone"),
            (RingPlace("../../etc/passwd", CAPACITY), "is gone"),
            (RingPlace("", CAPACITY), "is gone"),
            (RingPlace("a\0b", CAPACITY), "is gone"),
        ):
            with pytest.raises(RingError, match=why):
                PictureReader.attach(place)
    finally:
        other.close()
        foreign.close()
        foreign.unlink()


def test_a_process_that_only_reads_leaves_the_ring_where_it_is(writer: PictureWriter) -> None:
    writer.write(64, 36, 3.0, LUMA, CHROMA, CHROMA)
    for _ in range(2):
        command = [sys.executable, "-c", READ_ONE, writer.place.name, str(CAPACITY)]
        read = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        assert read.stdout.strip() == f"64 36 3.0 {CAPACITY} {{200}}"
        assert read.stderr == ""  # a resource tracker of its own would complain here
    assert Path("/dev/shm", writer.place.name).exists()
