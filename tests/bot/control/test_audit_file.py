"""The audit log on disk."""

from __future__ import annotations

import asyncio
import json
import stat
import threading
from pathlib import Path

import pytest
from api_lab import served
from steering_lab import person, still_stage

from eyeline.bot.claim import ClaimCode
from eyeline.bot.control import commands as say
from eyeline.bot.control.audit_file import OLDER_KEPT, AuditFile, AuditFileError
from eyeline.bot.control.caller import Caller, Origin
from eyeline.bot.control.control import Control
from eyeline.bot.control.people import People
from eyeline.bot.owner import Owners

ALICE = person("aaaaaaaa", "Alice")
BY_ALICE, OPERATOR = Caller(Origin.CHAT, "Alice\n\u202e{", ALICE.identity), Caller.operating(Origin.REST)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def test_every_command_is_a_line_without_secrets(tmp_path: Path) -> None:
    path, codes = tmp_path / "logs" / "audit.jsonl", list[str]()
    code = ClaimCode(codes.append)
    code.renew()
    async with still_stage(tmp_path) as stage:
        control = Control(stage, People(Owners(code)), emit=lambda _: None, audit_file=AuditFile(path))
        first = codes[-1]
        await control.apply(say.SetBackground(name="their-own-words"), BY_ALICE)
        await control.apply(say.Claim(code=first), BY_ALICE)
        await control.apply(say.Say(text="what-was-said"), OPERATOR)
        await control.apply(say.SetBackground(name="no-such-name"), OPERATOR)
        await control.close()
    kept = lines(path)
    assert [(each["origin"], each["command"], each["status"], each["reason"]) for each in kept] == [
        ("chat", "background", "refused", "not_allowed"),
        ("chat", "claim", "done", None),
        ("rest", "say", "refused", "not_now"),
        ("rest", "background", "suggestion", "unknown"),
    ]
    assert (kept[0]["by"], kept[0]["identity"]) == ("Alice\n\u202e{", "guest:aaaaaaaa@meet.test")
    assert (kept[2]["identity"], kept[2]["operator"]) == (None, True)
    for secret in (first, codes[-1], "what-was-said", "no-such-name", "their-own-words"):
        assert secret not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_it_is_of_bounded_size(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    async with still_stage(tmp_path) as stage:
        control = Control(stage, People(), emit=lambda _: None, audit_file=AuditFile(path, max_bytes=2000))
        for number in range(200):
            await control.apply(say.Panic(), Caller(Origin.CHAT, f"number {number}", ALICE.identity))
        await control.close()
    older = await asyncio.to_thread(lambda: sorted(tmp_path.glob("audit.jsonl*")))
    assert len(older) == OLDER_KEPT + 1 or (len(older) == OLDER_KEPT and not path.exists())
    assert all(each.stat().st_size < 2300 and stat.S_IMODE(each.stat().st_mode) == 0o600 for each in older)
    newest_first = [each for each in (path, *(path.with_name(f"{path.name}.{n}") for n in (1, 2, 3))) if each.exists()]
    told = [line["by"] for each in reversed(newest_first) for line in lines(each)]
    assert told == [f"number {number}" for number in range(200 - len(told), 200)]


async def test_a_run_goes_on_with_the_file_of_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text('{"command": "before"}\n')
    path.chmod(0o644)
    for _ in range(2):
        async with served(tmp_path, control__audit_file=path) as api:
            await api.host.control.apply(say.Panic(), OPERATOR)
    assert [each["command"] for each in lines(path)] == ["before", "panic", "panic"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ["a folder", "a link", "no folder"])
def test_a_file_that_cannot_be_is_told_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "audit.jsonl"
    match kind:
        case "a folder":
            path.mkdir()
        case "a link":
            path.symlink_to(tmp_path / "elsewhere")
        case "no folder":
            (tmp_path / "file").touch()
            path = tmp_path / "file" / "audit.jsonl"
    with pytest.raises(AuditFileError) as caught:
        AuditFile(path)
    assert "control.audit_file" in caught.value.hint
    assert not (tmp_path / "elsewhere").exists()


async def test_a_disk_that_does_not_write_holds_up_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    going_on = threading.Event()
    path = tmp_path / "audit.jsonl"
    file = AuditFile(path)
    append = file._append

    def slow(data: bytes) -> None:
        going_on.wait(30)
        append(data)

    monkeypatch.setattr(file, "_append", slow)
    async with still_stage(tmp_path) as stage:
        control = Control(stage, People(), emit=lambda _: None, audit_file=file)
        for _ in range(1500):
            await control.apply(say.Panic(), OPERATOR)
        going_on.set()
        await control.close()
    kept = lines(path)
    lost = sum(int(str(each["lost"])) for each in kept if "lost" in each)
    assert lost > 0
    assert len([each for each in kept if "command" in each]) + lost == 1500
