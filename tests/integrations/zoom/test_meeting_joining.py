"""Getting into a meeting, played by a puppet: what is waited for, tried again, or given up."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from zoom_leftovers import tidy
from zoom_puppet import (
    BEGUN,
    CONNECTING,
    HANG,
    HELLO,
    JOINED,
    SUCCESS,
    say,
    says,
    status,
)
from zoom_stage import QUICK, beside_user, refused, staged

from eyeline.config.errors import EyelineError
from eyeline.integrations.errors import (
    AuthorizedUserAbsentError,
    LobbyDeniedError,
    LobbyTimeoutError,
    ModeratorTimeoutError,
    PasswordNeededError,
    ProtocolError,
    TokenError,
    UnreachableError,
    WrongPasswordError,
)
from eyeline.integrations.events import (
    Waiting,
    WaitingFor,
)
from eyeline.integrations.zoom.bridge import messages
from eyeline.integrations.zoom.patience import Patience
from eyeline.integrations.zoom.url import ZoomLink

__all__ = ["tidy"]

pytestmark = pytest.mark.usefixtures("tidy")

UNDER_WAY = [*BEGUN, *says(SUCCESS, CONNECTING)]


async def test_a_wrong_passcode_that_zoom_tells_of(tmp_path: Path) -> None:
    error, _ = await refused(tmp_path, [*UNDER_WAY, say(status("FAILED", 4))])
    assert isinstance(error, WrongPasswordError)


async def test_a_passcode_that_was_not_given(tmp_path: Path) -> None:
    error, _ = await refused(tmp_path, [*UNDER_WAY, say(status("FAILED", 4))], link=ZoomLink(81234567890))
    assert isinstance(error, PasswordNeededError)


async def test_a_wrong_passcode_that_zoom_is_silent_on(tmp_path: Path) -> None:
    error, stage = await refused(tmp_path, UNDER_WAY, patience=Patience(connecting_limit_s=0.3))
    assert isinstance(error, UnreachableError)
    assert "passcode" in error.message
    assert len(stage.notes.pids) == 1


@pytest.mark.parametrize(
    ("word", "kind"), [("WAITINGFORHOST", ModeratorTimeoutError), ("IN_WAITING_ROOM", LobbyTimeoutError)]
)
async def test_people_who_do_not_come(tmp_path: Path, word: str, kind: type[EyelineError]) -> None:
    error, _ = await refused(tmp_path, [*UNDER_WAY, say(status(word))], patience=Patience(people_limit_s=0.3))
    assert isinstance(error, kind)


async def test_credentials_that_are_never_answered(tmp_path: Path) -> None:
    error, stage = await refused(tmp_path, BEGUN, patience=Patience(auth_limit_s=0.2, soon_pauses_s=(0.01,)))
    assert isinstance(error, UnreachableError)
    assert len(stage.notes.pids) == 2


async def test_turned_away_in_the_waiting_room(tmp_path: Path) -> None:
    error, _ = await refused(tmp_path, [*UNDER_WAY, *says(status("IN_WAITING_ROOM"), status("ENDED", 1))])
    assert isinstance(error, LobbyDeniedError)


async def test_no_network_is_tried_again_in_a_new_process(tmp_path: Path) -> None:
    unknown = [*BEGUN, say(messages.Authenticated("AUTHRET_UNKNOWN")), say(messages.Goodbye())]
    async with staged(tmp_path, unknown, unknown, JOINED) as stage:
        assert len(set(stage.notes.pids)) == 3
    assert len([each for each in stage.of(Waiting) if "Trying again" in each.reason]) == 2


async def test_no_network_at_all(tmp_path: Path) -> None:
    unknown = [*BEGUN, say(messages.Authenticated("AUTHRET_UNKNOWN")), say(messages.Goodbye())]
    error, stage = await refused(tmp_path, unknown)
    assert isinstance(error, UnreachableError)
    assert len(stage.notes.pids) == 1 + len(QUICK.soon_pauses_s)


async def test_a_token_that_the_sdk_refuses_is_not_tried_again(tmp_path: Path) -> None:
    refusal = messages.CallRefused("SDKAuth", "SDKERR_INTERNAL_ERROR")
    error, stage = await refused(tmp_path, [*BEGUN, *says(refusal, messages.Goodbye())])
    assert isinstance(error, TokenError)
    assert len(stage.notes.pids) == 1


async def test_the_user_on_whose_behalf_we_join_is_waited_for(tmp_path: Path) -> None:
    """Each try with a new token, as each is good for one."""
    asked: list[float] = []

    async def tokens(now_s: float) -> object:
        asked.append(now_s)
        return await beside_user(now_s)

    absent, unknown = ([*UNDER_WAY, *says(status("FAILED", code), messages.Goodbye())] for code in (501, 65535))
    async with staged(tmp_path, absent, unknown, JOINED, tokens=tokens) as stage:
        assert len(stage.notes.pids) == len(asked) == 3
    assert [each.what for each in stage.of(Waiting) if "behalf" in each.reason] == [WaitingFor.MODERATOR] * 2


async def test_the_user_on_whose_behalf_we_join_never_comes(tmp_path: Path) -> None:
    absent = [*UNDER_WAY, *says(status("FAILED", 501), messages.Goodbye())]
    patience = Patience(absent_limit_s=0.1, first_pause_s=0.04)
    error, stage = await refused(tmp_path, absent, tokens=beside_user, patience=patience)
    assert isinstance(error, AuthorizedUserAbsentError)
    assert len(stage.notes.pids) == 2


async def test_a_host_who_has_not_started_is_waited_for(tmp_path: Path) -> None:
    absent = [*UNDER_WAY, *says(status("FAILED", 7), messages.Goodbye())]
    async with staged(tmp_path, absent, JOINED) as stage:
        assert len(stage.notes.pids) == 2


async def test_a_bridge_that_finds_no_ring(tmp_path: Path) -> None:
    refusal = messages.CallRefused("Begin", "RingError")
    error, _ = await refused(tmp_path, [*BEGUN, *says(refusal, messages.Goodbye())])
    assert isinstance(error, ProtocolError)


async def test_a_system_without_a_library(tmp_path: Path) -> None:
    steps = [say(HELLO), *says(messages.CallRefused("import", "libGL.so.1"), messages.Goodbye())]
    error, _ = await refused(tmp_path, steps)
    assert "libGL.so.1" in str(error)
    assert error.code == "zoom_unavailable"


async def test_tokens_that_cannot_be_had_start_nothing(tmp_path: Path) -> None:
    async def tokens(now_s: float) -> object:
        raise TokenError("No.")

    error, stage = await refused(tmp_path, JOINED, tokens=tokens)
    assert isinstance(error, TokenError)
    assert stage.notes.pids == []


async def test_giving_up_while_we_wait(tmp_path: Path) -> None:
    async def join() -> None:
        async with staged(tmp_path, [*UNDER_WAY, say(status("IN_WAITING_ROOM"))]):
            pytest.fail("nobody lets us in")

    joining = asyncio.create_task(join())
    await asyncio.sleep(1)
    joining.cancel()
    with pytest.raises(asyncio.CancelledError):
        await joining


async def test_giving_up_before_the_bridge_speaks(tmp_path: Path) -> None:
    async def join() -> None:
        async with staged(tmp_path, [HANG]):
            pytest.fail("it never spoke")

    joining = asyncio.create_task(join())
    await asyncio.sleep(0.5)
    joining.cancel()
    with pytest.raises(asyncio.CancelledError):
        await joining
