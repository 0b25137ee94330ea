"""What Zoom adds to the words of `eyeline.integrations.errors`."""

from __future__ import annotations

from eyeline.config.errors import NetworkError, RefusedError, UsageError
from eyeline.integrations.errors import LoginError, MeetingUrlError


class NotZoomError(MeetingUrlError):
    """The text names a server that is not Zoom's, though it may look like it."""

    code = "zoom_wrong_domain"


class StartLinkError(MeetingUrlError):
    """The link starts a meeting as its host, and holds the host's key."""

    code = "zoom_start_link"


class NotAMeetingError(MeetingUrlError):
    """The link is Zoom's, but leads to something that cannot be joined."""

    code = "zoom_not_a_meeting"


class AmbiguousMeetingError(MeetingUrlError):
    """The text names several meetings."""

    code = "zoom_ambiguous"


class ZoomUnavailableError(UsageError):
    """Zoom's SDK is not installed, or cannot be used on this machine."""

    code = "zoom_unavailable"


class ZoomCredentialsError(UsageError):
    """What Zoom wants to know of us is missing, or cannot be what it should be."""

    code = "zoom_credentials"


class MissingScopeError(LoginError):
    """The person's access token does not allow what was asked for."""

    code = "zoom_scope"


class ZoomApiError(RefusedError):
    """Zoom's REST interface said no, for a reason that has no word of its own."""

    code = "zoom_api"


class ZoomBusyError(NetworkError):
    """Zoom's REST interface has no time for us now.

    Args:
        message: What happened.
        hint: What to do next.
        retry_after_s: When Zoom wants to be asked again; `None` where it does not say.
    """

    code = "zoom_busy"

    def __init__(self, message: str, *, hint: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s
