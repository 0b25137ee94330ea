"""The picture over REST, before any camera is open."""

from __future__ import annotations

import dataclasses
import zlib
from typing import Any

import aiohttp
import psutil
import pytest
from api_lab import Served

from eyeline.bot.control.audit import AuditEntry
from eyeline.bot.control.caller import Origin
from eyeline.processing.effects import EffectState, parse_background


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


async def test_every_effect_can_be_changed(api: Served, http: aiohttp.ClientSession) -> None:
    wanted = {
        "background": "blur:40",
        "mirror": True,
        "framing": "auto:25,0,50,100",
        "exposure": "lift",
        "people": "nearest",
        "light_wrap": 30,
        "gaze": "natural:60",
    }
    assert set(wanted) == {field.name for field in dataclasses.fields(EffectState)}
    status, report = await ask(http, "PATCH", "/effects", wanted)
    assert status == 200
    assert {**wanted, "background": "the room, blurred (40 of 100)"}.items() <= report.items()
    effects = api.host.stage.effects
    assert (str(effects.background), effects.mirror, str(effects.framing)) == ("blur:40", True, "auto:25,0,50,100")
    assert (effects.exposure.value, effects.people.value) == ("lift", "nearest")
    assert (await ask(http, "POST", "/commands", {"kind": "undo"}))[0] == 200
    assert api.host.stage.effects == EffectState(parse_background("color:#808080")), "one step"


@pytest.mark.parametrize(
    ("patch", "status"),
    [
        ({"mirror": "sideways"}, 422),
        ({"framing": "crop:90,90,90,90"}, 422),
        ({"framing": "crop"}, 422),
        ({"exposure": "bright"}, 422),
        ({"people": 3}, 422),
        ({"light_wrap": 101}, 422),
        ({"kind": "effects"}, 422),
        ({"unknown": 1}, 422),
        ({"mirror": True, "background": "nothing-like-it"}, 404),
    ],
)
async def test_patches_that_are_none_change_nothing(
    api: Served, http: aiohttp.ClientSession, patch: object, status: int
) -> None:
    assert (await ask(http, "PATCH", "/effects", patch))[0] == status
    assert api.host.stage.effects == EffectState(parse_background("color:#808080"))


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
        ({"kind": "gaze", "strength": 5}, 200),
        ({"kind": "gaze", "mode": "stare"}, 422),
        ({"kind": "leave"}, 409),
        ({"kind": "say", "text": "hello"}, 409),
        ({"kind": "background", "name": "nothing-like-it"}, 404),
        ({"kind": "background_number", "number": 999}, 404),
        ({"kind": "mirror"}, 200),
        ({"kind": "framing", "framing": "auto"}, 200),
        ({"kind": "exposure", "exposure": "lift"}, 200),
        ({"kind": "people", "people": "nearest"}, 200),
        ({"kind": "web_background", "url": "https://example.org/x.png"}, 403),
        ({"kind": "written_background", "text": "/etc/passwd"}, 422),
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


@pytest.mark.parametrize("path", ["/api/v1/commands", "/api/v1/backgrounds"])
async def test_packed_bodies_do_not_unpack_to_more_than_is_taken(
    api: Served, http: aiohttp.ClientSession, path: str
) -> None:
    """A small body that would be 150 megabytes; what is unpacked of it is what the limit lets through."""
    is_form = path.endswith("backgrounds")
    kind = "multipart/form-data; boundary=b" if is_form else "application/json"
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.png"\r\n\r\n' if is_form else b""
    packer = zlib.compressobj(9, wbits=31)
    million = bytes(1 << 20)
    bomb = b"".join([packer.compress(head), *(packer.compress(million) for _ in range(150)), packer.flush()])
    before = psutil.Process().memory_info().rss
    async with http.post(path, data=bomb, headers={"Content-Type": kind, "Content-Encoding": "gzip"}) as told:
        assert (told.status, told.content_type) == (413, "application/problem+json")
    assert psutil.Process().memory_info().rss - before < 100 << 20
    assert not api.host.control.audit.entries


async def test_what_was_sent_is_not_repeated(http: aiohttp.ClientSession) -> None:
    _, problem = await ask(http, "POST", "/commands", {"kind": "claim", "code": "my-secret"})
    assert "my-secret" not in str(problem)


async def test_hiding_before_the_camera_is_open_stays(api: Served, http: aiohttp.ClientSession) -> None:
    await ask(http, "POST", "/commands", {"kind": "panic"})
    assert (await ask(http, "GET", "/effects"))[1]["panic"] is True
    assert api.host.stage.video.hidden
