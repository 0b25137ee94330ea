"""Sent into a meeting and steered over REST: what another member of the room then sees."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from api_lab import TOKEN, Served, served
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.fixtures import jitsi_lab
from jitsi_lab.watcher import Watcher
from picture_lab import load_mask
from steered_stay import Person, corner_error

from eyeline.bot.state import SessionState

__all__ = ["jitsi_lab"]

BLUE_BGR = (0x60, 0x40, 0x20)
GREY_BGR = (0x80, 0x80, 0x80)


async def ask(http: aiohttp.ClientSession, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
    async with http.request(method, f"/api/v1{path}", json=body) as told:
        return told.status, await told.json(content_type=None)


async def stands(http: aiohttp.ClientSession, path: str, state: str) -> None:
    async with asyncio.timeout(60):
        while (await ask(http, "GET", path))[1]["state"] != state:  # noqa: ASYNC110 (so would another program)
            await asyncio.sleep(0.05)


async def shown(api: Served, bgr: tuple[int, int, int]) -> None:
    """Wait until the studio's outgoing picture has this colour in its corners."""
    async with asyncio.timeout(60):
        number = 0
        while True:
            picture = await api.host.stage.video.next_after(number)
            number = picture.number
            if picture.image is not None and corner_error(picture.image.to_bgr(), bgr) < 12:
                return


async def test_a_meeting_over_rest(jitsi_lab: JitsiLab, tmp_path: Path) -> None:
    load_mask().close()
    async with (
        Watcher(jitsi_lab, "Daily") as watcher,
        served(tmp_path) as api,
        aiohttp.ClientSession(api.url, headers={"Authorization": f"Bearer {TOKEN}"}) as http,
    ):
        person = Person(watcher)
        assert api.host.stage.studio is None
        async with http.post("/api/v1/meetings", json={"url": jitsi_lab.url("Daily")}) as told:
            assert told.status == 201
            path = told.headers["Location"].removeprefix("/api/v1")
            joined = await told.json()
            assert joined["state"] == "connecting"
            assert path == f"/meetings/{joined['id']}"
        status, problem = await ask(http, "POST", "/meetings", {"url": jitsi_lab.url("Other")})
        assert (status, problem["code"]) == (409, "busy")

        await stands(http, path, "live")
        await person.sees(GREY_BGR)
        status, _ = await ask(http, "PATCH", "/effects", {"background": "color:#204060"})
        assert status == 200
        await shown(api, BLUE_BGR)
        await person.sees(BLUE_BGR)

        async with http.get("/metrics") as told:
            figures = await told.text()
        assert 'eyeline_meeting_state{state="live"} 1.0' in figures
        for name in ("frames_processed_total", "frames_dropped_total", "worker_restarts_total", "stage_seconds"):
            assert f"eyeline_{name}" in figures

        status, left = await ask(http, "DELETE", path)
        assert (status, left["state"]) == (200, "left")
        assert api.host.stage.studio is None
        assert api.host.current is None
        status, listed = await ask(http, "GET", "/meetings")
        assert [stay["state"] for stay in listed["meetings"]] == ["left"]

        # What was asked for is there in the next meeting, and hiding between meetings holds from its first picture on.
        await ask(http, "POST", "/commands", {"kind": "panic"})
        status, joined = await ask(http, "POST", "/meetings", {"url": jitsi_lab.url("Daily")})
        assert status == 201
        await stands(http, f"/meetings/{joined['id']}", "live")
        assert api.host.stage.video.hidden
        await ask(http, "POST", "/commands", {"kind": "video", "on": True})
        await person.sees(BLUE_BGR)
        await ask(http, "POST", "/commands", {"kind": "leave"})
        await stands(http, f"/meetings/{joined['id']}", "left")


async def test_a_room_that_cannot_be_joined(tmp_path: Path) -> None:
    load_mask().close()
    async with (
        served(tmp_path) as api,
        aiohttp.ClientSession(api.url, headers={"Authorization": f"Bearer {TOKEN}"}) as http,
    ):
        status, joined = await ask(http, "POST", "/meetings", {"url": "http://127.0.0.1:9/Room?jwt=my.secret.token"})
        assert status == 201
        assert "my.secret" not in str(joined)
        await stands(http, f"/meetings/{joined['id']}", "failed")
        _, stay = await ask(http, "GET", f"/meetings/{joined['id']}")
        assert stay["error"]["code"]
        assert stay["error"]["message"]
        assert api.host.stage.studio is None
        assert api.host.stays[-1].state is SessionState.FAILED


@pytest.mark.parametrize(
    "url", ["", "ftp://x/Room", "https://meet.example.org", "http://10.0.0.1/Room", "file:///etc/passwd"]
)
async def test_a_url_that_is_no_room(tmp_path: Path, url: str) -> None:
    async with (
        served(tmp_path) as api,
        aiohttp.ClientSession(api.url, headers={"Authorization": f"Bearer {TOKEN}"}) as http,
    ):
        assert (await ask(http, "POST", "/meetings", {"url": url}))[0] == 422
        assert api.host.stays == ()
        assert (await ask(http, "GET", "/meetings/none"))[0] == 404
        assert (await ask(http, "DELETE", "/meetings/none"))[0] == 404
