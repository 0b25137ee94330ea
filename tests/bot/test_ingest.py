"""The way in: who may send, what is refused and how it is told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from counted_pictures import CountedTrack
from jitsi_lab.addresses import local_media_address
from sender_lab import Sender
from source_lab import until_async

from eyeline.bot.ingest import Ingest
from eyeline.bot.listening import PagePortError
from eyeline.config.schema import IngestSettings
from eyeline.config.settings import load_settings
from eyeline.processing.frame import CapturedFrame
from eyeline.processing.sources.fitting import Box
from eyeline.processing.sources.webrtc import IngestSession

OWN_TOKEN = "my-own-token-0123456789"
PAGE = ["/", "/ingest.css", "/ingest.js", "/camera.js", "/level.js", "/link.js", "/icon.svg"]
JSON = {"Content-Type": "application/json"}


def settings(tmp_path: Path, **environ: str) -> IngestSettings:
    loaded = load_settings({"ingest.port": 0}, cwd=tmp_path, environ=environ, user_file=tmp_path / "none.toml")
    return loaded.settings.ingest


@dataclass
class Door:
    """A running server, a client that knows its token, and what came through."""

    ingest: Ingest
    session: IngestSession
    http: aiohttp.ClientSession
    frames: list[CapturedFrame]

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.ingest.link.partition('#token=')[2]}"}

    async def post(self, body: object, **headers: str) -> tuple[int, dict[str, str]]:
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        async with self.http.post("/offer", data=text, headers={**JSON, **self.bearer, **headers}) as response:
            return response.status, await response.json()


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    frames: list[CapturedFrame] = []
    async with (
        IngestSession({"video"}) as session,
        Ingest(session, settings(tmp_path)) as ingest,
        aiohttp.ClientSession(ingest.url) as http,
        session.video(Box(640, 360, 30), on_frame=frames.append),
    ):
        yield Door(ingest, session, http, frames)


def needs_network() -> None:
    if local_media_address() is None:
        pytest.skip("needs a network address besides loopback: ICE offers none of 127.0.0.0/8")


async def test_an_offer_with_the_token_is_answered_and_pictures_come(door: Door) -> None:
    needs_network()
    async with Sender(CountedTrack()) as sender:
        status, answer = await door.post({"sdp": await sender.offer()})
        assert (status, answer["type"], answer["sender"]) == (200, "answer", door.session.sender_id)
        await sender.accept(answer["sdp"])
        await until_async(lambda: len(door.frames) > 3)
        async with door.http.get("/status", headers=door.bearer) as response:
            told = await response.json()
        assert told["wanted"] == ["video"]
        assert told["sender"] == answer["sender"]
        await until_async(lambda: door.session.states["video"].phase.value == "running")

        async with door.http.delete(f"/offer/{answer['sender']}", headers=door.bearer) as response:
            assert response.status == 204
        await until_async(lambda: door.session.states["video"].phase.value == "lost")
        async with door.http.delete(f"/offer/{answer['sender']}", headers=door.bearer) as response:
            assert response.status == 404


async def test_a_sender_by_whip(door: Door) -> None:
    """RFC 9725: SDP as it is, 201 with a Location, DELETE to end it, no PATCH."""
    needs_network()
    headers = {**door.bearer, "Content-Type": "application/sdp"}
    async with Sender(CountedTrack()) as sender:
        async with door.http.post("/offer", data=await sender.offer(), headers=headers) as response:
            assert response.status == 201
            assert response.content_type == "application/sdp"
            where = response.headers["Location"]
            await sender.accept(await response.text())
        await until_async(lambda: len(door.frames) > 3)
        async with door.http.patch(where, data="a=candidate", headers=headers) as response:
            assert response.status == 405
        async with door.http.delete(where, headers=door.bearer) as response:
            assert response.status == 204


async def test_a_sender_whose_candidates_are_not_told(door: Door) -> None:
    """Some send the offer before they know their own addresses; our answer has ours."""
    needs_network()
    async with Sender(CountedTrack()) as sender:
        lines = (await sender.offer()).splitlines(keepends=True)
        bare = "".join(line for line in lines if not line.startswith(("a=candidate", "a=end-of-candidates")))
        status, answer = await door.post({"sdp": bare})
        assert status == 200
        await sender.accept(answer["sdp"])
        await until_async(lambda: len(door.frames) > 3)


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic {token}", "{token}", "Bearer {token}x", "Bearer \u00e9"],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/offer"), ("GET", "/status"), ("DELETE", "/offer/x")])
async def test_without_the_token_nothing_is_taken(
    door: Door, authorization: str | None, method: str, path: str
) -> None:
    token = door.bearer["Authorization"].removeprefix("Bearer ")
    headers = {} if authorization is None else {"Authorization": authorization.replace("{token}", token)}
    async with door.http.request(method, path, data='{"sdp": "x"}', headers={**JSON, **headers}) as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert "token" in (await response.json())["error"]


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Origin": "https://evil.example"}, "own page"),
        ({"Origin": "null"}, "own page"),
        ({"Host": "evil.example"}, "own address"),
        ({"Content-Type": "text/plain"}, "application/json"),
    ],
    ids=["cross-site", "sandboxed", "rebinding", "form"],
)
async def test_others_are_refused_even_with_the_token(door: Door, headers: dict[str, str], why: str) -> None:
    status, told = await door.post({"sdp": "x"}, **headers)
    assert status == 403
    assert why in told["error"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("", 400, "body"),
        ("{", 400, "body"),
        ('{"sdp": 7}', 400, "body"),
        ('{"sdp": ""}', 400, "body"),
        (b"\xff\xfe", 400, "body"),
        ('{"sdp": "v=0\\r\\nnonsense"}', 400, "offer"),
        ('{"sdp": "' + "x" * 100_000 + '"}', 400, "body"),
        ('{"sdp": "' + "x" * 200_000 + '"}', 413, "http"),
    ],
)
async def test_what_is_no_offer_is_explained(door: Door, body: str | bytes, status: int, code: str) -> None:
    answered, told = await door.post(body)
    assert (answered, told["code"]) == (status, code)
    assert told["error"]


async def test_the_page_needs_no_token_and_runs_nothing_but_its_own_files(door: Door) -> None:
    for path in PAGE:
        async with door.http.get(path) as response:
            assert response.status == 200, path
            assert response.headers["Content-Security-Policy"].startswith("default-src 'self';")
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            text = await response.text()
        assert "style=" not in text
        assert "<script>" not in text
        assert "https://" not in text


async def test_every_run_has_a_token_of_its_own(tmp_path: Path) -> None:
    links = set()
    for _ in range(2):
        async with IngestSession({"video"}) as session, Ingest(session, settings(tmp_path)) as ingest:
            assert ingest.link.startswith(f"{ingest.url}#token=")
            links.add(ingest.link.partition("#")[2])
    assert len(links) == 2
    assert all(len(link) >= len("token=") + 32 for link in links)


async def test_a_token_of_ones_own_is_taken_and_not_shown(tmp_path: Path) -> None:
    chosen = settings(tmp_path, EYELINE_INGEST__TOKEN=OWN_TOKEN)
    async with IngestSession({"video"}) as session, Ingest(session, chosen) as ingest:
        assert ingest.link == ingest.url
        async with aiohttp.ClientSession(ingest.url) as http:
            for token, status in ((OWN_TOKEN, 200), (OWN_TOKEN[:-1], 401)):
                async with http.get("/status", headers={"Authorization": f"bearer {token}"}) as response:
                    assert response.status == status


async def test_a_port_in_use_is_told(door: Door, tmp_path: Path) -> None:
    port = int(door.ingest.url.rsplit(":", 1)[1].strip("/"))
    taken = settings(tmp_path).model_copy(update={"port": port})
    with pytest.raises(PagePortError, match=str(port)):
        async with Ingest(door.session, taken):
            pass
