from __future__ import annotations

import stat
from pathlib import Path

import pytest

from eyeline.bot.claim import LONG_DIGITS, ClaimCode, Claimed
from eyeline.bot.control.caller import Role
from eyeline.bot.owner import GUESSES_PER_PERSON, MAX_PEOPLE, OwnerFile, Owners
from eyeline.integrations.events import Identity, IdentityKind

SERVER = "https://meet.test"
ACCOUNT = Identity(IdentityKind.ACCOUNT, "ann@meet.test")


def guest(number: int) -> Identity:
    return Identity(IdentityKind.GUEST, f"{number}@guest.meet.test")


def owners() -> tuple[Owners, list[str]]:
    codes: list[str] = []
    code = ClaimCode(codes.append)
    code.renew()
    return Owners(code), codes


def test_nobody_is_anybody_before_the_claim() -> None:
    who, codes = owners()
    assert who.role(None) is Role.NOBODY
    assert who.role(guest(1)) is Role.NOBODY
    assert not who.claimed
    assert who.claim(guest(1), codes[-1]) is Claimed.RIGHT
    assert who.role(guest(1)) is Role.OWNER
    assert who.claimed


@pytest.mark.parametrize("kind", list(IdentityKind))
def test_the_kind_is_part_of_who_it_is(kind: IdentityKind) -> None:
    who, codes = owners()
    who.claim(Identity(IdentityKind.OCCUPANT, "x@meet.test"), codes[-1])
    expected = Role.OWNER if kind is IdentityKind.OCCUPANT else Role.NOBODY
    assert who.role(Identity(kind, "x@meet.test")) is expected


def test_one_person_guesses_few_times_and_another_may_still_be_right() -> None:
    who, codes = owners()
    wrong = f"{(int(codes[-1]) + 1) % 1_000_000:06d}"
    answers = [who.claim(guest(1), wrong) for _ in range(GUESSES_PER_PERSON)]
    assert answers == [Claimed.WRONG] * GUESSES_PER_PERSON
    assert who.claim(guest(1), codes[-1]) is Claimed.CLOSED
    assert who.claim(guest(2), codes[-1]) is Claimed.RIGHT


def test_in_a_hostile_room_the_owner_can_still_claim() -> None:
    """Also who has been wrong too often, or whose own guesses a hostile room has used up."""
    who, codes = owners()
    for number in range(1000):
        who.claim(guest(number % 100), "000000" if codes[-1] != "000000" else "000001")
    assert len(codes[-1]) == LONG_DIGITS
    assert who.claim(guest(1), codes[-1]) is Claimed.RIGHT
    assert who.role(guest(1)) is Role.OWNER
    assert [identity for identity, role in who._roles.items() if role is Role.OWNER] == [guest(1)]


def test_allowing_does_not_make_less_of_an_owner() -> None:
    who, codes = owners()
    who.claim(guest(1), codes[-1])
    who.allow(guest(1))
    who.allow(guest(2))
    assert (who.role(guest(1)), who.role(guest(2))) == (Role.OWNER, Role.ALLOWED)
    who.deny(guest(1))
    assert who.role(guest(1)) is Role.DENIED


def test_many_are_forgotten_but_not_the_owner() -> None:
    who, codes = owners()
    who.claim(guest(0), codes[-1])
    for number in range(1, 10 * MAX_PEOPLE):
        who.allow(guest(number))
    assert who.role(guest(0)) is Role.OWNER
    assert who.role(guest(1)) is Role.NOBODY
    assert len(who._roles) == MAX_PEOPLE


def test_accounts_are_remembered_for_their_server_only(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "owners.json"
    file = OwnerFile(path)
    assert file.accounts(SERVER) == frozenset()
    file.add(SERVER, ACCOUNT)
    file.add(SERVER, ACCOUNT)
    file.add(SERVER, guest(1))
    file.add(SERVER, Identity(IdentityKind.OCCUPANT, "id"))
    assert OwnerFile(path).accounts(SERVER) == {ACCOUNT}
    assert OwnerFile(path).accounts("https://evil.test") == frozenset()
    assert Owners(ClaimCode(lambda _: None), file.accounts(SERVER)).role(ACCOUNT) is Role.OWNER
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    file.remove(SERVER, ACCOUNT)
    assert file.accounts(SERVER) == frozenset()
