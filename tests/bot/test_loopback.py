"""Who may talk to a page of this machine, and what every answer carries."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from eyeline.bot.listening import PagePortError
from eyeline.bot.loopback import LoopbackSite
from eyeline.processing.errors import BackgroundError


async def order(request: web.Request) -> web.Response:
    match await request.text():
        case "refuse":
            raise BackgroundError("No such background.", hint="Take another.")
        case "limit":
            raise web.HTTPServiceUnavailable(text="Too many.", headers={"Retry-After": "3"})
    return web.json_response({"done": True})


def site(host: str = "127.0.0.1", port: int = 0) -> LoopbackSite:
    return LoopbackSite(
        "The test page", files={"/": "index.html"}, routes=[web.post("/order", order)], host=host, port=port
    )


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with site() as running, aiohttp.ClientSession(running.url) as http:
        yield http


async def ask(http: aiohttp.ClientSession, body: str = "", **headers: str) -> aiohttp.ClientResponse:
    async with http.post("/order", data=body, headers={"Content-Type": "application/json", **headers}) as response:
        await response.read()
        return response


@pytest.mark.parametrize("host", ["localhost", "localhost:8088", "127.0.0.1", "127.0.0.2:1", "[::1]", "[::1]:8088"])
async def test_names_of_this_machine(http: aiohttp.ClientSession, host: str) -> None:
    assert (await ask(http, Host=host)).status == 200
    assert (await ask(http, Host=host, Origin=f"http://{host}")).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "10.0.0.1", "[fe80::1]", "127.1"]
)
async def test_other_names(http: aiohttp.ClientSession, host: str) -> None:
    response = await ask(http, Host=host)
    assert response.status == 403
    assert "own address" in (await response.json())["error"]


@pytest.mark.parametrize(
    "origin", ["https://127.0.0.1:{port}", "http://127.0.0.1:1", "http://localhost:{port}", "null"]
)
async def test_other_origins(http: aiohttp.ClientSession, origin: str) -> None:
    port = (await ask(http)).url.port
    assert (await ask(http, Origin=origin.replace("{port}", str(port)))).status == 403


async def test_errors_are_json_with_what_to_do(http: aiohttp.ClientSession) -> None:
    refused = await ask(http, "refuse")
    assert refused.status == 422
    assert await refused.json() == {"error": "No such background.", "hint": "Take another.", "code": "background"}
    limit = await ask(http, "limit")
    assert (limit.status, limit.headers["Retry-After"]) == (503, "3")
    assert (await limit.json())["error"] == "Too many."
    async with http.get("/nowhere") as response:
        assert response.status == 404
        assert (await response.json())["error"]
    async with http.put("/order") as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST")


async def test_every_answer_keeps_the_browser_safe(http: aiohttp.ClientSession) -> None:
    for response in (await ask(http), await ask(http, Host="evil.example"), await ask(http, "refuse")):
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] == "no-store"


async def test_an_address_in_use_is_told() -> None:
    async with site() as running:
        port = int(running.url.rsplit(":", 1)[1].strip("/"))
        with pytest.raises(PagePortError, match=f"The test page cannot listen on 127.0.0.1:{port}") as caught:
            async with site(port=port):
                pass
    assert caught.value.hint


async def test_ipv6() -> None:
    try:
        async with site("::1") as running, aiohttp.ClientSession(running.url) as http:
            assert running.url.startswith("http://[::1]:")
            assert (await ask(http)).status == 200
    except PagePortError:
        pytest.skip("this machine has no IPv6")
