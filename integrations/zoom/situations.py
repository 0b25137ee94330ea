"""What Zoom's answers mean: each of the SDK's words as one error, one sentence and what to do next.

The words are the SDK's own (`MeetingFailCode`, `MeetingEndReason`, `AuthResult`, `SDKError`). When Zoom's servers
really send which one is known from names, documents and other programs' experience: we never saw it in a meeting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from eyeline.config.errors import EyelineError, MediaError, NetworkError
from eyeline.integrations.errors import (
    AccountNeededError,
    AuthorizedUserAbsentError,
    AuthorizedUserLeftError,
    BannedError,
    CertificateError,
    ClientOutdatedError,
    ConnectionLostError,
    KickedError,
    LobbyDeniedError,
    LobbyTimeoutError,
    LockedError,
    LoginError,
    MediaPathError,
    MeetingEndedError,
    MembersOnlyError,
    ModeratorTimeoutError,
    NoSuchMeetingError,
    NotAdmittedError,
    PasswordNeededError,
    ProgramRefusedError,
    ProtocolError,
    RoomFullError,
    TokenError,
    TokenExpiredError,
    TokenRoomError,
    UnreachableError,
    WrongPasswordError,
)

_DOCUMENTS = "docs/zoom.md"


class Again(Enum):
    """Whether to try again by ourselves, always in a new process.

    `SOON` is for what passes by itself, a few times and quickly. `LATER` is for what a person has to do first: with
    growing pauses, since each try may be told to the host by mail.
    """

    NEVER = "never"
    SOON = "soon"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Situation:
    """What a word of the SDK's means for a person.

    Args:
        kind: The error; of `NetworkError`'s branch where it may pass by itself.
        sentence: What happened.
        hint: What to do next.
        again: Whether we try again.
    """

    kind: type[EyelineError]
    sentence: str
    hint: str
    again: Again = Again.NEVER

    def error(self) -> EyelineError:
        """To be raised."""
        return self.kind(self.sentence, hint=self.hint)


_ASK_HOST = "Ask the host."
_NEW_LINK = "Ask for the newest invitation."
_LATER = "Try again later."
CREDENTIALS_HINT = "Check zoom.client_id and zoom.client_secret against your app on Zoom's Marketplace."
_UPDATE = "python -m pip install --upgrade zoom-meeting-sdk"
_TOKENS = f"Give a ZAK or an on-behalf token ({_DOCUMENTS} says how to get them)."
_NEW_TOKEN = f"Get a new one: each on-behalf token is good for one join ({_DOCUMENTS})."
_SIGN_IN = f"Join as a user of Zoom, with a ZAK or an on-behalf token ({_DOCUMENTS})."

AUTHENTICATION: Mapping[str, Situation | None] = {
    "AUTHRET_SUCCESS": None,
    "AUTHRET_KEYORSECRETEMPTY": Situation(LoginError, "Zoom got no client id or no secret from us.", CREDENTIALS_HINT),
    "AUTHRET_KEYORSECRETWRONG": Situation(
        LoginError, "Zoom does not know the client id, or its secret.", CREDENTIALS_HINT
    ),
    "AUTHRET_ACCOUNTNOTSUPPORT": Situation(
        ProgramRefusedError, "The account of these credentials may not use Zoom's SDK.", CREDENTIALS_HINT
    ),
    "AUTHRET_ACCOUNTNOTENABLESDK": Situation(
        ProgramRefusedError,
        "The SDK is not enabled for the app of these credentials.",
        "Enable the Meeting SDK under Embed, in the app's settings on Zoom's Marketplace.",
    ),
    "AUTHRET_UNKNOWN": Situation(  # what comes, 12 s later, where there is no network
        UnreachableError,
        "Zoom's servers gave no answer to our credentials.",
        "Check the network: Zoom has to be reachable without a proxy.",
        Again.SOON,
    ),
    "AUTHRET_SERVICE_BUSY": Situation(NetworkError, "Zoom's servers are busy.", _LATER, Again.SOON),
    "AUTHRET_NONE": Situation(NetworkError, "Zoom's SDK has no answer to our credentials.", _LATER, Again.SOON),
    "AUTHRET_OVERTIME": Situation(
        UnreachableError, "Zoom's servers did not answer our credentials in time.", "Check the network.", Again.SOON
    ),
    "AUTHRET_NETWORKISSUE": Situation(
        UnreachableError, "Zoom's servers cannot be reached.", "Check the network.", Again.SOON
    ),
    "AUTHRET_CLIENT_INCOMPATIBLE": Situation(
        ClientOutdatedError, "Zoom does not take this version of its SDK any more.", _UPDATE
    ),
    "AUTHRET_JWTTOKENWRONG": Situation(TokenError, "Zoom refuses the token made of our credentials.", CREDENTIALS_HINT),
    "AUTHRET_LIMIT_EXCEEDED_EXCEPTION": Situation(
        ProgramRefusedError,
        "The app has used up what Zoom allows it.",
        "Wait, or look at the app's limits.",
    ),
}
"""By `AuthResult`; `None` where all is well."""

FAILURES: Mapping[int, Situation] = {
    0: Situation(ConnectionLostError, "Zoom's SDK says that joining failed, and that nothing did.", _LATER, Again.SOON),
    1: Situation(UnreachableError, "The connection to the meeting failed.", "Check the network.", Again.SOON),
    2: Situation(ConnectionLostError, "The connection was lost and did not come back.", "Check the network."),
    3: Situation(MediaPathError, "Zoom's media server refused the connection.", "Check the network.", Again.SOON),
    4: Situation(WrongPasswordError, "The meeting's passcode is another one.", "Ask the host for the passcode."),
    5: Situation(ConnectionLostError, "Zoom's session for this meeting failed.", _LATER, Again.SOON),
    6: Situation(MeetingEndedError, "The meeting is over.", _NEW_LINK),
    7: Situation(ModeratorTimeoutError, "The meeting has not been started.", _ASK_HOST, Again.LATER),
    8: Situation(NoSuchMeetingError, "There is no such meeting.", _NEW_LINK),
    9: Situation(RoomFullError, "The meeting is full.", "Try again when somebody has left."),
    10: Situation(ClientOutdatedError, "The meeting wants a newer version of Zoom's SDK.", _UPDATE),
    11: Situation(MediaPathError, "Zoom has no media server for us.", _LATER, Again.SOON),
    12: Situation(LockedError, "The host has locked the meeting.", _ASK_HOST),
    13: Situation(MembersOnlyError, "The meeting is restricted to certain people.", _ASK_HOST),
    14: Situation(ModeratorTimeoutError, "Nobody may join this meeting before its host.", _ASK_HOST, Again.LATER),
    15: Situation(UnreachableError, "Zoom's web service cannot be reached.", "Check the network.", Again.SOON),
    16: Situation(TokenExpiredError, "The token that we join with has expired.", "Get a new one."),
    17: Situation(MediaPathError, "Zoom's SDK could not begin the video of the meeting.", _LATER, Again.SOON),
    18: Situation(MediaPathError, "Zoom's SDK could not begin the sound of the meeting.", _LATER, Again.SOON),
    19: Situation(RoomFullError, "The webinar has no seat left.", _ASK_HOST),
    20: Situation(NotAdmittedError, "Who hosts the webinar cannot register for it.", "Take the host's own link."),
    21: Situation(NotAdmittedError, "A panelist cannot register for the webinar.", "Take the panelist's own link."),
    22: Situation(NotAdmittedError, "The webinar's host has denied this address.", _ASK_HOST),
    23: Situation(AccountNeededError, "The meeting is for people who signed in.", _SIGN_IN),
    24: Situation(CertificateError, "The certificate of Zoom's server has changed.", "Somebody may stand in between."),
    27: Situation(NoSuchMeetingError, "There is no personal link of that name.", _NEW_LINK),
    28: Situation(NotAdmittedError, "Somebody is in the webinar with the same address.", "Leave it there first."),
    29: Situation(NotAdmittedError, "Zoom does not allow this account to host meetings.", _ASK_HOST),
    50: Situation(MediaError, "Zoom's SDK could not write its settings.", "Is the disk full? eyeline doctor zoom"),
    60: Situation(MembersOnlyError, "The meeting is for its own organisation.", _ASK_HOST),
    61: Situation(BannedError, "The host removed us from this meeting before.", _ASK_HOST),
    62: Situation(MembersOnlyError, "The host lets nobody in from outside the organisation.", _ASK_HOST),
    63: Situation(
        ProgramRefusedError,
        "The meeting is of another account, and the app of these credentials is not approved for that.",
        f"Have Zoom review the app, or join meetings of the app's own account ({_DOCUMENTS}).",
    ),
    64: Situation(ProgramRefusedError, "The account's administrator has blocked this.", "Ask the administrator."),
    82: Situation(AccountNeededError, "The meeting is private, for people who signed in.", _SIGN_IN),
    88: Situation(NotAdmittedError, "The personal link has to be confirmed.", "Take the link with the number."),
    89: Situation(NotAdmittedError, "The personal link wants more to be typed in.", "Take the link with the number."),
    500: Situation(TokenError, "Zoom refuses the app's privilege token.", _NEW_TOKEN),
    501: Situation(
        AuthorizedUserAbsentError,
        "The person on whose behalf we join is not in the meeting.",
        "Join it with your own Zoom, signed in, then start Eyeline.",
        Again.LATER,
    ),
    502: Situation(TokenError, "The on-behalf token and the login are of different people.", "Give one of them only."),
    503: Situation(TokenError, "The token is neither the host's, nor a ZAK, nor an on-behalf token.", _TOKENS),
    504: Situation(AccountNeededError, "Zoom lets no program into this meeting that joins for nobody.", _TOKENS),
    505: Situation(TokenError, "Zoom refuses the on-behalf token.", _NEW_TOKEN),
    506: Situation(TokenRoomError, "The on-behalf token is for another meeting.", _NEW_TOKEN),
    1143: Situation(TokenRoomError, "The link is for another person's address.", "Take your own link."),
    65535: Situation(NotAdmittedError, "Zoom does not let us into the meeting, and does not say why.", _ASK_HOST),
}
"""By `MeetingFailCode`."""

ENDINGS: Mapping[int, Situation] = {
    0: Situation(MeetingEndedError, "The meeting is over for us, and Zoom does not say why.", "Join again."),
    1: Situation(KickedError, "The host removed us from the meeting.", "Nobody comes back from that: ask the host."),
    2: Situation(MeetingEndedError, "The host ended the meeting.", ""),
    3: Situation(ModeratorTimeoutError, "The host did not come in time.", _ASK_HOST, Again.LATER),
    4: Situation(MeetingEndedError, "The meeting ended, as nobody was there.", ""),
    5: Situation(MeetingEndedError, "The meeting ended: its host started another one.", _NEW_LINK),
    6: Situation(MeetingEndedError, "The meeting ended: its time as a free meeting is over.", "Join the next one."),
    7: Situation(MeetingEndedError, "The meeting ended for a reason that Zoom does not name.", "Join again."),
    8: Situation(
        AuthorizedUserLeftError,
        "The person on whose behalf we were in has left, and Zoom lets us stay no longer.",
        "Join again when that person is back.",
    ),
}
"""By `MeetingEndReason`."""

ABSENT = FAILURES[501]
NO_PASSCODE = Situation(PasswordNeededError, "The meeting wants a passcode.", "Ask the host for it, and join with it.")
DENIED = Situation(LobbyDeniedError, "The host did not let us in from the waiting room.", _ASK_HOST)

NO_AUTHENTICATION = Situation(
    UnreachableError, "Zoom's SDK never answered to our credentials.", "Check the network.", Again.SOON
)
STUCK_CONNECTING = Situation(
    UnreachableError,
    "The meeting neither let us in nor refused us: the passcode is wrong, or the meeting cannot be reached.",
    "Check the passcode first: Zoom's SDK says nothing where it is wrong.",
)
NO_HOST = Situation(
    ModeratorTimeoutError, "The host did not start the meeting in time.", "Ask the host, or wait longer (--wait)."
)
NOT_LET_IN = Situation(
    LobbyTimeoutError, "Nobody let us in from the waiting room in time.", "Ask the host, or wait longer (--wait)."
)
NOT_RECONNECTED = Situation(ConnectionLostError, "Zoom's SDK did not reconnect in time.", "Check the network.")
NOT_MOVED = Situation(ConnectionLostError, "The way to or from the breakout room took too long.", "Joining again.")

_SDK_BROKEN = "Is the SDK whole? eyeline doctor zoom"
_BAD_TOKEN = "Zoom's SDK takes no such token: it is malformed, or expires within half an hour."  # noqa: S105

CALLS: Mapping[tuple[str, str], Situation] = {
    ("SDKAuth", "SDKERR_INVALID_PARAMETER"): Situation(
        TokenError, "Zoom's SDK got an empty token from us.", CREDENTIALS_HINT
    ),
    ("SDKAuth", "SDKERR_INTERNAL_ERROR"): Situation(TokenError, _BAD_TOKEN, CREDENTIALS_HINT),
    ("Join", "SDKERR_INVALID_PARAMETER"): Situation(
        NoSuchMeetingError, "Zoom's SDK takes no such meeting number, name or token.", _NEW_LINK
    ),
    ("Join", "SDKERR_UNAUTHENTICATION"): Situation(
        LoginError, "Zoom has not accepted our credentials.", CREDENTIALS_HINT
    ),
    ("Join", "SDKERR_WRONG_USAGE"): Situation(
        ConnectionLostError, "Zoom's SDK is in a meeting already.", _LATER, Again.SOON
    ),
    ("Begin", "version"): Situation(
        ProtocolError, "The bridge to Zoom is of another version than Eyeline.", "Install Eyeline anew."
    ),
    ("Begin", "RingError"): Situation(
        ProtocolError, "The bridge to Zoom finds no pictures where it was told to look.", "Install Eyeline anew."
    ),
    ("InitSDK", "SDKERR_DOMAIN_DONT_SUPPORT"): Situation(
        NoSuchMeetingError, "Zoom's SDK does not know the cloud that the link is of.", _NEW_LINK
    ),
    ("InitSDK", "SDKERR_OTHER_SDK_INSTANCE_RUNNING"): Situation(
        ConnectionLostError, "Zoom's SDK says that it runs already.", _LATER, Again.SOON
    ),
}
"""By call and `SDKError`, where an answer of a call that begins something has a meaning of its own."""

PASSING = frozenset({"SDKERR_SERVICE_FAILED", "SDKERR_TOO_FREQUENT_CALL", "SDKERR_MEMORY_FAILED"})
"""`SDKError`s that may pass by themselves, whatever was called."""

LOADING = frozenset({"SDKERR_MODULE_LOAD_FAILED", "SDKERR_NO_IMPL", "SDKERR_UNINITIALIZE"})
"""`SDKError`s that tell of an installation that is not whole."""
