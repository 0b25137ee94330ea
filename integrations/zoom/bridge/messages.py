"""What the meeting process and the bridge process say to each other.

Plain data of the standard library: the bridge imports this before the SDK and nothing else of ours. Secrets travel in
`Begin` alone, once, over a socket that nobody else holds; their fields are kept out of every `repr`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

PROTOCOL_VERSION = 1


@dataclass(frozen=True, slots=True)
class RingPlace:
    """The ring of pictures that the bridge reads from.

    Args:
        name: Of the shared memory.
        capacity_bytes: The largest picture that a slot takes.
    """

    name: str
    capacity_bytes: int


@dataclass(frozen=True, slots=True)
class Begin:
    """The first message: everything that a bridge needs to get from nothing into a meeting, which it does by itself.

    Args:
        version: `PROTOCOL_VERSION` of the sender.
        web_domain: The cloud, such as `https://zoom.us`.
        sdk_jwt: What the SDK authenticates with.
        meeting_number: 0 where a `vanity_id` stands for the meeting.
        vanity_id: A personal link's name, or empty.
        name: Display name.
        passcode: As the link or the person gave it, or empty.
        zak: Who joins as that user, or empty.
        on_behalf_token: Who joins beside a user who is there, or empty; good for one join.
        join_token: Of a registration (`tk`), or empty.
        ring: Where pictures come from.
        send_video: Whether a camera is published.
        send_audio: Whether a microphone is published.
    """

    version: int
    web_domain: str
    sdk_jwt: str = field(repr=False)
    meeting_number: int
    vanity_id: str
    name: str
    passcode: str = field(repr=False)
    zak: str = field(repr=False)
    on_behalf_token: str = field(repr=False)
    join_token: str = field(repr=False)
    ring: RingPlace
    send_video: bool
    send_audio: bool


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave the meeting, clean up, end."""


@dataclass(frozen=True, slots=True)
class SendChat:
    """Say a line.

    Args:
        request: Comes back in `ChatAnswered`.
        text: The line.
        to: Zoom's user id, or 0 for all.
    """

    request: int
    text: str
    to: int


@dataclass(frozen=True, slots=True)
class SetVideoMuted:
    """Stop or start our camera."""

    muted: bool


@dataclass(frozen=True, slots=True)
class SetAudioMuted:
    """Mute or unmute our microphone."""

    muted: bool


@dataclass(frozen=True, slots=True)
class Ping:
    """Are you there?; `Pong` says so, from the loop that also serves the SDK."""

    number: int


Command = Begin | Leave | SendChat | SetVideoMuted | SetAudioMuted | Ping


@dataclass(frozen=True, slots=True)
class Hello:
    """The first event.

    Args:
        version: `PROTOCOL_VERSION` of the bridge.
        sdk_version: Of the SDK's Python package; empty where it cannot be loaded, which `CallRefused` says next.
    """

    version: int
    sdk_version: str


@dataclass(frozen=True, slots=True)
class CallRefused:
    """A call of ours was answered with anything but success, at once; the bridge ends after it.

    Args:
        call: `InitSDK`, `SDKAuth` or `Join`; or, where it does not come to one, `import` or `Begin`.
        error: The name in the SDK's `SDKError`, such as `SDKERR_INTERNAL_ERROR`. With `import` the file of the library
            that the system lacks, such as `libGL.so.1`, or `ModuleNotFoundError`; with `Begin` `version` for another
            `PROTOCOL_VERSION`, `RingError` for a ring that is gone or is another one.
    """

    call: str
    error: str


@dataclass(frozen=True, slots=True)
class Authenticated:
    """The answer to the JWT.

    Args:
        result: The name in the SDK's `AuthResult`, such as `AUTHRET_SUCCESS`; on any other the bridge ends after it.
    """

    result: str


@dataclass(frozen=True, slots=True)
class MeetingStatus:
    """The SDK's own word on the meeting.

    Args:
        status: The name in the SDK's `MeetingStatus`, such as `MEETING_STATUS_INMEETING`.
        reason: A `MeetingFailCode` with `FAILED`, a `MeetingEndReason` with `ENDED`; a number as the SDK gave it.
    """

    status: str
    reason: int


@dataclass(frozen=True, slots=True)
class VideoSize:
    """What Zoom suggests to send from now on; comes before the first `VideoWanted` and with every change."""

    width_px: int
    height_px: int
    fps: int


@dataclass(frozen=True, slots=True)
class VideoWanted:
    """Whether Zoom takes pictures at the moment (`onStartSend`, `onStopSend`)."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class AudioWanted:
    """Whether Zoom takes sound at the moment."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class OwnState:
    """What the SDK says of ourselves; polled, as the SDK has no event for some of it. Comes with every change.

    Args:
        user_id: Ours.
        video_on: Whether others see our camera on.
        may_start_video: Whether the host lets participants start their cameras.
        audio_muted: Whether we are muted.
    """

    user_id: int
    video_on: bool
    may_start_video: bool
    audio_muted: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the meeting.

    Args:
        user_id: Zoom's, good for this meeting.
        name: As the person chose it.
        host: Whether host or co-host.
        persistent_id: Zoom's lasting id of an account's user, or empty.
        video_on: Whether the camera is on.
        audio_muted: Whether the microphone is off.
        is_authorized_user: Whether the on-behalf token that we joined with is this person's.
    """

    user_id: int
    name: str
    host: bool
    persistent_id: str
    video_on: bool
    audio_muted: bool
    is_authorized_user: bool


@dataclass(frozen=True, slots=True)
class PersonJoined:
    """Somebody came, or was there when we did; comes never for ourselves."""

    person: Person


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """Name, role, camera or microphone changed."""

    person: Person


@dataclass(frozen=True, slots=True)
class PersonLeft:
    """Somebody went."""

    user_id: int


@dataclass(frozen=True, slots=True)
class ChatHeard:
    """A line of chat from somebody else."""

    sender_id: int
    sender_name: str
    text: str
    private: bool


@dataclass(frozen=True, slots=True)
class ChatAnswered:
    """What became of a `SendChat`.

    Args:
        request: As in `SendChat`.
        error: The name in the SDK's `SDKError`; `SDKERR_SUCCESS` when it was said.
    """

    request: int
    error: str


@dataclass(frozen=True, slots=True)
class ChatRights:
    """What the meeting lets us say.

    Args:
        to_all: Whether to everybody.
        privately: Whether to single participants.
    """

    to_all: bool
    privately: bool


@dataclass(frozen=True, slots=True)
class DisclaimerAccepted:
    """A notice of the meeting (of recording, for example) was accepted in the person's name."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class BreakoutRoom:
    """We were sent to a breakout room, or back."""

    inside: bool


@dataclass(frozen=True, slots=True)
class MediaRefused:
    """The SDK takes no pictures, or no sound, of ours; tried again by the bridge where that can help.

    Args:
        call: What was called, such as `setExternalVideoSource` or `sendVideoFrame`.
        error: The name in the SDK's `SDKError`.
    """

    call: str
    error: str


@dataclass(frozen=True, slots=True)
class Sent:
    """How much went out; every two seconds while in the meeting."""

    pictures: int
    pictures_passed_over: int
    pictures_refused: int
    sounds: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Something of ours failed in the bridge (an exception in a callback); it goes on.

    Args:
        where: Which callback.
        error: The exception's type; never its text, which may hold anything.
    """

    where: str
    error: str


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to a `Ping`."""

    number: int


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The last event of a bridge that ends by itself, after everything else was said."""


Event = (
    Hello
    | CallRefused
    | Authenticated
    | MeetingStatus
    | VideoSize
    | VideoWanted
    | AudioWanted
    | OwnState
    | PersonJoined
    | PersonChanged
    | PersonLeft
    | ChatHeard
    | ChatAnswered
    | ChatRights
    | DisclaimerAccepted
    | BreakoutRoom
    | MediaRefused
    | Sent
    | Fault
    | Pong
    | Goodbye
)
