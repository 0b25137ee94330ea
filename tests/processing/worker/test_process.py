"""The picture in a process of its own: whatever happens to it, pictures come again, and only the right ones."""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import random
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
from worker_lab import (
    DEADLY_COLOR,
    FAILURES,
    HANGING_COLOR,
    SLOW_COLORS,
    Fault,
    LabSpec,
    SlowSpec,
    Stage,
    StillbornSpec,
    eventually,
    lab_frame,
    memory_left,
    room_luma,
    stage,
)

from eyeline.models.errors import InferenceError, MissingModelError
from eyeline.processing.errors import BackgroundError, MaskError, PictureError
from eyeline.processing.frame import I420Image
from eyeline.processing.picture import Picture
from eyeline.processing.worker.state import WorkerState

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")

BLACK, WHITE = "color:#000000", "color:#ffffff"
LUMA = {BLACK: 16, WHITE: 235}


@pytest.fixture
def running():
    with stage() as acting:
        acting.wear(BLACK)
        yield acting.goes_on()


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of all shared memory that this process makes."""
    names: list[str] = []

    class Noted(SharedMemory):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            names.append(self.name)

    monkeypatch.setattr("eyeline.processing.byte_ring.SharedMemory", Noted)
    return names


def kill(acting: Stage, number: int) -> None:
    os.kill(acting.maker.pid, number)


def test_pictures_are_those_that_the_picture_makes(running: Stage) -> None:
    frame = lab_frame()
    with LabSpec()() as picture:
        picture.apply(picture.prepare(running.maker.effects))
        assert np.array_equal(running.shown[-1].image.data, picture.process(frame).image.data)
    assert running.maker.pid not in (None, os.getpid())
    assert running.maker.state is WorkerState.RUNNING
    assert running.maker.times.total_ms > 0
    assert running.maker.processed >= len(running.shown)


def test_capture_times_come_back_in_order(running: Stage) -> None:
    running.goes_on(20)
    times_s = [picture.captured_at_s for picture in running.shown]
    assert times_s == sorted(set(times_s))


def test_no_picture_comes_before_the_effects() -> None:
    with stage() as acting:
        eventually(lambda: acting.maker.pid is not None, "the worker")
        time.sleep(0.3)
        assert acting.shown == []
        assert acting.maker.state is WorkerState.STARTING
        acting.wear(BLACK)
        acting.goes_on()
        assert acting.maker.dropped > 0


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (signal.SIGKILL, "SIGKILL"),
        (signal.SIGSEGV, "SIGSEGV"),
        (signal.SIGABRT, "SIGABRT"),
        (signal.SIGSTOP, "did not get done with a frame"),
    ],
)
def test_a_lost_worker_is_replaced(running: Stage, number: signal.Signals, reason: str) -> None:
    pid = running.maker.pid
    kill(running, number)
    eventually(lambda: running.maker.restarts == 1, "the restart")
    running.goes_on()
    assert reason in running.restarts[0]
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert {room_luma(picture) for picture in running.shown} == {LUMA[BLACK]}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.HANG, "did not get done with a frame"),
        (Fault.HANG_WITH_THE_INTERPRETER, "did not get done with a frame"),
        (Fault.CRASH, "SIGSEGV"),
        (Fault.EXIT, "exit code 3"),
    ],
)
def test_a_frame_that_takes_the_worker_with_it_costs_one_restart(running: Stage, fault: Fault, reason: str) -> None:
    running.poison(fault)
    eventually(lambda: running.maker.restarts >= 1, "the restart")
    running.goes_on()
    assert reason in running.restarts[0]


@pytest.mark.parametrize("fault", FAILURES)
def test_a_frame_that_fails_is_not_shown_and_the_next_one_is(running: Stage, fault: Fault) -> None:
    running.poison(fault)
    eventually(lambda: bool(running.failures), "the failure")
    running.goes_on()
    assert running.maker.restarts == 0
    assert {room_luma(picture) for picture in running.shown} == {LUMA[BLACK]}


def test_failures_keep_their_kind_and_their_hint(running: Stage) -> None:
    running.poison(Fault.MASK_RAISES)
    running.goes_on().poison(Fault.MASK_NAN)
    running.goes_on().poison(Fault.COMPOSE_RAISES)
    running.goes_on()
    kinds = [type(failure) for failure in running.failures]
    assert {InferenceError, MaskError, PictureError} == set(kinds)
    assert running.failures[0].hint == "Look at it."


def test_a_slow_frame_is_waited_for(running: Stage) -> None:
    running.frame = lambda: lab_frame(Fault.SLOW)
    running.goes_on()
    assert running.maker.restarts == 0
    assert running.maker.dropped > 0


def test_a_worker_that_eats_memory_is_replaced() -> None:
    with stage(memory_mb=600, ping_every_s=0.05, slowest_frame_s=20, frame_s=20) as acting:
        acting.wear(BLACK)
        acting.goes_on().poison(Fault.MEMORY)
        eventually(lambda: acting.maker.restarts >= 1, "the restart")
        assert "memory" in acting.restarts[0]
        acting.goes_on()


def test_a_worker_that_hangs_while_nobody_looks_is_replaced() -> None:
    with stage(ping_every_s=0.1, ping_s=0.5) as acting:
        acting.wear(BLACK)
        acting.goes_on().maker.pause(True)
        time.sleep(0.1)
        kill(acting, signal.SIGSTOP)
        eventually(lambda: acting.maker.restarts == 1, "the restart")
        assert "no sign of life" in acting.restarts[0]
        acting.maker.pause(False)
        acting.goes_on()


def test_paused_no_picture_is_made(running: Stage) -> None:
    running.maker.pause(True)
    time.sleep(0.2)
    seen = len(running.shown)
    time.sleep(0.3)
    assert len(running.shown) == seen
    running.maker.pause(False)
    running.goes_on()


def test_the_size_may_change_and_one_that_is_too_large_is_refused(running: Stage) -> None:
    for size_px in ((32, 18), (36, 64), (64, 36)):
        running.frame = lambda size_px=size_px: lab_frame(size_px=size_px)
        eventually(lambda size_px=size_px: running.shown[-1].image.size == size_px, f"{size_px}")
    running.maker.offer(lab_frame(size_px=(66, 36)))
    assert "too large" in str(running.failures[-1])
    running.goes_on()
    assert running.maker.restarts == 0


def test_effects_that_cannot_be_had_change_nothing(running: Stage, tmp_path: Path) -> None:
    with pytest.raises(BackgroundError) as caught:
        running.wear("no-such-name")
    assert "There are" in caught.value.hint
    with pytest.raises(BackgroundError):
        running.wear(str(tmp_path / "none.png"))
    running.goes_on()
    assert str(running.maker.effects.background) == BLACK
    assert {room_luma(picture) for picture in running.shown} == {LUMA[BLACK]}


def test_after_a_change_nothing_made_before_is_shown(running: Stage) -> None:
    for index in range(40):
        color = (WHITE, BLACK)[index % 2]
        running.wear(color)
        begun = len(running.shown)
        running.goes_on(2)
        assert {room_luma(picture) for picture in running.shown[begun:]} == {LUMA[color]}


def test_nor_where_the_supervisor_is_late(running: Stage) -> None:
    """It then finds a picture made before and the news of the change at once."""
    running.showing_takes_s = 0.03
    for index in range(10):
        color = SLOW_COLORS[index % 2]
        running.wear(color)
        begun = len(running.shown)
        running.goes_on(2)
        assert len({room_luma(picture) for picture in running.shown[begun:]}) == 1
        assert abs(room_luma(running.shown[begun]) - (18, 233)[index % 2]) < 5


def test_nor_where_the_worker_is_killed_all_the_time() -> None:
    chance = random.Random(4)
    with stage(restart_delays_s=(0.0,)) as acting:
        acting.wear(BLACK)
        for index in range(20):
            killer = threading.Timer(chance.uniform(0, 0.1), lambda: acting.maker.pid and kill(acting, signal.SIGKILL))
            killer.start()
            color = (WHITE, BLACK)[index % 2]
            acting.wear(color)
            begun = len(acting.shown)
            acting.goes_on(2)
            assert {room_luma(picture) for picture in acting.shown[begun:]} == {LUMA[color]}
            killer.join()
        assert acting.maker.restarts > 5


def test_effects_may_change_while_the_worker_is_started_anew(running: Stage) -> None:
    kill(running, signal.SIGKILL)
    running.wear(WHITE)
    begun = len(running.shown)
    running.goes_on()
    assert {room_luma(picture) for picture in running.shown[begun:]} == {LUMA[WHITE]}


def test_the_picture_goes_on_while_effects_are_prepared(running: Stage) -> None:
    change = threading.Thread(target=running.wear, args=(SLOW_COLORS[0],))
    begun = len(running.shown)
    change.start()
    running.goes_on(3)
    assert change.is_alive()
    assert {room_luma(picture) for picture in running.shown[begun:]} == {LUMA[BLACK]}
    change.join()


@pytest.mark.parametrize("color", [DEADLY_COLOR, HANGING_COLOR])
def test_effects_that_kill_the_worker_are_given_up(color: str) -> None:
    with stage(prepare_s=2.0, restart_delays_s=(0.0,)) as acting:
        acting.wear(BLACK)
        acting.goes_on()
        with pytest.raises(PictureError, match="could not be prepared"):
            acting.wear(color)
        begun = len(acting.shown)
        acting.goes_on()
        assert {room_luma(picture) for picture in acting.shown[begun:]} == {LUMA[BLACK]}
        acting.wear(WHITE)


def test_weights_that_are_gone_at_a_restart_show_nothing_until_they_are_back(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    weights.touch()
    with stage(LabSpec(weights), restart_delays_s=(0.0, 0.05)) as acting:
        acting.wear(BLACK)
        acting.goes_on()
        weights.unlink()
        kill(acting, signal.SIGKILL)
        eventually(lambda: any(isinstance(failure, MissingModelError) for failure in acting.failures), "the failure")
        seen = len(acting.shown)
        time.sleep(0.3)
        assert len(acting.shown) == seen
        weights.touch()
        acting.goes_on()
        assert {room_luma(picture) for picture in acting.shown} == {LUMA[BLACK]}


def test_a_background_that_is_gone_at_a_restart_becomes_blur_until_it_is_back(tmp_path: Path) -> None:
    background = tmp_path / "wall.png"
    cv2.imwrite(str(background), np.zeros((36, 64, 3), np.uint8))
    with stage(restart_delays_s=(0.0, 0.05)) as acting:
        acting.wear(str(background))
        acting.goes_on()
        assert {room_luma(picture) for picture in acting.shown} == {LUMA[BLACK]}
        background.rename(tmp_path / "away.png")
        kill(acting, signal.SIGKILL)
        acting.goes_on(2)
        eventually(lambda: "The room is blurred" in acting.maker.trouble, "the trouble")
        begun = len(acting.shown)
        acting.goes_on(2)
        assert LUMA[BLACK] not in {room_luma(picture) for picture in acting.shown[begun:]}
        assert str(acting.maker.effects.background) == str(background)
        (tmp_path / "away.png").rename(background)
        kill(acting, signal.SIGKILL)
        acting.goes_on(2)
        eventually(lambda: acting.maker.trouble == "", "the end of the trouble")
        begun = len(acting.shown)
        acting.goes_on(2)
        assert {room_luma(picture) for picture in acting.shown[begun:]} == {LUMA[BLACK]}


def test_a_worker_that_cannot_begin_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with stage(StillbornSpec(), restart_delays_s=(0.0,)) as acting:
        with pytest.raises(PictureError, match="There is nothing to begin with"):
            acting.wear(BLACK)
        assert acting.shown == []


def test_it_works_without_a_fork_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eyeline.processing.worker.link.worker_context", lambda: multiprocessing.get_context("spawn"))
    with stage() as acting:
        acting.wear(BLACK)
        acting.goes_on()
        kill(acting, signal.SIGKILL)
        acting.goes_on()
        assert acting.maker.restarts == 1


def test_a_worker_that_begins_slowly_is_waited_for_but_not_for_ever() -> None:
    limits = {"ping_every_s": 0.05, "ping_s": 1.0, "restart_delays_s": (0.0,)}
    with stage(SlowSpec(2.0), **limits) as acting:
        acting.wear(BLACK)
        assert acting.maker.restarts == 0
    with stage(SlowSpec(60), start_s=0.3, **limits) as acting, pytest.raises(PictureError, match="no sign of life"):
        acting.wear(BLACK)


@pytest.mark.parametrize("recipe", [lambda: None, threading.Lock().acquire])
def test_a_recipe_that_cannot_be_sent_is_told(recipe: Callable[[], Picture]) -> None:
    with stage(recipe, restart_delays_s=(0.0,)) as acting, pytest.raises(PictureError, match="cannot be started"):
        acting.wear(BLACK)


def test_a_machine_without_shared_memory_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eyeline.processing.byte_ring.SharedMemory", _full)
    with stage(restart_delays_s=(0.0,)) as acting, pytest.raises(PictureError, match="No space left"):
        acting.wear(BLACK)


def _full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def test_restarts_in_a_row_are_slowed_down() -> None:
    with stage(restart_delays_s=(0.0, 0.4)) as acting:
        acting.wear(BLACK)
        for _ in range(2):
            acting.goes_on()
            kill(acting, signal.SIGKILL)
            eventually(lambda: acting.maker.state is not WorkerState.RUNNING, "the end")
        acting.goes_on()
        assert max(np.diff(acting.shown_at_s)) >= 0.4


def test_what_the_worker_logs_is_logged_here(running: Stage, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        running.poison(Fault.LOG)
        eventually(lambda: "a line with password=hunter2" in caplog.messages, "the line")
    assert {record.name for record in caplog.records if "a line" in record.getMessage()} == {"worker_lab"}


def test_the_worker_leaves_interrupts_to_its_parent(running: Stage) -> None:
    pid = running.maker.pid
    for number in (signal.SIGINT, signal.SIGTERM):
        kill(running, number)
        running.goes_on()
    assert running.maker.pid == pid


@pytest.mark.skipif(not Path("/proc/self/oom_score_adj").is_file(), reason="needs Linux")
def test_the_kernel_would_take_the_worker_first(running: Stage) -> None:
    own = int(Path("/proc/self/oom_score_adj").read_text())
    assert int(Path(f"/proc/{running.maker.pid}/oom_score_adj").read_text()) > own


def test_nothing_is_left_behind(memory: list[str]) -> None:
    with stage() as acting:  # the fork server and the resource tracker stay for the next one
        acting.wear(BLACK)
    threads, files = threading.active_count(), psutil.Process().num_fds()
    for _ in range(3):
        with stage() as acting:
            acting.wear(BLACK)
            acting.goes_on()
            kill(acting, signal.SIGKILL)
            acting.goes_on()
            pid = acting.maker.pid
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert multiprocessing.active_children() == []
    assert len(memory) == 14
    assert memory_left(memory) == []
    assert threading.active_count() == threads
    assert psutil.Process().num_fds() == files


@pytest.mark.parametrize("after_s", [0.0, 0.02, 0.1])
def test_it_may_be_closed_at_any_moment(after_s: float, memory: list[str]) -> None:
    with stage() as acting:
        time.sleep(after_s)
    acting.maker.close()
    assert acting.maker.state is WorkerState.STOPPED
    assert memory_left(memory) == []
    with pytest.raises(PictureError, match="closed"):
        acting.wear(BLACK)


def test_who_waits_for_effects_is_told_of_the_end() -> None:
    failures: list[Exception] = []

    def wait() -> None:
        try:
            acting.wear(HANGING_COLOR)
        except PictureError as error:
            failures.append(error)

    with stage() as acting:
        acting.wear(BLACK)
        waiting = threading.Thread(target=wait)
        waiting.start()
        time.sleep(0.2)
    waiting.join(10)
    assert ["closed" in str(failure) for failure in failures] == [True]


def test_the_recipe_and_frames_cross_by_pickle_and_memory_alone() -> None:
    assert pickle.loads(pickle.dumps(LabSpec())) == LabSpec()
    assert I420Image.filled(2, 2, (1, 2, 3)).data.sum() == 9
