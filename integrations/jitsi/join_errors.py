"""Why a room does not let us in, from the error in its presence (XEP-0045, section 7.2, and Jitsi's modules)."""

from __future__ import annotations

from eyeline.config.errors import EyelineError
from eyeline.integrations.errors import LoginError, NotAdmittedError, PasswordError
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.errors import StanzaError

_RESTRICTED = "room creation is restricted"
_TOKEN_MISMATCH = "token mismatched"  # noqa: S105 - a server's words


class NickTakenError(NotAdmittedError):
    """Somebody in the room has the nick already; another one may do."""

    code = "nick_taken"


class RoomNotOpenError(NotAdmittedError):
    """The focus has not opened the room (any more): to be asked again."""

    code = "room_not_open"


def join_error(error: StanzaError, *, has_password: bool) -> EyelineError:
    """What a refused join means."""
    match error.condition:
        case "not-authorized" if has_password:
            return PasswordError("The room's password is another one.", hint="Ask a member for the password.")
        case "not-authorized":
            return PasswordError("The room wants a password.", hint="Ask a member for it and join with it.")
        case "registration-required" if _has_lobby(error):
            return NotAdmittedError(
                "The room has a lobby and lets nobody in unasked.", hint="Ask a moderator to switch the lobby off."
            )
        case "registration-required":
            return NotAdmittedError("The room is for its members only.", hint="Ask a moderator to invite you.")
        case "forbidden":
            return NotAdmittedError("A moderator has banned us from the room.", hint="Ask a moderator.")
        case "service-unavailable" | "resource-constraint":
            return NotAdmittedError("The room is full.", hint="Try again when somebody has left.")
        case "conflict":
            return NickTakenError("Somebody in the room has our nick already.", hint="Join again.")
        case "not-allowed" if _RESTRICTED in error.text.lower():
            return RoomNotOpenError("The server has not opened the room.", hint="Try again in a few seconds.")
        case "not-allowed" if _TOKEN_MISMATCH in error.text.lower():
            return LoginError("The token in the link is for another room.", hint="Ask for a link to this room.")
        case "not-acceptable" if error.detail(ns.qname(ns.JITMEET, "displayname-required")) is not None:
            return NotAdmittedError("The room wants a display name.", hint="Join with a name.")
    reason = f"{error.condition} ({error.text})" if error.text else error.condition
    return NotAdmittedError(f"The room does not let us in: {reason}.", hint="Ask a moderator.")


def _has_lobby(error: StanzaError) -> bool:
    """Jitsi names the lobby's room twice, the second time in no namespace of its own."""
    names = (ns.qname(ns.JITMEET, "lobbyroom"), ns.qname(ns.CLIENT, "lobbyroom"))
    return any(error.detail(name) is not None for name in names)
