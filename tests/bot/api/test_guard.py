"""Strangers get nothing, and are told so in one form."""

from __future__ import annotations

import aiohttp
import pytest
from api_lab import TOKEN, Served

ADDRESSES = ["/api/v1/effects", "/api/v1/meetings", "/api/v1/events", "/api/v1/openapi.json", "/metrics", "/nowhere"]


async def asked(url: str, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, object]]:
    async with aiohttp.ClientSession() as http, http.request(method, url.rstrip("/") + path, headers=headers) as told:
        assert told.content_type == "application/problem+json"
        assert told.headers["X-Content-Type-Options"] == "nosniff"
        problem = await told.json(content_type=None)
        assert problem["status"] == told.status
        if told.status == 401:
            assert told.headers["WWW-Authenticate"].startswith("Bearer")
        return told.status, problem


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": TOKEN},
        {"Cookie": f"token={TOKEN}"},
    ],
)
async def test_without_the_token(api: Served, path: str, headers: dict[str, str]) -> None:
    status, problem = await asked(api.url, path, **headers)
    assert (status, problem["code"]) == (401, "token")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:8090", "localhost.evil.example"])
@pytest.mark.parametrize("path", [*ADDRESSES, "/healthz"])
async def test_a_name_that_is_not_of_this_machine(api: Served, path: str, host: str) -> None:
    status, problem = await asked(api.url, path, Host=host, Authorization=f"Bearer {TOKEN}")
    assert (status, problem["code"]) == (403, "host")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/v1/effects"), ("POST", "/api/v1/commands"), ("OPTIONS", "/api/v1/commands")]
)
async def test_a_page_of_another_site(api: Served, method: str, path: str, origin: str) -> None:
    status, problem = await asked(api.url, path, method, Origin=origin, Authorization=f"Bearer {TOKEN}")
    assert (status, problem["code"]) == (403, "origin")


async def test_a_page_of_ours(api: Served, http: aiohttp.ClientSession) -> None:
    async with http.get("/api/v1/effects", headers={"Origin": api.url.rstrip("/")}) as told:
        assert told.status == 200
        assert "Access-Control-Allow-Origin" not in told.headers


async def test_what_is_not_there(http: aiohttp.ClientSession) -> None:
    async with http.get("/api/v1/nowhere") as told:
        assert (told.status, told.content_type) == (404, "application/problem+json")
    async with http.put("/api/v1/effects") as told:
        assert (told.status, told.content_type) == (405, "application/problem+json")
        assert "PATCH" in told.headers["Allow"]


async def test_health_needs_no_token(api: Served) -> None:
    async with aiohttp.ClientSession(api.url) as stranger:
        async with stranger.get("/healthz") as told:
            assert (told.status, await told.json()) == (200, {"alive": True})
        async with stranger.get("/readyz") as told:
            assert (told.status, await told.json()) == (200, {"ready": True, "meeting": None, "detail": ""})
