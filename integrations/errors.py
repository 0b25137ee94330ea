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


class PasswordError(RefusedError):
    """The room wants a password, or another one."""

    code = "password"


class LoginError(RefusedError):
    """The server wants a login or a token, or refused the one it got."""

    code = "login"


class NotAdmittedError(RefusedError):
    """The room did not let us in: lobby refused, banned, full, closed."""

    code = "not_admitted"


class RemovedError(RefusedError):
    """A moderator removed us, or ended the meeting."""

    code = "removed"
