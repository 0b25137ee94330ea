"""What a meeting reports, the same on every platform: frozen values in one stream."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from aiortc import MediaStreamTrack

from eyeline.config.errors import EyelineError


class MediaKind(Enum):
    """What can be muted."""

    AUDIO = "audio"
    VIDEO = "video"


class IdentityKind(Enum):
    """What stands behind an `Identity`, and so for how long it is good."""

    ACCOUNT = "account"
    GUEST = "guest"
    OCCUPANT = "occupant"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is, as the server vouches for it. No member can choose or imitate it.

    Args:
        kind: `ACCOUNT` is an address that somebody logged in to, and the same next time. `GUEST` is good for one
            connection, `OCCUPANT` for this room.
        value: Compared whole; says nothing on another server.
    """

    kind: IdentityKind
    value: str


@dataclass(frozen=True, slots=True)
class Participant:
    """One other member of the meeting.

    Args:
        id: The platform's id, unique within the meeting (Jitsi: endpoint id).
        name: Display name as the member chose it; never proof of who it is.
        moderator: Whether the platform says so.
        audio_muted: Whether the member says that no sound is sent.
        video_muted: Whether the member says that no video is sent.
        identity: Who it is, or `None` where the room does not say.
        bot: Whether the member says that it is a program of our kind.
        encrypted: Whether the member says that its media are encrypted end to end, so that we cannot see them.
    """

    id: str
    name: str
    moderator: bool = False
    audio_muted: bool = True
    video_muted: bool = True
    identity: Identity | None = None
    bot: bool = False
    encrypted: bool = False


class WaitingFor(Enum):
    """What a meeting waits for, for programs."""

    SERVER = "server"
    MODERATOR = "moderator"
    LOBBY = "lobby"
    PASSWORD = "password"  # noqa: S105 - not one
    SEAT = "seat"
    OTHERS = "others"
    MEDIA = "media"


@dataclass(frozen=True, slots=True)
class Waiting:
    """On the way, but nothing flows yet; `reason` says what is waited for, in plain words."""

    reason: str
    what: WaitingFor = WaitingFor.SERVER


@dataclass(frozen=True, slots=True)
class Advice:
    """The meeting goes on, but a person should know this or could do something about it.

    Args:
        code: For programs.
        text: One sentence.
    """

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class MediaConnected:
    """Our media reaches the meeting."""


@dataclass(frozen=True, slots=True)
class MediaLost:
    """The media path is gone, the meeting is not: a new one is awaited."""

    reason: str


@dataclass(frozen=True, slots=True)
class ParticipantJoined:
    """Somebody came, or was there when we did."""

    participant: Participant


@dataclass(frozen=True, slots=True)
class ParticipantChanged:
    """Name, role or mute state changed."""

    participant: Participant


@dataclass(frozen=True, slots=True)
class ParticipantLeft:
    """Somebody went."""

    participant: Participant


@dataclass(frozen=True, slots=True)
class ChatReceived:
    """A line of chat from somebody else.

    Args:
        sender_id: As in `Participant.id`.
        sender_name: Display name at that time.
        text: The line.
        private: Sent to us alone.
        history: Said before we came.
        identity: Who said it, or `None` where the room does not say; never known of history.
        bot: As in `Participant.bot`.
    """

    sender_id: str
    sender_name: str
    text: str
    private: bool = False
    history: bool = False
    identity: Identity | None = None
    bot: bool = False


@dataclass(frozen=True, slots=True)
class TrackAdded:
    """Somebody's media arrives; comes only when receiving was asked for.

    Args:
        participant_id: As in `Participant.id`.
        source: The platform's name of the source (Jitsi: `abcd1234-v0`).
        kind: Sound or picture.
        track: Must be consumed: aiortc queues what nobody reads.
    """

    participant_id: str
    source: str
    kind: MediaKind
    track: MediaStreamTrack


@dataclass(frozen=True, slots=True)
class TrackRemoved:
    """A received source is gone."""

    participant_id: str
    source: str


@dataclass(frozen=True, slots=True)
class VideoWanted:
    """How tall a picture the meeting has use for.

    Args:
        max_height_px: 0 when nobody looks; `None` when there is no limit.
    """

    max_height_px: int | None


@dataclass(frozen=True, slots=True)
class VideoSending:
    """Our picture leaves in other sizes than before.

    Args:
        source: The platform's name of the source (Jitsi: `abcd1234-v0`).
        heights_px: Of what is sent side by side, lowest first; empty while nothing is.
        limited_by: What keeps it from being more: `nothing`, `wanted`, `bandwidth` or `cpu`.
    """

    source: str
    heights_px: tuple[int, ...]
    limited_by: str


@dataclass(frozen=True, slots=True)
class DataReceived:
    """Another member sent us an object, past the chat.

    Args:
        sender_id: As in `Participant.id`; vouched for by the platform.
        payload: As JSON has it; anything.
    """

    sender_id: str
    payload: object


@dataclass(frozen=True, slots=True)
class Muted:
    """Our own mute state changed; `by` is the moderator who did it, or empty when it was us."""

    kind: MediaKind
    muted: bool
    by: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """The last event of every stream: the meeting is over for us.

    Args:
        error: Why, or `None` when we left by ourselves.
    """

    error: EyelineError | None


MeetingEvent = (
    Waiting
    | Advice
    | MediaConnected
    | MediaLost
    | ParticipantJoined
    | ParticipantChanged
    | ParticipantLeft
    | ChatReceived
    | TrackAdded
    | TrackRemoved
    | VideoWanted
    | VideoSending
    | DataReceived
    | Muted
    | Ended
)
