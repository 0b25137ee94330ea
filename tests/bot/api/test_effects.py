"""The picture over REST, before any camera is open."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from api_lab import Served

from eyeline.bot.control.audit import AuditEntry
from eyeline.bot.control.caller import Origin


async def ask(http: aiohttp.ClientSession, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
    async with http.request(method, f"/api/v1{path}", json=body) as told:
        return told.status, await told.json(content_type=None)


async def test_effects_are_read_and_changed(api: Served, http: aiohttp.ClientSession) -> None:
    assert (await ask(http, "GET", "/effects"))[1]["background"] == "colour #808080"
    status, report = await ask(http, "PATCH", "/effects", {"background": "color:#204060"})
    assert (status, report["background"], report["room_shown"]) == (200, "colour #204060", False)
    assert str(api.host.stage.effects.background) == "color:#204060"
    assert api.host.stage.studio is None
    status, outcome = await ask(http, "POST", "/commands", {"kind": "undo"})
    assert (status, outcome["status"]) == (200, "done")
    assert str(api.host.stage.effects.background) == "color:#808080"
    entry: AuditEntry = api.host.control.audit.entries[-1]
    assert (entry.caller.origin, entry.caller.operator, entry.command) == (Origin.REST, True, "undo")


async def test_an_empty_patch_changes_nothing(http: aiohttp.ClientSession) -> None:
    status, report = await ask(http, "PATCH", "/effects", {})
    assert (status, report["background"]) == (200, "colour #808080")


@pytest.mark.parametrize(
    ("background", "status"),
    [
        ("no-such-name", 404),
        ("stud", 200),
        ("/etc/passwd", 422),
        ("../../etc/passwd", 422),
        ("~root/x.png", 422),
        ("blur:101", 422),
        ("blur:0", 422),
        ("color:#12", 422),
        ("", 422),
        (7, 422),
    ],
)
async def test_what_a_background_may_be(
    api: Served, http: aiohttp.ClientSession, background: object, status: int
) -> None:
    told, answer = await ask(http, "PATCH", "/effects", {"background": background})
    assert told == status, answer
    if status != 200:
        assert answer["status"] == status
        assert str(api.host.stage.effects.background) == "color:#808080"


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ({"kind": "status"}, 200),
        ({"kind": "panic"}, 200),
        ({"kind": "gaze", "strength": 5}, 501),
        ({"kind": "leave"}, 409),
        ({"kind": "say", "text": "hello"}, 409),
        ({"kind": "background", "name": "nothing-like-it"}, 404),
        ({"kind": "background_number", "number": 999}, 404),
        ({"kind": "nonsense"}, 422),
        ({"kind": "panic", "more": 1}, 422),
        ([], 422),
        (None, 422),
    ],
)
async def test_commands(http: aiohttp.ClientSession, command: object, status: int) -> None:
    body = "null" if command is None else None
    if body is None:
        told, answer = await ask(http, "POST", "/commands", command)
    else:
        async with http.post("/api/v1/commands", data=body, headers={"Content-Type": "application/json"}) as response:
            told, answer = response.status, await response.json(content_type=None)
    assert told == status, answer


async def test_a_suggestion_is_part_of_the_problem(http: aiohttp.ClientSession) -> None:
    status, problem = await ask(http, "POST", "/commands", {"kind": "background", "name": "studoi"})
    assert (status, problem["reason"]) == (404, "unknown")
    assert "studio" in problem["suggestions"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("{", "application/json", 400),
        ("[" * 5000, "application/json", 400),
        ("{}", "text/plain", 415),
        ("kind=panic", "application/x-www-form-urlencoded", 415),
        ('{"kind": "say", "text": "' + "x" * 100_000 + '"}', "application/json", 413),
    ],
)
async def test_bodies_that_are_not_taken(
    api: Served, http: aiohttp.ClientSession, body: str, content_type: str, status: int
) -> None:
    async with http.post("/api/v1/commands", data=body, headers={"Content-Type": content_type}) as told:
        assert (told.status, told.content_type) == (status, "application/problem+json")
    assert not api.host.control.audit.entries


async def test_what_was_sent_is_not_repeated(http: aiohttp.ClientSession) -> None:
    _, problem = await ask(http, "POST", "/commands", {"kind": "claim", "code": "my-secret"})
    assert "my-secret" not in str(problem)


async def test_hiding_before_the_camera_is_open_stays(api: Served, http: aiohttp.ClientSession) -> None:
    await ask(http, "POST", "/commands", {"kind": "panic"})
    assert (await ask(http, "GET", "/effects"))[1]["panic"] is True
    assert api.host.stage.video.hidden
