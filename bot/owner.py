"""Whom we obey: by identities that only a meeting's server can vouch for, never by nick, name or moderator's role."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, Field

from eyeline.bot.claim import ClaimCode, Claimed
from eyeline.bot.control.caller import Role
from eyeline.bot.user_files import UserFile, data_folder
from eyeline.integrations.events import Identity, IdentityKind

MAX_PEOPLE = 64
GUESSES_PER_PERSON = 3
_MAX_GUESSERS = 256


class _Accounts(BaseModel):
    """Addresses that own the camera, by the server that vouched for them, as `scheme://host[:port]`."""

    servers: dict[str, list[str]] = Field(default_factory=dict)


class OwnerFile:
    """Owners who logged in with an account, for the next meeting; both methods block for a moment.

    Another server could call anybody by any address, so an address counts only where it was claimed.

    Args:
        path: Instead of the file in the user's data folder.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._file = UserFile(path or data_folder() / "owners.json", _Accounts)

    def accounts(self, server: str) -> frozenset[Identity]:
        """Who owns the camera in meetings of this server."""
        return frozenset(Identity(IdentityKind.ACCOUNT, value) for value in self._file.read().servers.get(server, []))

    def add(self, server: str, identity: Identity) -> None:
        """Remember an owner; anybody but an account is somebody else next time."""
        if identity.kind is IdentityKind.ACCOUNT:
            self._change(server, lambda values: [*(v for v in values if v != identity.value), identity.value])

    def remove(self, server: str, identity: Identity) -> None:
        """Forget an owner."""
        self._change(server, lambda values: [value for value in values if value != identity.value])

    def _change(self, server: str, change: Callable[[list[str]], list[str]]) -> None:
        def changed(content: _Accounts) -> _Accounts:
            return _Accounts(servers={**content.servers, server: change(content.servers.get(server, []))[-MAX_PEOPLE:]})

        self._file.change(changed)


class Owners:
    """Who owns the camera, whom they allowed and whom they denied, in the meetings of one run.

    Args:
        code: What is to be claimed with.
        known: Owners from earlier meetings on this server.
    """

    def __init__(self, code: ClaimCode, known: frozenset[Identity] = frozenset()) -> None:
        self._code = code
        self._roles: OrderedDict[Identity, Role] = OrderedDict((identity, Role.OWNER) for identity in known)
        self._wrong: OrderedDict[Identity, int] = OrderedDict()

    @property
    def claimed(self) -> bool:
        """Whether anybody is the owner."""
        return Role.OWNER in self._roles.values()

    def role(self, identity: Identity | None) -> Role:
        """What somebody is to us; nobody, where the server does not say who it is."""
        return Role.NOBODY if identity is None else self._roles.get(identity, Role.NOBODY)

    def claim(self, identity: Identity, code: str) -> Claimed:
        """Make somebody the owner who knows the code.

        Nobody alone can use up the guesses that a short code is good for; long ones are checked for everybody.
        """
        if not self._code.is_long and self._wrong.get(identity, 0) >= GUESSES_PER_PERSON:
            return Claimed.CLOSED
        claimed = self._code.check(code)
        if claimed is Claimed.RIGHT:
            self._wrong.pop(identity, None)
            self._set(identity, Role.OWNER)
        elif claimed in (Claimed.WRONG, Claimed.WRONG_NOW_LONG):
            self._wrong[identity] = self._wrong.pop(identity, 0) + 1
            while len(self._wrong) > _MAX_GUESSERS:
                self._wrong.popitem(last=False)
        return claimed

    def allow(self, identity: Identity) -> None:
        """Let somebody change the picture; an owner stays one."""
        if self.role(identity) is not Role.OWNER:
            self._set(identity, Role.ALLOWED)

    def deny(self, identity: Identity) -> None:
        """Listen to somebody no more, whatever they were."""
        self._set(identity, Role.DENIED)

    def _set(self, identity: Identity, role: Role) -> None:
        """Note it; those who are no owners are forgotten first when there are too many."""
        self._roles[identity] = role
        self._roles.move_to_end(identity)
        while len(self._roles) > MAX_PEOPLE:
            others = (each for each, held in self._roles.items() if held is not Role.OWNER)
            del self._roles[next(others, next(iter(self._roles)))]
