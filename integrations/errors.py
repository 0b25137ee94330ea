"""What a meeting can refuse or fail at, the same words on every platform."""

from __future__ import annotations

from eyeline.config.errors import NetworkError, RefusedError, UsageError


class MeetingUrlError(UsageError):
    """The text is not the URL of a room."""

    code = "meeting_url"


class UnreachableError(NetworkError):
    """No such host, connection refused, time-out."""

    code = "unreachable"


class CertificateError(NetworkError):
    """The server's certificate is not trusted."""

    code = "certificate"


class NotAMeetingServerError(NetworkError):
    """The host answers, but not as the platform does."""

    code = "not_a_meeting_server"


class ProtocolError(NetworkError):
    """The server sent what the protocol does not allow: malformed, too large or out of order."""

    code = "protocol"


class ConnectionLostError(NetworkError):
    """The connection broke while in the meeting; joining again may work."""

    code = "connection_lost"


class MediaPathError(NetworkError):
    """Signalling works but no media path could be opened (ICE, DTLS)."""

    code = "media_path"


class MovedError(NetworkError):
    """A moderator sent us into another room of the same meeting; joining again leads there."""

    code = "moved"


class PasswordError(RefusedError):
    """The room wants a password, or another one."""

    code = "password"


class PasswordNeededError(PasswordError):
    """The room wants a password and got none."""

    code = "password_needed"


class WrongPasswordError(PasswordError):
    """The room's password is another one."""

    code = "password_wrong"


class LoginError(RefusedError):
    """The server wants a login or a token, or refused the one it got."""

    code = "login"


class AccountNeededError(LoginError):
    """The server lets nobody in without an account."""

    code = "account_needed"


class WrongLoginError(LoginError):
    """The server refused user name or password."""

    code = "login_wrong"


class TokenError(LoginError):
    """The server refused the token, or it cannot be one."""

    code = "token_refused"


class TokenExpiredError(TokenError):
    """The token is not good any more, or not yet."""

    code = "token_expired"


class TokenRoomError(TokenError):
    """The token is for another room."""

    code = "token_room"


class ModeratorTimeoutError(LoginError):
    """No moderator opened the room in time."""

    code = "moderator_timeout"


class ProgramRefusedError(LoginError):
    """The platform does not let programs with these credentials into this meeting."""

    code = "program_refused"


class ClientOutdatedError(RefusedError):
    """The platform wants a newer client than ours."""

    code = "client_outdated"


class ChatRefusedError(RefusedError):
    """The meeting does not let us say that in its chat."""

    code = "chat_refused"


class MuteRefusedError(RefusedError):
    """The meeting does not let us unmute ourselves."""

    code = "mute_refused"


class NotAdmittedError(RefusedError):
    """The room did not let us in, for a reason that has no word of its own."""

    code = "not_admitted"


class LobbyDeniedError(NotAdmittedError):
    """A moderator turned us away in the lobby."""

    code = "lobby_denied"


class LobbyTimeoutError(NotAdmittedError):
    """Nobody let us in from the lobby in time."""

    code = "lobby_timeout"


class MembersOnlyError(NotAdmittedError):
    """The room is for invited members."""

    code = "members_only"


class RoomFullError(NotAdmittedError):
    """The room has no seat left."""

    code = "room_full"


class LockedError(NotAdmittedError):
    """The room is closed to whoever is not in it yet."""

    code = "locked"


class NoSuchMeetingError(NotAdmittedError):
    """There is no such meeting (any more)."""

    code = "no_such_meeting"


class AuthorizedUserAbsentError(NotAdmittedError):
    """The person on whose behalf we join did not come into the meeting in time."""

    code = "authorized_user_absent"


class VisitorsOnlyError(NotAdmittedError):
    """There are seats for viewers only."""

    code = "visitors_only"


class NameNeededError(NotAdmittedError):
    """The room wants a display name."""

    code = "name_needed"


class RemovedError(RefusedError):
    """We were in and are no longer, because somebody decided so."""

    code = "removed"


class KickedError(RemovedError):
    """A moderator removed us."""

    code = "kicked"


class MeetingEndedError(RemovedError):
    """A moderator ended the meeting for all."""

    code = "meeting_ended"


class BannedError(RemovedError, NotAdmittedError):
    """A moderator banned us, before or while we were in."""

    code = "banned"


class AuthorizedUserLeftError(RemovedError):
    """The person on whose behalf we were in left, and we with them."""

    code = "authorized_user_left"
