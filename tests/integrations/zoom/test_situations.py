"""Every word of the SDK's, as the contract has them, means something on purpose."""

from __future__ import annotations

import pytest
from zoom_lab.contract import kept

from eyeline.config.errors import EyelineError, MediaError, NetworkError, RefusedError, UsageError
from eyeline.integrations.errors import (
    AccountNeededError,
    AuthorizedUserAbsentError,
    AuthorizedUserLeftError,
    BannedError,
    ConnectionLostError,
    KickedError,
    LobbyDeniedError,
    LockedError,
    MeetingEndedError,
    NotAdmittedError,
    PasswordNeededError,
    ProgramRefusedError,
    RoomFullError,
    TokenError,
    UnreachableError,
    WrongPasswordError,
)
from eyeline.integrations.zoom import situations, stage
from eyeline.integrations.zoom.meaning import authentication, ending, failure, refused_call
from eyeline.integrations.zoom.patience import Patience
from eyeline.integrations.zoom.situations import Again, Situation

ENUMS = {name: enum["members"] for name, enum in kept()["enums"].items() if enum}
ALL = (
    *(each for each in situations.AUTHENTICATION.values() if each),
    *situations.FAILURES.values(),
    *situations.ENDINGS.values(),
    *situations.CALLS.values(),
    *(each for each in vars(situations).values() if isinstance(each, Situation)),
    *(stage.overdue(each) for each in stage.Stage),
)


def test_every_answer_to_our_credentials_is_in_the_table() -> None:
    assert set(situations.AUTHENTICATION) == set(ENUMS["AuthResult"])
    assert [name for name in ENUMS["AuthResult"] if authentication(name) is None] == ["AUTHRET_SUCCESS"]


def test_every_failure_to_join_is_in_the_table() -> None:
    assert set(situations.FAILURES) == set(ENUMS["MeetingFailCode"].values())


def test_every_end_is_in_the_table() -> None:
    assert set(situations.ENDINGS) == set(ENUMS["MeetingEndReason"].values())


def test_every_status_is_understood() -> None:
    understood = [stage.STATUS, stage.NEWS, stage.SILENT, {stage.FAILED, stage.ENDED}]
    known = [name for words in understood for name in words]
    assert sorted(known) == sorted(ENUMS["MeetingStatus"])


def test_every_error_of_the_table_is_one_of_the_sdk() -> None:
    named = {error for call, error in situations.CALLS if call not in ("Begin", "import")}
    assert (named | situations.PASSING | situations.LOADING) <= set(ENUMS["SDKError"])


@pytest.mark.parametrize("call", ["InitSDK", "SDKAuth", "Join"])
def test_every_error_of_every_call_has_a_sentence(call: str) -> None:
    for error in ENUMS["SDKError"]:
        situation = refused_call(call, error)
        assert (call, error) in situations.CALLS or error in situation.sentence


def test_the_table_is_of_one_mind() -> None:
    """What we try again soon may pass by itself; what waits for a person, and what is final, is a refusal."""
    for each in ALL:
        error = each.error()
        assert error.message.endswith(".")
        assert len(error.message) < 120
        assert error.code != EyelineError.code
        if each.again is Again.SOON:
            assert issubclass(each.kind, NetworkError), each
        if each.again is Again.LATER:
            assert issubclass(each.kind, RefusedError), each
        assert issubclass(each.kind, NetworkError | RefusedError | MediaError | UsageError)


def test_sentences_tell_things_apart() -> None:
    for table in (situations.FAILURES, situations.ENDINGS):
        assert len({each.sentence for each in table.values()}) == len(table)


@pytest.mark.parametrize(
    ("name", "kind", "again"),
    [
        ("AUTHRET_JWTTOKENWRONG", TokenError, Again.NEVER),
        ("AUTHRET_ACCOUNTNOTENABLESDK", ProgramRefusedError, Again.NEVER),
        ("AUTHRET_UNKNOWN", UnreachableError, Again.SOON),
        ("AUTHRET_NETWORKISSUE", UnreachableError, Again.SOON),
        ("AUTHRET_SERVICE_BUSY", NetworkError, Again.SOON),
    ],
)
def test_credentials(name: str, kind: type[EyelineError], again: Again) -> None:
    situation = authentication(name)
    assert situation is not None
    assert (situation.kind, situation.again) == (kind, again)


@pytest.mark.parametrize(
    ("name", "kind", "again"),
    [
        ("MEETING_FAIL_PASSWORD_ERR", WrongPasswordError, Again.NEVER),
        ("MEETING_FAIL_MEETING_USER_FULL", RoomFullError, Again.NEVER),
        ("MEETING_FAIL_CONFLOCKED", LockedError, Again.NEVER),
        ("MEETING_FAIL_MEETING_OVER", MeetingEndedError, Again.NEVER),
        ("CONF_FAIL_REMOVED_BY_HOST", BannedError, Again.NEVER),
        ("MEETING_FAIL_UNABLE_TO_JOIN_EXTERNAL_MEETING", ProgramRefusedError, Again.NEVER),
        ("MEETING_FAIL_APP_CAN_NOT_ANONYMOUS_JOIN_MEETING", AccountNeededError, Again.NEVER),
        ("MEETING_FAIL_AUTHORIZED_USER_NOT_INMEETING", AuthorizedUserAbsentError, Again.LATER),
        ("MEETING_FAIL_CONNECTION_ERR", UnreachableError, Again.SOON),
        ("MEETING_FAIL_RECONNECT_ERR", ConnectionLostError, Again.NEVER),
        ("MEETING_FAIL_UNKNOWN", NotAdmittedError, Again.NEVER),
    ],
)
def test_joining(name: str, kind: type[EyelineError], again: Again) -> None:
    situation = failure(ENUMS["MeetingFailCode"][name], on_behalf=False, has_passcode=True)
    assert (situation.kind, situation.again) == (kind, again)


def test_what_else_is_known_makes_a_difference() -> None:
    codes = ENUMS["MeetingFailCode"]
    absent = failure(codes["MEETING_FAIL_UNKNOWN"], on_behalf=True, has_passcode=True)
    assert absent is failure(codes["MEETING_FAIL_AUTHORIZED_USER_NOT_INMEETING"], on_behalf=True, has_passcode=True)
    wanted = failure(codes["MEETING_FAIL_PASSWORD_ERR"], on_behalf=False, has_passcode=False)
    assert wanted.kind is PasswordNeededError


def test_the_end() -> None:
    reasons = ENUMS["MeetingEndReason"]
    kicked = reasons["EndMeetingReason_KickByHost"]
    assert ending(kicked, in_waiting_room=False).kind is KickedError
    assert ending(kicked, in_waiting_room=True).kind is LobbyDeniedError
    left = ending(reasons["EndMeetingReason_DueToAuthorizedUserLeave"], in_waiting_room=False)
    assert left.kind is AuthorizedUserLeftError


def test_what_is_new_to_us_is_told_with_its_number() -> None:
    assert "4711" in failure(4711, on_behalf=False, has_passcode=True).sentence
    assert "4711" in ending(4711, in_waiting_room=False).sentence
    assert "AUTHRET_BRAND_NEW" in (authentication("AUTHRET_BRAND_NEW") or pytest.fail("no situation")).sentence
    assert "SDKERR_BRAND_NEW" in refused_call("Join", "SDKERR_BRAND_NEW").sentence


def test_a_library_that_is_missing() -> None:
    situation = refused_call("import", "libGL.so.1")
    assert "libGL.so.1" in situation.sentence
    assert "eyeline[zoom]" in refused_call("import", "ModuleNotFoundError").hint


def test_every_stage_but_one_has_an_end() -> None:
    unlimited = [each for each in stage.Stage if stage.limit_s(each, Patience()) is None]
    assert unlimited == [stage.Stage.INSIDE]
