"""What is said between the supervisor and its worker. All are small: one write, so that none is ever read in halves."""

from __future__ import annotations

from dataclasses import dataclass
from multiprocessing.connection import Connection

from eyeline.config.errors import EyelineError
from eyeline.processing.byte_ring import RingAddress
from eyeline.processing.effects import EffectState
from eyeline.processing.errors import PictureError
from eyeline.processing.picture_status import PictureStatus
from eyeline.processing.stage_times import StageTimes

MAX_LOG_CHARS = 4000
MAX_TROUBLE_CHARS = 400

WAKE = b"frame"
"""To the worker, on the pipe of frames: look into the ring. Each is answered by one `FrameAnswer`."""


@dataclass(frozen=True, slots=True)
class WorkerEnds:
    """What a worker gets on its way.

    Args:
        frames: `WAKE` in, `FrameAnswer` out.
        control: `Prepare` and `Ping` in, `Prepared`, `Pong`, `LogLine` and `Unable` out.
        errors: To be its standard error.
        leash: Says nothing; it ends with the supervisor's process.
        raw: Frames in.
        processed: Pictures out.
        log_level: What is worth telling.
    """

    frames: Connection
    control: Connection
    errors: Connection
    leash: Connection
    raw: RingAddress
    processed: RingAddress
    log_level: int


@dataclass(frozen=True, slots=True)
class Prepare:
    """Get effects ready and apply them.

    Args:
        generation: Their number.
        effects: What is wanted.
        restoring: Whether another worker had them, so that the next best thing is better than nothing.
    """

    generation: int
    effects: EffectState
    restoring: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """They are applied, or why they cannot be."""

    generation: int
    error: EyelineError | None


@dataclass(frozen=True, slots=True)
class Ping:
    """Are you there?"""


@dataclass(frozen=True, slots=True)
class Pong:
    """Yes; also said unasked, once, when the worker has begun to listen."""


@dataclass(frozen=True, slots=True)
class FrameAnswer:
    """What became of the newest frame.

    Args:
        number: Its number; 0 where there was none to be had.
        made: Whether a picture is in the ring.
        error: Why not.
        times: How long the stages take.
        status: How the picture is doing otherwise.
        trouble: Why the background does not show what it should; empty while it does.
    """

    number: int
    made: bool
    error: EyelineError | None
    times: StageTimes
    status: PictureStatus
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    """Something for the log."""

    level: int
    logger: str
    text: str


@dataclass(frozen=True, slots=True)
class Unable:
    """The worker cannot begin."""

    error: EyelineError


FromWorker = Prepared | Pong | FrameAnswer | LogLine | Unable


def as_eyeline_error(error: Exception) -> EyelineError:
    """The error itself, or a foreign one in words: only our own are known to survive the way."""
    if isinstance(error, EyelineError):
        return error
    return PictureError(f"{type(error).__name__}: {error}")
