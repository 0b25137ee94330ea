"""One thread brings pictures, another one takes them."""

from __future__ import annotations

import threading
import time

from eyeline.processing.frame import I420Image
from eyeline.processing.newest_picture import USUAL_PX, NewestPicture
from eyeline.processing.placement import COVER


def grey(luma: int) -> I420Image:
    return I420Image.filled(32, 18, (luma, 128, 128))


def test_the_usual_size_is_ready_and_others_are_made_once():
    newest = NewestPicture(grey(50), COVER)
    assert newest.at(USUAL_PX) is newest.at(USUAL_PX)
    small = newest.at((64, 36))
    assert newest.at((64, 36)) is small
    newest.put(grey(60))
    assert newest.at((64, 36)).y[0, 0] == 60
    assert newest.at((36, 64)).size == (36, 64)


def test_sizes_are_right_while_pictures_come():
    newest = NewestPicture(grey(0), COVER)
    stop = threading.Event()

    def bring() -> None:
        luma = 0
        while not stop.is_set():
            luma = (luma + 1) % 200
            newest.put(grey(luma))

    thread = threading.Thread(target=bring, daemon=True)
    thread.start()
    ends_at_s = time.monotonic() + 0.5
    asked = 0
    while time.monotonic() < ends_at_s:
        size = ((64, 36), (36, 64), (32, 18))[asked % 3]
        assert newest.at(size).size == size
        asked += 1
    stop.set()
    thread.join()
