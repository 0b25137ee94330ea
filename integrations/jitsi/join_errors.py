"""Why a room does not let us in, from the error in its presence (XEP-0045, section 7.2, and Jitsi's modules)."""

from __future__ import annotations

from eyeline.config.errors import EyelineError
from eyeline.integrations.errors import (
    BannedError,
    MembersOnlyError,
    NameNeededError,
    NotAdmittedError,
    PasswordNeededError,
    ProtocolError,
    RoomFullError,
    TokenRoomError,
    WrongPasswordError,
)
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.errors import StanzaError
from eyeline.integrations.jitsi.jid import Jid

_RESTRICTED = "room creation is restricted"
_TOKEN_MISMATCH = "token mismatched"  # noqa: S105 - a server's words


class NickTakenError(NotAdmittedError):
    """Somebody in the room has the nick already; another one may do."""

    code = "nick_taken"


class RoomNotOpenError(NotAdmittedError):
    """The focus has not opened the room (any more): to be asked again."""

    code = "room_not_open"


class LobbyError(NotAdmittedError):
    """The room has a lobby, where we have to knock first.

    Args:
        lobby: Its address.
    """

    code = "lobby"

    def __init__(self, lobby: Jid) -> None:
        super().__init__("The room has a lobby and lets nobody in unasked.", hint="Wait in the lobby to be let in.")
        self.lobby = lobby


def join_error(error: StanzaError, *, has_password: bool) -> EyelineError:
    """What a refused join means."""
    match error.condition:
        case "not-authorized" if has_password:
            return WrongPasswordError("The room's password is another one.", hint="Ask a member for the password.")
        case "not-authorized":
            return PasswordNeededError("The room wants a password.", hint="Ask a member for it and join with it.")
        case "registration-required":
            lobby = _lobby(error)
            if lobby is not None:
                return LobbyError(lobby)
            return MembersOnlyError("The room is for its members only.", hint="Ask a moderator to invite you.")
        case "forbidden":
            return BannedError("A moderator has banned us from the room.", hint="Ask a moderator.")
        case "service-unavailable" | "resource-constraint":
            return RoomFullError("The room is full.", hint="Try again when somebody has left.")
        case "conflict":
            return NickTakenError("Somebody in the room has our nick already.", hint="Join again.")
        case "not-allowed" if _RESTRICTED in error.text.lower():
            return RoomNotOpenError("The server has not opened the room.", hint="Try again in a few seconds.")
        case "not-allowed" if _TOKEN_MISMATCH in error.text.lower():
            return TokenRoomError("The token is for another room.", hint="Ask for a link to this room.")
        case "not-acceptable" if error.detail(ns.qname(ns.JITMEET, "displayname-required")) is not None:
            return NameNeededError("The room wants a display name.", hint="Join with a name.")
    reason = f"{error.condition} ({error.text})" if error.text else error.condition
    return NotAdmittedError(f"The room does not let us in: {reason}.", hint="Ask a moderator.")


def _lobby(error: StanzaError) -> Jid | None:
    """The lobby's address; Jitsi names it twice, the second time in no namespace of its own."""
    for namespace in (ns.JITMEET, ns.CLIENT):
        named = error.detail(ns.qname(namespace, "lobbyroom"))
        if named is None:
            continue
        try:
            address = Jid.parse((named.text or "").strip())
        except ProtocolError:
            continue
        if address.local and not address.resource:
            return address
    return None
