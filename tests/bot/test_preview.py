"""The preview: a viewer decodes the studio's picture, and nobody but its own page gives orders."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import aiohttp
import cv2
import numpy as np
import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription
from jitsi_lab.addresses import local_media_address
from jitsi_lab.waiting import eventually
from picture_lab import load_mask
from yarl import URL

from eyeline.bot.control.caller import Caller, Origin
from eyeline.bot.control.commands import Panic, Undo
from eyeline.bot.control.control import Control
from eyeline.bot.control.people import People as Steerers
from eyeline.bot.events import BackgroundTrouble, BotEvent
from eyeline.bot.listening import PagePortError
from eyeline.bot.preview import MAX_VIEWERS, Preview
from eyeline.bot.studio import Studio, StudioPlan
from eyeline.config.settings import load_settings
from eyeline.processing.effects import EffectState, People, parse_background


@pytest.fixture
def told() -> list[BotEvent]:
    """What the studio said."""
    return []


@pytest.fixture
async def studio(tmp_path: Path, told: list[BotEvent]) -> AsyncIterator[Studio]:
    load_mask().close()
    flags = {"video.source": "pattern", "video.width_px": 320, "video.height_px": 180, "effects.background": "none"}
    settings = load_settings(flags, cwd=tmp_path, environ={}, user_file=tmp_path / "none.toml").settings
    async with Studio(StudioPlan.of(settings), settings, emit=told.append) as studio:
        yield studio


@pytest.fixture
async def control(studio: Studio) -> Control:
    return Control(studio, Steerers(), emit=lambda _: None)


@pytest.fixture
async def preview(studio: Studio, control: Control) -> AsyncIterator[Preview]:
    async with Preview(studio, control, host="127.0.0.1", port=0) as preview:
        yield preview


@pytest.fixture
async def http(preview: Preview) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(preview.url) as session:
        yield session


async def offer() -> tuple[RTCPeerConnection, str]:
    viewer = RTCPeerConnection()
    viewer.addTransceiver("video", direction="recvonly")
    await viewer.setLocalDescription(await viewer.createOffer())
    return viewer, viewer.localDescription.sdp


async def test_a_viewer_sees_the_picture(http: aiohttp.ClientSession) -> None:
    if local_media_address() is None:
        pytest.skip("needs a network address besides loopback: ICE offers none of 127.0.0.0/8")
    viewer, sdp = await offer()
    try:
        async with http.post("/offer", json={"sdp": sdp}) as response:
            assert response.status == 200
            answer = await response.json()
        await viewer.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))
        track = viewer.getReceivers()[0].track
        async with asyncio.timeout(60):
            while True:
                frame = await track.recv()
                bgr = frame.to_ndarray(format="bgr24")
                if bgr[165, 70, 1] > 150 > 100 > bgr[165, 70, 0]:  # the yellow bar of the pattern
                    break
        assert (frame.width, frame.height) == (320, 180)
    finally:
        await viewer.close()


async def test_the_background_is_changed_from_the_page(http: aiohttp.ClientSession, studio: Studio) -> None:
    async with http.post("/background", json={"background": "color:#102030"}) as response:
        assert (await response.json())["background"] == "color:#102030"
    assert str(studio.effects.background) == "color:#102030"


async def test_what_the_page_asks_for_is_a_command_like_any_other(
    http: aiohttp.ClientSession, studio: Studio, control: Control
) -> None:
    """It is noted, it can be taken back, and a panic outlives it."""
    await studio.set_effects(EffectState(parse_background("color:#102030")))
    await control.apply(Panic(), Caller.operating(Origin.REST))
    for background, status in (("gradient:#102030,#405060", 200), ("/no/such/file.png", 422)):
        async with http.post("/background", json={"background": background}) as response:
            assert response.status == status
    noted = [(entry.caller.origin, entry.command, entry.outcome.status.value) for entry in control.audit.entries]
    assert noted[1:] == [
        (Origin.PREVIEW, "written_background", "done"),
        (Origin.PREVIEW, "written_background", "refused"),
    ]
    assert studio.video.hidden
    await control.apply(Undo(), Caller.operating(Origin.REST))
    assert str(studio.effects.background) == "color:#102030"


async def test_another_background_leaves_the_other_effects_alone(http: aiohttp.ClientSession, studio: Studio) -> None:
    await studio.set_effects(EffectState(parse_background("none"), mirror=True, people=People.NEAREST))
    async with http.post("/background", json={"background": "color:#102030"}) as response:
        assert response.status == 200
    assert studio.effects == EffectState(parse_background("color:#102030"), mirror=True, people=People.NEAREST)


async def test_the_status_says_how_masks_are_made_and_what_is_seen(http: aiohttp.ClientSession) -> None:
    async with http.post("/background", json={"background": "blur"}) as response:
        assert response.status == 200
    async with asyncio.timeout(60):
        while True:
            async with http.get("/status") as response:
                status = await response.json()
            if status["sight"]:
                break
            await asyncio.sleep(0.05)
    assert status["tier"] in ("close", "close-half", "finder", "finder-half")
    assert status["tier_why"]
    assert "picture" in status["sight"]


async def test_a_background_that_cannot_be_used_changes_nothing(http: aiohttp.ClientSession, studio: Studio) -> None:
    async with http.post("/background", json={"background": "no-such-name"}) as response:
        assert response.status == 422
        problem = await response.json()
    assert "no-such-name" in problem["error"]
    assert str(studio.effects.background) == "none"


async def test_the_status_says_how_late_the_event_loop_is(http: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(60):
        while True:
            async with http.get("/status") as response:
                lag_ms = (await response.json())["loop_lag_ms"]
            if lag_ms is not None:
                break
            await asyncio.sleep(0.05)
    assert 0 <= lag_ms["p50"] <= lag_ms["p95"] <= lag_ms["p99"]


async def test_small_pictures_of_the_gallery_and_of_nothing_else(
    http: aiohttp.ClientSession, studio: Studio, tmp_path: Path
) -> None:
    async with http.get("/thumbnails/DUSK") as response:
        assert (response.status, response.content_type) == (200, "image/jpeg")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert (await response.read()).startswith(b"\xff\xd8")
    studio.gallery.folder.mkdir(parents=True, exist_ok=True)
    (studio.gallery.folder / "bad.png").write_text("no picture")
    (tmp_path / "secret.png").write_bytes(cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1].tobytes())
    secret = str(tmp_path / "secret")
    for name in (
        "nothing",
        quote(secret, safe=""),
        quote(f"{secret}.png", safe=""),
        "..%2F..%2Fsecret",
        "%00",
        "%2e%2e",
    ):
        async with http.get(URL(f"{http._base_url}thumbnails/{name}", encoded=True)) as response:
            assert response.status == 404, name
    async with http.get("/thumbnails/bad") as response:
        assert response.status == 422
    async with http.get("/thumbnails/dusk", headers={"Host": "evil.example"}) as response:
        assert response.status == 403


async def test_the_status_says_what_is_wrong_with_the_background(
    http: aiohttp.ClientSession, studio: Studio, told: list[BotEvent], tmp_path: Path
) -> None:
    path = tmp_path / "wall.png"
    path.write_bytes(cv2.imencode(".png", np.full((36, 64, 3), 90, np.uint8))[1].tobytes())
    await studio.set_effects(EffectState(parse_background(str(path))))
    path.unlink()
    await eventually(lambda: any(isinstance(event, BackgroundTrouble) for event in told))
    async with http.get("/status") as response:
        assert "wall.png is gone" in (await response.json())["background_trouble"]
    await studio.set_effects(EffectState(parse_background("color:#102030")))
    await eventually(lambda: told[-1] == BackgroundTrouble(""))
    [first, last] = [event for event in told if isinstance(event, BackgroundTrouble)]
    assert "wall.png is gone" in first.reason
    assert last.reason == ""


async def test_the_page_and_its_parts_are_served(http: aiohttp.ClientSession) -> None:
    for path in ("/", "/preview.js", "/preview.css", "/status"):
        async with http.get(path) as response:
            assert response.status == 200
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'self'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        ({"Host": "evil.example"}, "/status"),
        ({"Origin": "https://evil.example"}, "/background"),
        ({"Content-Type": "text/plain"}, "/background"),
        ({"Origin": "null"}, "/offer"),
    ],
    ids=["rebinding", "cross-site", "form", "sandboxed"],
)
async def test_others_are_refused(http: aiohttp.ClientSession, headers: dict[str, str], path: str) -> None:
    headers = {"Content-Type": "application/json", **headers}
    ask = http.get if path == "/status" else http.post
    data = None if path == "/status" else '{"background": "none"}'
    async with ask(path, headers=headers, data=data) as response:
        assert response.status == 403


@pytest.mark.parametrize("body", ["", "{", "[]", '{"sdp": 7}', '{"sdp": ""}', '{"sdp": "' + "x" * 200_000 + '"}'])
async def test_offers_that_are_none_are_refused(http: aiohttp.ClientSession, body: str) -> None:
    async with http.post("/offer", data=body, headers={"Content-Type": "application/json"}) as response:
        assert response.status in (400, 413)


async def test_an_offer_that_is_no_sdp_is_refused(http: aiohttp.ClientSession) -> None:
    async with http.post("/offer", json={"sdp": "v=0\r\nnonsense"}) as response:
        assert response.status == 400


async def test_there_is_a_limit_of_viewers(http: aiohttp.ClientSession) -> None:
    viewers = [await offer() for _ in range(MAX_VIEWERS + 1)]
    statuses = []
    for _, sdp in viewers:
        async with http.post("/offer", json={"sdp": sdp}) as response:
            statuses.append(response.status)
    assert statuses == [200] * MAX_VIEWERS + [503]
    await asyncio.gather(*(viewer.close() for viewer, _ in viewers))


async def test_a_port_in_use_is_told(studio: Studio, preview: Preview) -> None:
    port = int(preview.url.rsplit(":", 1)[1].strip("/"))
    with pytest.raises(PagePortError, match=str(port)):
        async with Preview(studio, Control(studio, Steerers(), emit=lambda _: None), host="127.0.0.1", port=port):
            pass
