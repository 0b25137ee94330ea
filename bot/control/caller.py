"""Who asks, and what they may ask for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from eyeline.bot.control.commands import (
    BackgroundCommand,
    Camera,
    Claim,
    Command,
    Gaze,
    Help,
    ListBackgrounds,
    Microphone,
    Panic,
    PictureCommand,
    ShowRoom,
    Status,
    Undo,
    Video,
    WriteBackground,
)
from eyeline.integrations.events import Identity


class Origin(Enum):
    """Where a command comes from."""

    CHAT = "chat"
    REST = "rest"
    CLI = "cli"
    PREVIEW = "preview"


class Role(Enum):
    """What somebody is to us."""

    OWNER = "owner"
    ALLOWED = "allowed"
    NOBODY = "nobody"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks.

    Args:
        origin: Where it comes from.
        name: For the log and for answers; never proof of who it is.
        identity: As the meeting's server vouches for it.
        operator: Runs this program, as shown by its token or its terminal: an owner without a claim.
    """

    origin: Origin
    name: str
    identity: Identity | None = None
    operator: bool = False

    @classmethod
    def operating(cls, origin: Origin, name: str = "operator") -> Caller:
        """Who runs this program."""
        return cls(origin, name, operator=True)


_ANYBODY = (Status, Help, Claim)
_ALLOWED = (*_ANYBODY, BackgroundCommand, ListBackgrounds, PictureCommand, Gaze, Camera, Panic, Undo)
_AT_THIS_MACHINE = (Origin.CLI, Origin.PREVIEW)


def may(role: Role, command: Command, origin: Origin) -> bool:
    """Whether a role may ask for this.

    Others whom the owner has allowed may change the picture and hide the person. What shows the room, or puts the
    person back on air, is the owner's alone; so is having this machine fetch something. Files and screens of this
    machine are chosen at this machine.
    """
    if isinstance(command, WriteBackground) and origin not in _AT_THIS_MACHINE:
        return False
    match role:
        case Role.OWNER:
            return True
        case Role.ALLOWED:
            hides = isinstance(command, Video | Microphone) and not command.on
            return hides or (isinstance(command, _ALLOWED) and not isinstance(command, ShowRoom))
        case Role.NOBODY:
            return isinstance(command, _ANYBODY)
        case Role.DENIED:
            return False
