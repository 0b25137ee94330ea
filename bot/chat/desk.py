"""Where the chat of a meeting meets the control: who is heard, what is done, what is answered.

Nothing is kept of a line that is not a command, and little of one that is: a crowd, a flood or another bot cannot make
it grow. Answers are private, and never look like a command.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from eyeline.bot.chat.limits import Admission, ChatLimits
from eyeline.bot.chat.parser import Parser, Request
from eyeline.bot.chat.replies import help_for, reply_text
from eyeline.bot.control.caller import Caller, Origin, Role
from eyeline.bot.control.commands import Claim, Command, Help, Panic
from eyeline.bot.control.control import Control
from eyeline.bot.control.outcome import Outcome, OutcomeStatus, Reason
from eyeline.config.errors import EyelineError
from eyeline.integrations.events import ChatReceived, Identity
from eyeline.integrations.meeting import Meeting

log = logging.getLogger(__name__)

MAX_AT_ONCE = 8
MAX_TOLD = 256
_SLOWER = Outcome.refused(Reason.NOT_NOW, "That was too fast: wait a little between commands.")


@dataclass(frozen=True, slots=True)
class _Line:
    """A command and who made it."""

    event: ChatReceived
    request: Request
    caller: Caller
    role: Role

    @property
    def by_stranger(self) -> bool:
        return self.role is Role.NOBODY

    @property
    def addressed(self) -> bool:
        """Said to us and to nobody else."""
        return self.event.private or self.request.to is not None


class ChatDesk:
    """Listens to the chat of one meeting after the other.

    Args:
        control: What steers.
        name: Ours, as `!bg@NAME` addresses us.
        prefix: What commands begin with, beside `/`.
        cooldown_s: As in `ChatLimits`.
    """

    def __init__(self, control: Control, *, name: str, prefix: str = "!", cooldown_s: float = 1.0) -> None:
        self._control = control
        self._names = {_folded(name)}
        self._parser = Parser(prefix)
        self._limits = ChatLimits(cooldown_s)
        self._told: OrderedDict[Identity | str, None] = OrderedDict()
        self._answering: set[asyncio.Task[None]] = set()
        self._meeting: Meeting | None = None

    @property
    def kept(self) -> int:
        """How many people and answers it remembers; bounded."""
        return len(self._limits) + len(self._told) + len(self._answering)

    @asynccontextmanager
    async def attend(self, meeting: Meeting) -> AsyncIterator[None]:
        """Listen to this meeting's chat in the block; answers that are still being made at its end are given up."""
        self._meeting = meeting
        try:
            yield
        finally:
            self._meeting = None
            for task in list(self._answering):
                task.cancel()
            await asyncio.gather(*self._answering, return_exceptions=True)

    def masked(self, event: ChatReceived) -> ChatReceived:
        """The event as others may be told of it: without a code."""
        return replace(event, text=self._parser.masked(event.text))

    def hear(self, event: ChatReceived) -> None:
        """Take a line of chat; never waits. What is not for us is forgotten at once."""
        line = self._command(event)
        if line is None:
            return
        if self._is_urgent(line):
            self._begin(self._answer(line))
            return
        admission = self._limits.admit(event.identity or event.sender_id, stranger=line.by_stranger)
        if len(self._answering) >= MAX_AT_ONCE:
            return
        if admission is Admission.NOTICE:
            self._begin(self._reply(event, _SLOWER))
        elif admission is Admission.YES and self._is_for_us(line):
            self._begin(self._answer(line))

    def _command(self, event: ChatReceived) -> _Line | None:
        if event.history or event.bot or self._meeting is None:
            return None
        request = self._parser.parse(event.text)
        if request is None or (request.to is not None and _folded(request.to) not in self._names):
            return None
        caller = Caller(Origin.CHAT, event.sender_name, event.identity)
        role = self._control.role(caller)
        is_mistake = isinstance(request.wish, Outcome)
        if role is Role.DENIED or (role is Role.NOBODY and is_mistake):
            return None
        return _Line(event, request, caller, role)

    def _is_urgent(self, line: _Line) -> bool:
        """A panic that has not been obeyed yet waits for nothing."""
        return isinstance(line.request.wish, Panic) and not line.by_stranger and not self._control.report.panic

    def _is_for_us(self, line: _Line) -> bool:
        """Where several of us are, each obeys its own people; a stranger to us may be the owner of another."""
        if not line.by_stranger or isinstance(line.request.wish, Claim):
            return True
        return (line.addressed or not self._has_other_bots()) and self._limits.admit_stranger()

    def _has_other_bots(self) -> bool:
        return self._meeting is not None and any(each.bot for each in self._meeting.participants.values())

    async def _answer(self, line: _Line) -> None:
        outcome = await self._outcome(line.request.wish, line)
        if self._is_worth_saying(line, outcome):
            await self._reply(line.event, outcome)

    async def _outcome(self, wish: Command | Outcome, line: _Line) -> Outcome:
        if isinstance(wish, Outcome):
            return wish
        if isinstance(wish, Help):
            return help_for(wish.topic, self._parser.prefix)
        return await self._control.apply(wish, line.caller, lambda ended: self._tell_end(line.event, ended))

    def _tell_end(self, event: ChatReceived, outcome: Outcome) -> None:
        """Answer a second time: what took longer has ended."""
        if self._meeting is not None:
            self._begin(self._reply(event, outcome))

    def _is_worth_saying(self, line: _Line, outcome: Outcome) -> bool:
        """Strangers are refused once; a code for another bot is no mistake."""
        if not line.by_stranger or outcome.status is OutcomeStatus.DONE:
            return True
        if isinstance(line.request.wish, Claim):
            return (line.addressed or not self._has_other_bots()) and self._limits.admit_stranger()
        key = line.event.identity or line.event.sender_id
        if key in self._told:
            return False
        self._told[key] = None
        while len(self._told) > MAX_TOLD:
            self._told.popitem(last=False)
        return True

    async def _reply(self, event: ChatReceived, outcome: Outcome) -> None:
        """Answer whoever asked, if they are still there: a nick may have changed hands."""
        meeting = self._meeting
        there = meeting.participants.get(event.sender_id) if meeting is not None else None
        if meeting is None or there is None or there.identity != event.identity:
            return
        try:
            await meeting.send_chat(reply_text(outcome, self._parser.prefix), to=event.sender_id)
        except EyelineError as error:
            log.info("could not answer in the chat: %s", error)

    def _begin(self, answering: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(answering, name="chat answer")
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)


def _folded(name: str) -> str:
    """A name as it may be written in an address: without what is hard to type there."""
    return "".join(character for character in name.casefold() if character.isalnum())
