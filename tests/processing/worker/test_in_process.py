"""The same in a thread."""

from __future__ import annotations

import threading
import time

import pytest
from worker_lab import FAILURES, Fault, LabSpec, effects, eventually, lab_frame, room_luma

from eyeline.processing.errors import BackgroundError
from eyeline.processing.frame import ProcessedFrame
from eyeline.processing.worker.in_process import PictureThread

BLACK, WHITE = "color:#000000", "color:#ffffff"


def test_pictures_come_once_there_are_effects() -> None:
    shown: list[ProcessedFrame] = []
    with PictureThread(LabSpec(), on_picture=shown.append) as maker:
        maker.offer(lab_frame())
        time.sleep(0.05)
        assert shown == []
        assert maker.effects is None
        maker.set_effects(effects(BLACK))
        maker.offer(lab_frame())
        eventually(lambda: bool(shown), "the picture")
        assert room_luma(shown[0]) == 16
        assert (maker.effects, maker.processed, maker.restarts) == (effects(BLACK), 1, 0)
        assert maker.times.total_ms > 0
        maker.pause(True)
        maker.offer(lab_frame())
        time.sleep(0.05)
        assert maker.processed == 1
    maker.close()


@pytest.mark.parametrize("fault", [fault for fault in FAILURES if fault is not Fault.FOREIGN_TYPE])
def test_a_frame_that_fails_is_not_shown(fault: Fault) -> None:
    shown: list[ProcessedFrame] = []
    failures: list[Exception] = []
    with PictureThread(LabSpec(), on_picture=shown.append, on_failure=failures.append) as maker:
        maker.set_effects(effects(BLACK))
        maker.offer(lab_frame(fault))
        eventually(lambda: bool(failures), "the failure")
        assert shown == []
        maker.offer(lab_frame())
        eventually(lambda: bool(shown), "the picture")


def test_effects_that_cannot_be_had_change_nothing() -> None:
    with PictureThread(LabSpec(), on_picture=lambda _: None) as maker:
        maker.set_effects(effects(BLACK))
        with pytest.raises(BackgroundError):
            maker.set_effects(effects("no-such-name"))
        assert maker.effects == effects(BLACK)


def test_after_a_change_nothing_made_before_is_shown() -> None:
    shown: list[ProcessedFrame] = []
    done = threading.Event()

    def feed() -> None:
        while not done.is_set():
            maker.offer(lab_frame())
            time.sleep(0.001)

    with PictureThread(LabSpec(), on_picture=shown.append) as maker:
        maker.set_effects(effects(BLACK))
        feeder = threading.Thread(target=feed)
        feeder.start()
        try:
            for index in range(100):
                maker.set_effects(effects((WHITE, BLACK)[index % 2]))
                begun = len(shown)
                eventually(lambda begun=begun: len(shown) > begun, "a picture")
                assert {room_luma(picture) for picture in shown[begun:]} == {(235, 16)[index % 2]}
        finally:
            done.set()
            feeder.join()
