"""What a program that runs Eyeline is told, and how it reads as one line of JSON."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum

from eyeline.bot.state import SessionState
from eyeline.config.errors import EyelineError
from eyeline.integrations.events import MediaKind, MeetingEvent
from eyeline.processing.gaze.status import Activity
from eyeline.processing.outgoing_video import VideoState
from eyeline.processing.tiers import Tier


@dataclasses.dataclass(frozen=True, slots=True)
class StateChanged:
    """The session moved; `reason` says why, in plain words."""

    state: SessionState
    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class RejoinFailed:
    """Another try to come back to a lost meeting failed; the state is still `reconnecting`.

    Told after the 1st, 2nd, 4th, 8th .. try, and before every long wait.

    Args:
        attempt: Its number, counted from the loss.
        wait_s: Until the next one, unless the network comes back earlier.
        reason: Why, in plain words.
    """

    attempt: int
    wait_s: float
    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class SourceChanged:
    """A camera, microphone, file or stream came or went; `detail` says why, in plain words."""

    kind: MediaKind
    source: str
    state: str
    detail: str


@dataclasses.dataclass(frozen=True, slots=True)
class IngestReady:
    """A browser, or any other WebRTC sender with the token, may send its camera to this address."""

    url: str


@dataclasses.dataclass(frozen=True, slots=True)
class OnAirChanged:
    """What others see changed between the card and the live picture."""

    showing: VideoState


@dataclasses.dataclass(frozen=True, slots=True)
class PictureFailed:
    """Frames cannot be processed; the card is shown instead."""

    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class PictureRestarted:
    """What makes the pictures is started anew; `reason` says why, in plain words."""

    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class TierChanged:
    """Masks are made with more or less work, as this machine can bear; `why` says it in plain words."""

    tier: Tier
    why: str


@dataclasses.dataclass(frozen=True, slots=True)
class GazeChanged:
    """The gaze is corrected, or not any more; `why` says it in plain words."""

    activity: Activity
    why: str


@dataclasses.dataclass(frozen=True, slots=True)
class EventLoopLate:
    """The event loop lags so much that sound and picture suffer; this is the 99th percentile."""

    p99_ms: float


@dataclasses.dataclass(frozen=True, slots=True)
class CommandAnswered:
    """Somebody asked for something.

    Args:
        origin: chat, rest or cli.
        by: A name, never proof of who it is.
        command: Its kind.
        status: done, refused or suggestion.
        message: What they were told.
    """

    origin: str
    by: str
    command: str
    status: str
    message: str


@dataclasses.dataclass(frozen=True, slots=True)
class BackgroundChanged:
    """Another background is on."""

    background: str


@dataclasses.dataclass(frozen=True, slots=True)
class BackgroundTrouble:
    """The background does not show what it should; `reason` says why, and is empty when it is well again."""

    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class ChatSkipped:
    """So many lines of chat came too fast to be told of; commands among them were heard all the same."""

    count: int


BotEvent = (
    StateChanged
    | RejoinFailed
    | SourceChanged
    | IngestReady
    | OnAirChanged
    | PictureFailed
    | PictureRestarted
    | TierChanged
    | GazeChanged
    | BackgroundChanged
    | BackgroundTrouble
    | EventLoopLate
    | CommandAnswered
    | ChatSkipped
    | MeetingEvent
)
Emit = Callable[[BotEvent], None]

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


def to_json(event: BotEvent) -> str:
    """One line of JSON: `event` (the name in snake case), `time` (UTC) and the event's fields."""
    name = _WORD_START.sub("_", type(event).__name__).lower()
    fields = {field.name: _plain(getattr(event, field.name)) for field in dataclasses.fields(event)}
    time = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"event": name, "time": time, **fields}, ensure_ascii=False)


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, EyelineError):
        return {"code": value.code, "message": value.message, "hint": value.hint}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return str(value)
