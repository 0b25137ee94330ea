"""Pictures that misbehave on request, for a worker process: the frame itself says how, in its first sample.

Workers import this module each time that they start, so it imports little.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from enum import IntEnum
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Self
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from eyeline.models.errors import InferenceError, MissingModelError
from eyeline.models.runtimes import Runtime, load_runtime
from eyeline.processing import picture as picture_module
from eyeline.processing.effects import ColorBackground, EffectState, parse_background
from eyeline.processing.frame import CapturedFrame, I420Image, ProcessedFrame
from eyeline.processing.gallery import Gallery
from eyeline.processing.mask import PersonMask
from eyeline.processing.picture import Picture, PreparedEffects
from eyeline.processing.pyramid import Pyramid
from eyeline.processing.tiers import Tier
from eyeline.processing.worker.limits import WorkerLimits
from eyeline.processing.worker.process import PictureProcess

log = logging.getLogger("worker_lab")

WIDTH_PX, HEIGHT_PX = 64, 36
SLOW_S = 0.12

DEADLY_COLOR = "color:#010101"
HANGING_COLOR = "color:#020202"
SLOW_COLORS = ("color:#030303", "color:#fcfcfc")


class Fault(IntEnum):
    """What happens while a frame is made. The value is the first luma sample of the frame."""

    NONE = 0
    MASK_RAISES = 1
    REFINE_RAISES = 2
    BACKGROUND_RAISES = 3
    COMPOSE_RAISES = 4
    MASK_NAN = 5
    MASK_OF_WRONG_SHAPE = 6
    MATTE_OF_WRONG_SIZE = 7
    SLOW = 8
    HANG = 9
    HANG_WITH_THE_INTERPRETER = 10
    CRASH = 11
    EXIT = 12
    MEMORY = 13
    LOG = 14
    FOREIGN_TYPE = 15


FAILURES = (
    Fault.MASK_RAISES,
    Fault.REFINE_RAISES,
    Fault.BACKGROUND_RAISES,
    Fault.COMPOSE_RAISES,
    Fault.MASK_NAN,
    Fault.MASK_OF_WRONG_SHAPE,
    Fault.MATTE_OF_WRONG_SIZE,
    Fault.FOREIGN_TYPE,
)
"""Cost their frame and nothing else."""


def _raise(*_: object, **__: object) -> None:
    raise RuntimeError("a stage failed")


class FaultyRuntime:
    """Finds a person in the left half, or whatever the fault wants."""

    input_shape: tuple[int, ...] = (1, 18, 32, 3)
    fault = Fault.NONE

    def run(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        mask = np.zeros((*tensor.shape[:3], 1), np.float32)
        mask[:, :, : tensor.shape[2] // 2] = 1
        match self.fault:
            case Fault.MASK_RAISES:
                raise InferenceError("The net failed.", hint="Look at it.")
            case Fault.MASK_NAN:
                mask.fill(np.nan)
            case Fault.MASK_OF_WRONG_SHAPE:
                return np.ones((1, 3, 3, 1), np.float32)
        return mask

    def close(self) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class FaultyPicture(Picture):
    """A real picture in every other respect."""

    def __init__(self, runtimes: tuple[FaultyRuntime, ...], gallery: Gallery, weights: Path | None) -> None:
        def open_mask() -> PersonMask:
            if weights is not None and not weights.is_file():
                raise MissingModelError("The weights are gone.", hint="Fetch them.")
            return PersonMask(*runtimes)

        super().__init__(open_mask, gallery)
        self._runtimes = runtimes
        self._eaten: list[NDArray[np.uint8]] = []

    def prepare(self, effects: EffectState) -> PreparedEffects:
        if isinstance(effects.background, ColorBackground):
            match str(effects.background):
                case color if color == DEADLY_COLOR:
                    signal.raise_signal(signal.SIGSEGV)
                case color if color == HANGING_COLOR:
                    time.sleep(600)
                case color if color in SLOW_COLORS:
                    time.sleep(0.2)
        return super().prepare(effects)

    def process(self, frame: CapturedFrame) -> ProcessedFrame:
        fault = Fault(int(frame.image.y[0, 0])) if frame.image.y[0, 0] in list(Fault) else Fault.NONE
        for runtime in self._runtimes:
            runtime.fault = fault
        self._misbehave(fault)
        with self._broken_stage(fault):
            made = super().process(frame)
        return frame if fault is Fault.FOREIGN_TYPE else made

    def _misbehave(self, fault: Fault) -> None:
        match fault:
            case Fault.SLOW:
                time.sleep(SLOW_S)
            case Fault.HANG:
                time.sleep(600)
            case Fault.HANG_WITH_THE_INTERPRETER:
                ctypes.PyDLL(None).sleep(600)
            case Fault.CRASH:
                signal.raise_signal(signal.SIGSEGV)
            case Fault.EXIT:
                os._exit(3)
            case Fault.MEMORY:
                for _ in range(100):
                    self._eaten.append(np.ones(1 << 24, np.uint8))
                    time.sleep(0.01)
            case Fault.LOG:
                log.warning("a line with password=%s", "hunter2")

    def _broken_stage(self, fault: Fault):
        match fault:
            case Fault.REFINE_RAISES:
                return patch.object(picture_module, "matte_of", _raise)
            case Fault.BACKGROUND_RAISES:
                return patch.object(picture_module, "_behind", _raise)
            case Fault.COMPOSE_RAISES:
                return patch.object(picture_module, "blend", _raise)
            case Fault.MATTE_OF_WRONG_SIZE:
                whole, small = picture_module.matte_of, I420Image.filled(32, 18, (90, 128, 128))
                return patch.object(
                    picture_module, "matte_of", lambda _image, _pyramid, mask: whole(small, Pyramid(small), mask)
                )
        return nullcontext()


@dataclass(frozen=True)
class LabSpec:
    """An `OpenPicture`; the person is the left half of every frame.

    Args:
        weights: A file that must be there when the net is loaded; `None` needs none.
    """

    weights: Path | None = None

    def __call__(self) -> Picture:
        return FaultyPicture((FaultyRuntime(),), Gallery(), self.weights)


class FaultyNet(FaultyRuntime):
    """The real net, or whatever the fault wants."""

    def __init__(self, net: Runtime) -> None:
        self._net = net
        self.input_shape = net.input_shape

    def run(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.fault in (Fault.MASK_RAISES, Fault.MASK_NAN, Fault.MASK_OF_WRONG_SHAPE):
            return super().run(tensor)
        return self._net.run(tensor)

    def close(self) -> None:
        self._net.close()


@dataclass(frozen=True)
class NetSpec:
    """An `OpenPicture` with the real nets.

    Args:
        nets: Their files, the finder's first.
        weights: A file that must be there when the net is loaded.
    """

    nets: tuple[Path, ...]
    weights: Path

    def __call__(self) -> Picture:
        runtimes = tuple(FaultyNet(load_runtime(net)) for net in self.nets)
        return FaultyPicture(runtimes, Gallery(), self.weights)


class FailingOpen(FaultyPicture):
    """What must never be written: it shows something rather than nothing."""

    def process(self, frame: CapturedFrame) -> ProcessedFrame:
        try:
            return super().process(frame)
        except Exception:
            return ProcessedFrame(frame.image, frame.captured_at_s)


@dataclass(frozen=True)
class FailingOpenSpec:
    """An `OpenPicture`."""

    def __call__(self) -> Picture:
        return FailingOpen((FaultyRuntime(),), Gallery(), None)


@dataclass(frozen=True)
class SlowSpec:
    """An `OpenPicture` that takes its time, as imports do where there is no fork server."""

    open_s: float

    def __call__(self) -> Picture:
        time.sleep(self.open_s)
        return LabSpec()()


class LazyRuntime(FaultyRuntime):
    """Takes its time for each mask."""

    def __init__(self, mask_s: float) -> None:
        self._mask_s = mask_s

    def run(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        time.sleep(self._mask_s)
        return super().run(tensor)


@dataclass(frozen=True)
class LazySpec:
    """An `OpenPicture` on a machine that is too slow.

    Args:
        mask_s: Of one mask.
        tier: As of `PictureSpec`.
    """

    mask_s: float
    tier: Tier | None = None

    def __call__(self) -> Picture:
        return Picture(lambda: PersonMask(LazyRuntime(self.mask_s)), Gallery(), tier=self.tier)


@dataclass(frozen=True)
class StillbornSpec:
    """An `OpenPicture` that opens none."""

    def __call__(self) -> Picture:
        raise MissingModelError("There is nothing to begin with.", hint="Get something.")


def lab_frame(fault: Fault = Fault.NONE, size_px: tuple[int, int] = (WIDTH_PX, HEIGHT_PX)) -> CapturedFrame:
    """A person of luma 100 in a room of luma 200."""
    image = I420Image.filled(*size_px, (200, 128, 128))
    image.y[:, : size_px[0] // 2] = 100
    image.y[0, 0] = fault
    return CapturedFrame(image, time.monotonic())


def room_luma(picture: ProcessedFrame) -> int:
    """What stands where the room was."""
    return int(picture.image.y[-2, -2])


def effects(background: str) -> EffectState:
    return EffectState(parse_background(background))


@dataclass
class Stage:
    """A running maker that is fed without a pause, and everything that it showed and told."""

    maker: PictureProcess
    shown: list[ProcessedFrame] = field(default_factory=list)
    shown_at_s: list[float] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    restarts: list[str] = field(default_factory=list)
    frame: Callable[[], CapturedFrame] = lab_frame
    feeding: bool = True
    offering: threading.Lock = field(default_factory=threading.Lock)
    showing_takes_s: float = 0.0

    def show(self, picture: ProcessedFrame) -> None:
        time.sleep(self.showing_takes_s)
        self.shown.append(picture)
        self.shown_at_s.append(time.monotonic())

    def feed(self) -> None:
        while self.feeding:
            with self.offering:
                self.maker.offer(self.frame())
            time.sleep(0.01)

    def poison(self, fault: Fault) -> None:
        """One such frame among the others, which wait until the worker is through with it."""
        with self.offering:
            restarts, link = self.maker.restarts, self.maker._link
            assert link is not None
            self.maker.offer(lab_frame(fault))
            number = link.offered
            eventually(lambda: link.answered_number >= number or self.maker.restarts > restarts, "an answer")

    def goes_on(self, pictures: int = 5) -> Self:
        """Wait for so many more pictures."""
        seen = len(self.shown)
        eventually(lambda: len(self.shown) >= seen + pictures, "more pictures")
        return self

    def wear(self, background: str) -> None:
        self.maker.set_effects(effects(background))


def memory_names(maker: PictureProcess) -> list[str]:
    """Of the shared memory that the worker of this moment uses."""
    return [maker._link._raw.address.name, maker._link._processed.address.name]


def memory_left(names: list[str]) -> list[str]:
    """Those of them that are still there."""
    left = []
    for name in names:
        try:
            SharedMemory(name).close()
        except FileNotFoundError:
            continue
        left.append(name)
    return left


def eventually(happened: Callable[[], bool], what: str) -> None:
    """Wait for something that other threads or processes do."""
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.005)


@contextmanager
def stage(open_picture: Callable[[], Picture] | None = None, **limits: object) -> Iterator[Stage]:
    """A running worker process; limits as of `WorkerLimits`, with more patience where a test gives none."""
    limits = {"frame_s": 1.5, "slowest_frame_s": 3.0, "ping_s": 5.0} | limits
    acting: list[Stage] = []
    maker = PictureProcess(
        open_picture or LabSpec(),
        max_size_px=(WIDTH_PX, HEIGHT_PX),
        on_picture=lambda picture: acting[0].show(picture),
        on_failure=lambda error: acting[0].failures.append(error),
        on_restart=lambda reason: acting[0].restarts.append(reason),
        limits=WorkerLimits(**limits),
    )
    acting.append(Stage(maker))
    feeder = threading.Thread(target=acting[0].feed, name="feeder")
    with maker:
        feeder.start()
        try:
            yield acting[0]
        finally:
            acting[0].feeding = False
            feeder.join()
