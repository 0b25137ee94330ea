"""Claim, allow and deny: who may steer, changed by those who may."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from eyeline.bot.claim import ClaimCode, Claimed
from eyeline.bot.control.caller import Caller, Role
from eyeline.bot.control.names import match_name
from eyeline.bot.control.outcome import Outcome, Reason
from eyeline.bot.owner import OwnerFile, Owners
from eyeline.integrations.events import Identity, Participant

_UNNAMED = "This room does not say who is who, so nobody can be recognised here."
_CLAIM_REFUSED = {
    Claimed.WRONG: "That is not the code.",
    Claimed.WRONG_NOW_LONG: "That is not the code. Too many were wrong, so there is a longer one at the terminal.",
    Claimed.EXPIRED: "That code is too old; there is a new one at the terminal.",
    Claimed.CLOSED: "Too many wrong codes: come back into the room, and send the one at the terminal.",
}


class People:
    """Who may steer.

    Args:
        owners: By identity; without them only operators may steer.
        server: Of the meeting; owners with an account are remembered for it.
        file: Where they are remembered; `None` remembers nobody.
    """

    def __init__(self, owners: Owners | None = None, server: str = "", file: OwnerFile | None = None) -> None:
        self._owners = owners or Owners(ClaimCode(lambda _: None))
        self._server = server
        self._file = file

    def role(self, caller: Caller) -> Role:
        """What a caller is to us."""
        return Role.OWNER if caller.operator else self._owners.role(caller.identity)

    async def claim(self, caller: Caller, code: str) -> Outcome:
        """Make a caller the owner who knows the code."""
        if caller.operator:
            return Outcome.done("Whoever runs Eyeline needs no code.")
        if caller.identity is None:
            return Outcome.refused(Reason.NOT_NOW, _UNNAMED)
        claimed = self._owners.claim(caller.identity, code)
        if claimed is not Claimed.RIGHT:
            return Outcome.refused(Reason.WRONG_CODE, _CLAIM_REFUSED[claimed])
        if self._file is not None:
            await asyncio.to_thread(self._file.add, self._server, caller.identity)
        return Outcome.done("You are in charge of this camera now.")

    def allow(self, who: str, participants: Mapping[str, Participant]) -> Outcome:
        """Let a participant change the picture."""
        found = _participant(who, participants)
        if isinstance(found, Outcome):
            return found
        identity, called = found
        self._owners.allow(identity)
        return Outcome.done(f"{called} may change the picture now.")

    async def deny(self, who: str, participants: Mapping[str, Participant], caller: Caller) -> Outcome:
        """Listen to a participant no more."""
        found = _participant(who, participants)
        if isinstance(found, Outcome):
            return found
        identity, called = found
        if identity == caller.identity:
            return Outcome.refused(Reason.NOT_UNDERSTOOD, "That is you.")
        was_owner = self._owners.role(identity) is Role.OWNER
        self._owners.deny(identity)
        if was_owner and self._file is not None:
            await asyncio.to_thread(self._file.remove, self._server, identity)
        return Outcome.done(f"{called} is not listened to any more.")


def _participant(who: str, participants: Mapping[str, Participant]) -> tuple[Identity, str] | Outcome:
    """One participant by id or by the whole display name; a name that two have stands for neither."""
    wanted = who.removeprefix("@")
    if wanted in participants:
        found = [participants[wanted]]
    else:
        found = [each for each in participants.values() if each.name.casefold() == wanted.casefold()]
    if not found:
        names = sorted({each.name for each in participants.values()})
        match = match_name(wanted, names)
        meant = match.meant if match.found is None else (match.found,)
        return Outcome.suggest(f"Nobody here is called {wanted[:40]!r}.", *meant)
    if len(found) > 1:
        ids = [each.id for each in found[:5]]
        return Outcome.suggest(f"{len(found)} people are called {wanted[:40]!r}: say which id.", *ids)
    [participant] = found
    if participant.identity is None:
        return Outcome.refused(Reason.NOT_NOW, _UNNAMED)
    return participant.identity, f"{participant.name} ({participant.id})"
