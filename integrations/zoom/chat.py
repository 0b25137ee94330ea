"""What we say in the meeting's chat: one line a second, each with its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from eyeline.config.errors import EyelineError, UsageError
from eyeline.integrations.errors import ChatRefusedError, ConnectionLostError
from eyeline.integrations.events import Advice
from eyeline.integrations.zoom.bridge.messages import ChatAnswered, ChatRights, Command, SendChat

MAX_LINE_CHARS: Final = 1000
_MAX_WAITING: Final = 20
_INTERVAL_S: Final = 1.0
_ANSWER_LIMIT_S: Final = 10.0
_PAUSES_S: Final = (1.0, 2.0, 4.0)
_SAID: Final = "SDKERR_SUCCESS"
_TOO_FREQUENT: Final = "SDKERR_TOO_FREQUENT_CALL"
_FORBIDDEN: Final = "SDKERR_NO_PERMISSION"
_ASK: Final = "Ask the host to allow it."


class OutgoingChat:
    """Lines on their way, in their order.

    Args:
        send: Tells the bridge.
        interval_s: Between two lines.
    """

    def __init__(self, send: Callable[[Command], Awaitable[None]], *, interval_s: float = _INTERVAL_S) -> None:
        self._send = send
        self._interval_s = interval_s
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._free_at_s = 0.0
        self._rights: ChatRights | None = None
        self._asked = 0
        self._answers: dict[int, asyncio.Future[str]] = {}

    def notice_rights(self, rights: ChatRights) -> Advice | None:
        """What we may say from now on; the result is for the person, where it is news."""
        before, self._rights = self._rights, rights
        if rights == before:
            return None
        if rights.to_all and rights.privately:
            return None if before is None else Advice("chat_on", "The host lets everybody write in the chat.")
        if not rights.to_all and not rights.privately:
            return Advice("chat_off", "The host has switched the chat off: commands there get no answer.")
        whom = "privately" if rights.privately else "to all, and not privately: commands get no answer"
        return Advice("chat_limited", f"The host lets us write {whom}.")

    def notice_answer(self, answered: ChatAnswered) -> None:
        """What became of a line."""
        waiting = self._answers.get(answered.request)
        if waiting is not None and not waiting.done():
            waiting.set_result(answered.error)

    def fail(self, error: EyelineError) -> None:
        """There will be no answers any more."""
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(error)

    async def say(self, text: str, to: int) -> None:
        """Say a line when it is its turn.

        Args:
            text: Of one line or several.
            to: Zoom's user id, or 0 for all.

        Raises:
            UsageError: It is empty or too long.
            ChatRefusedError: The host does not allow it, or there is too much to be said.
            ConnectionLostError: We are not in the meeting any more, or the SDK does not answer.
        """
        text = checked(text)
        self._check_rights(to)
        if self._waiting >= _MAX_WAITING:
            raise ChatRefusedError("Too many lines wait to be said: Zoom takes one a second.", hint="Wait a little.")
        self._waiting += 1
        try:
            async with self._turn:
                await self._say_now(text, to)
        finally:
            self._waiting -= 1

    async def _say_now(self, text: str, to: int) -> None:
        loop = asyncio.get_running_loop()
        for pause_s in (*_PAUSES_S, 0.0):
            await asyncio.sleep(self._free_at_s - loop.time())
            error = await self._ask(text, to)
            self._free_at_s = loop.time() + self._interval_s
            if error == _SAID:
                return
            if error != _TOO_FREQUENT:
                raise _refusal(error)
            self._free_at_s += pause_s
        raise ChatRefusedError("Zoom takes no more lines from us for now.", hint="Wait a little.")

    async def _ask(self, text: str, to: int) -> str:
        self._asked += 1
        request = self._asked
        answer = self._answers[request] = asyncio.get_running_loop().create_future()
        try:
            await self._send(SendChat(request, text, to))
            async with asyncio.timeout(_ANSWER_LIMIT_S):
                error: str = await answer
                return error
        except TimeoutError:
            raise ConnectionLostError("Zoom's SDK did not say what became of a line of chat.") from None
        finally:
            del self._answers[request]

    def _check_rights(self, to: int) -> None:
        rights = self._rights
        if rights is not None and not (rights.privately if to else rights.to_all):
            raise _refusal(_FORBIDDEN)


def checked(text: str) -> str:
    """A line as it may be said.

    Raises:
        UsageError: It is empty or too long.
    """
    cleaned = "".join(each for each in text if each.isprintable() or each == "\n").strip()
    if not cleaned:
        raise UsageError("There is nothing to say.")
    if len(cleaned) > MAX_LINE_CHARS:
        raise UsageError(f"A line of chat has at most {MAX_LINE_CHARS} characters, not {len(cleaned)}.")
    return cleaned


def _refusal(error: str) -> ChatRefusedError:
    if error == _FORBIDDEN:
        return ChatRefusedError("The host does not let us write that in the chat.", hint=_ASK)
    return ChatRefusedError(f"Zoom's SDK does not take the line ({error}).", hint="Try another one.")
