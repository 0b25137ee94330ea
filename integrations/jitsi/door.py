"""From outside of a room to its inside, whatever stands in between: password, lobby, a full or unopened room."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from eyeline.integrations.errors import PasswordError, RoomFullError
from eyeline.integrations.events import MeetingEvent, Waiting, WaitingFor
from eyeline.integrations.jitsi.join_errors import LobbyError, RoomNotOpenError
from eyeline.integrations.jitsi.lobby import Lobby
from eyeline.integrations.jitsi.muc import Room
from eyeline.integrations.jitsi.patience import Patience

AskPassword = Callable[[str], Awaitable[str | None]]


class Door:
    """Gets us through, once.

    Args:
        room: To be joined.
        lobby: Where to wait when the room sends us there.
        reopen: Asks the focus again to open the room.
        emit: Takes events.
        patience: How long to try.
        password: The room's, as far as it is known.
        ask_password: Asks a person, told why; `None` from it gives up. Without it nobody is asked.
    """

    def __init__(
        self,
        room: Room,
        lobby: Lobby,
        *,
        reopen: Callable[[], Awaitable[object]],
        emit: Callable[[MeetingEvent], None],
        patience: Patience,
        password: str | None,
        ask_password: AskPassword | None,
    ) -> None:
        self._room = room
        self._lobby = lobby
        self._reopen = reopen
        self._emit = emit
        self._patience = patience
        self._ask_password = ask_password
        self._closed_tries = 0
        self._passwords_asked = 0
        self._full_since_s: float | None = None
        self.password = password

    async def enter(self) -> None:
        """Join the room, after as many detours as it takes.

        Raises:
            PasswordError: The room wants a password and nobody knows it.
            NotAdmittedError: The room does not let us in.
            NetworkError: The server does not answer (any more).
        """
        while True:
            try:
                await self._room.join(self.password)
            except RoomNotOpenError as error:
                await self._wait_until_open(error)
            except LobbyError as error:
                await self._wait_in_lobby(error)
            except PasswordError as error:
                await self._ask_for_password(error)
            except RoomFullError as error:
                await self._wait_for_seat(error)
            else:
                return

    async def _wait_until_open(self, error: RoomNotOpenError) -> None:
        """The focus may have said that the room is open before it was."""
        self._closed_tries += 1
        if self._closed_tries >= self._patience.open_tries:
            raise error
        await asyncio.sleep(self._patience.open_pause_s * 1.5 ** (self._closed_tries - 1))
        await self._reopen()

    async def _wait_in_lobby(self, error: LobbyError) -> None:
        self._emit(Waiting("waiting in the lobby for a moderator to let us in", WaitingFor.LOBBY))
        admission = await self._lobby.wait(error.lobby, self._room.nick, timeout_s=self._patience.people_limit_s)
        self.password = admission.password or self.password

    async def _ask_for_password(self, error: PasswordError) -> None:
        if self._ask_password is None or self._passwords_asked >= self._patience.password_tries:
            raise error
        self._passwords_asked += 1
        self._emit(Waiting("waiting for the room's password", WaitingFor.PASSWORD))
        password = await self._ask_password(error.message)
        if not password:
            raise error
        self.password = password

    async def _wait_for_seat(self, error: RoomFullError) -> None:
        now_s = asyncio.get_running_loop().time()
        if self._full_since_s is None:
            self._full_since_s = now_s
            self._emit(Waiting("waiting for a seat: the room is full", WaitingFor.SEAT))
        if now_s + self._patience.seat_retry_s - self._full_since_s > self._patience.people_limit_s:
            raise error
        await asyncio.sleep(self._patience.seat_retry_s)
        await self._reopen()
