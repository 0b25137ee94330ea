"""Pictures from the web: what is fetched, and that nobody can send us where only we can go."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from aiohttp import web
from web_lab import INSIDE, INSIDE_ADDRESS, LIMITS, PUBLIC, PUBLIC_ADDRESS, Web, png, running_web

from eyeline.bot.web_picture.errors import WebPictureError
from eyeline.bot.web_picture.fetch import MAX_REDIRECTS, PictureFetcher, system_lookup
from eyeline.config.errors import EyelineError
from eyeline.processing.errors import BackgroundError

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="https://inside.example/"/></svg>'


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Web]:
    async with running_web(tmp_path) as world:
        yield world
        assert world.reached == [], "the server inside was reached"


async def refused(world: Web, url: str | None = None, *, fetcher: PictureFetcher | None = None) -> EyelineError:
    with pytest.raises((WebPictureError, BackgroundError)) as caught:
        await (fetcher or world.fetcher()).fetch(world.url() if url is None else url)
    return caught.value


async def test_a_picture_is_fetched_as_its_pixels(world: Web) -> None:
    jpeg = await world.fetcher().fetch(world.url())
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(pixels.astype(int) - (0x60, 0x40, 0x20)).max() < 12
    [request] = world.asked
    assert "Cookie" not in request.headers
    assert "Referer" not in request.headers
    assert request.headers["Host"] == f"{PUBLIC}:{world.port}"


async def test_redirects_are_followed(world: Web) -> None:
    world.redirect("/a", "/b")
    world.redirect("/b", world.url("/x.png"), 308)
    assert await world.fetcher().fetch(world.url("/a"))
    assert world.looked_up == [PUBLIC] * 3, "a name is looked up anew for each request"


async def test_redirects_end(world: Web) -> None:
    world.redirect("/a", "/a")
    assert "leads on" in (await refused(world, world.url("/a"))).message
    assert len(world.asked) == MAX_REDIRECTS + 1


INTO_THE_INSIDE = {
    "a name of the inside": "https://inside.example:{port}/",
    "an address": "https://127.0.0.2:{port}/",
    "without https": "http://pictures.example:{port}/x.png",
    "a file": "file:///etc/passwd",
    "data": "data:image/png;base64,AAAA",
    "another port": "https://pictures.example:1/x.png",
    "a user name": "https://pictures.example@inside.example:{port}/",
    "an empty user name": "https://@pictures.example:{port}/x.png",
    "a name as a password": "https://x:pictures.example@127.0.0.2:{port}/",
    "a backslash": "https://pictures.example\\@127.0.0.2:{port}/",
    "this machine by name": "https://localhost:{port}/",
    "a name of this machine": "https://x.localhost:{port}/",
    "without a dot": "https://intranet:{port}/",
    "a short address": "https://127.2:{port}/",
    "a decimal address": "https://2130706434:{port}/",
    "a hexadecimal address": "https://0x7f000002:{port}/",
    "hexadecimal parts": "https://0x7f.0.0.0x2:{port}/",
    "an octal address": "https://0177.0.0.2:{port}/",
    "a dot behind": "https://127.0.0.2.:{port}/",
    "circled digits": "https://①②⑦.⓪.⓪.②:{port}/",
    "full width": "https://\uff11\uff12\uff17.0.0.2:{port}/",
    "IPv6": "https://[::1]:{port}/",
    "mapped IPv4": "https://[::ffff:127.0.0.2]:{port}/",
    "a zone": "https://[fe80::1%25lo]:{port}/",
    "a null byte": "https://pictures.example%00.inside.example:{port}/",
    "a tab": "https://pictures.\texample:{port}/x.png",
    "a line end": "https://pictures.example:{port}/x.png\r\nHost: inside.example",
    "nothing": "",
    "no URL": "https://",
    "too long": "https://pictures.example:{port}/" + "x" * 3000,
}


@pytest.mark.parametrize("url", INTO_THE_INSIDE.values(), ids=INTO_THE_INSIDE)
async def test_where_a_url_must_not_lead(world: Web, url: str) -> None:
    await refused(world, url.replace("{port}", str(world.port)))
    assert world.asked == []


@pytest.mark.parametrize(
    "url", [url for name, url in INTO_THE_INSIDE.items() if name not in ("a line end", "nothing")], ids=str
)
async def test_where_a_redirect_must_not_lead(world: Web, url: str) -> None:
    world.redirect("/x.png", url.replace("{port}", str(world.port)))
    await refused(world)
    assert len(world.asked) == 1


PRIVATE = [
    INSIDE_ADDRESS,
    "127.0.0.2",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "::ffff:127.0.0.2",
    "64:ff9b::7f00:2",
    "2002:7f00:2::",
]


@pytest.mark.parametrize("address", PRIVATE)
@pytest.mark.parametrize("beside", [[], [PUBLIC_ADDRESS]], ids=["alone", "behind a public one"])
async def test_where_a_name_must_not_lead(world: Web, address: str, beside: list[str]) -> None:
    world.names[PUBLIC] = [*beside, address]
    assert "private network" in (await refused(world)).message
    world.names[PUBLIC] = [PUBLIC_ADDRESS]
    world.names[INSIDE] = [*beside, address]
    world.redirect("/x.png", world.url(host=INSIDE))
    assert "private network" in (await refused(world)).message
    assert len(world.asked) == 1


async def test_what_was_looked_up_cannot_be_another_thing_when_it_is_used(world: Web) -> None:
    """A name that leads to the public server when it is asked for first, and inside ever after."""
    answers = iter([[PUBLIC_ADDRESS]])
    world.names[PUBLIC] = lambda: next(answers, [INSIDE_ADDRESS])
    assert await world.fetcher().fetch(world.url())
    assert world.looked_up == [PUBLIC], "there is no second look-up that could be answered otherwise"
    assert "private network" in (await refused(world)).message


async def test_the_last_gate_is_the_socket(world: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where everything before it has let something pass."""

    async def passes(_: object, host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
        return [
            {
                "hostname": host,
                "host": INSIDE_ADDRESS,
                "port": port,
                "family": socket.AF_INET,
                "proto": socket.IPPROTO_TCP,
                "flags": 0,
            }
        ]

    monkeypatch.setattr("eyeline.bot.web_picture.fetch._CheckedResolver.resolve", passes)
    assert "private network" in (await refused(world)).message


async def test_as_it_is_in_the_product_this_machine_is_not_gone_to(world: Web) -> None:
    """The product's own idea of what is public, with everything else as in the test."""
    for address in ("127.0.0.1", INSIDE_ADDRESS, "::1"):
        world.names[PUBLIC] = [address]
        fetcher = PictureFetcher(LIMITS, lookup=world.lookup, port=world.port, tls=world.tls)
        assert "private network" in (await refused(world, fetcher=fetcher)).message
    assert world.asked == []
    assert set(await system_lookup("localhost", 443)) <= {"127.0.0.1", "::1"}
    with pytest.raises(WebPictureError, match="port"):
        PictureFetcher().check(world.url())


async def test_proxies_are_not_asked(world: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://{INSIDE_ADDRESS}:{world.port}")
    assert await world.fetcher().fetch(world.url())


async def test_a_server_has_to_prove_who_it_is(world: Web) -> None:
    world.names["other.example"] = [PUBLIC_ADDRESS]
    assert "certificate" in (await refused(world, world.url(host="other.example"))).message
    untrusting = PictureFetcher(
        LIMITS,
        lookup=world.lookup,
        may_go=lambda address: str(address) == PUBLIC_ADDRESS,
        port=world.port,
        tls=ssl.create_default_context(),
    )
    assert "certificate" in (await refused(world, fetcher=untrusting)).message
    assert world.asked == []


async def test_cookies_of_a_redirect_are_not_sent_on(world: Web) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/x.png", "Set-Cookie": "who=you; Path=/"})

    world.answers["/a"] = answer
    assert await world.fetcher().fetch(world.url("/a"))
    assert "Cookie" not in world.asked[-1].headers


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (SVG, {"Content_Type": "image/png"}),
        (b"<html>", {"Content_Type": "image/png"}),
        (png() + b"PK\x03\x04", {}),
        (png()[:-10], {}),
        (b"", {}),
        (b"#EXTM3U\nhttps://inside.example/\n", {"Content_Type": "image/jpeg"}),
    ],
    ids=["SVG", "a page", "a polyglot", "cut off", "nothing", "a playlist"],
)
async def test_the_kind_is_what_it_is_and_not_what_it_is_called(
    world: Web, content: bytes, headers: dict[str, str]
) -> None:
    world.serve("/x.png", content, **headers)
    assert isinstance(await refused(world), BackgroundError)


async def test_a_picture_may_be_called_otherwise(world: Web) -> None:
    world.serve("/x.txt", png(), Content_Type="text/plain")
    assert await world.fetcher().fetch(world.url("/x.txt"))


async def test_pictures_of_too_many_pixels(world: Web) -> None:
    world.serve("/x.png", png(size_px=(1001, 1000)))
    assert "1001x1000" in (await refused(world)).message


async def test_what_is_packed_is_not_unpacked(world: Web) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < LIMITS.max_bytes
    world.serve("/x.png", bomb, Content_Encoding="gzip")
    assert "packed" in (await refused(world)).message


@pytest.mark.parametrize("says_so", [True, False])
async def test_files_that_are_too_long(world: Web, says_so: bool) -> None:
    sent = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        if says_so:
            response.content_length = 1 << 40
        await response.prepare(request)
        while True:
            await response.write(bytes(10_000))
            sent += 10_000

    world.answers["/x.png"] = answer
    assert "more than" in (await refused(world)).message
    assert sent < 100 * LIMITS.max_bytes


@pytest.mark.parametrize("begins", [True, False])
async def test_servers_that_take_for_ever(world: Web, begins: bool) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        if begins:
            await response.prepare(request)
        while True:
            await asyncio.sleep(0.05)
            if begins:
                await response.write(b"x")

    world.answers["/x.png"] = answer
    quick = world.fetcher(type(LIMITS)(max_bytes=LIMITS.max_bytes, timeout_s=0.5))
    async with asyncio.timeout(60):
        assert "did not come" in (await refused(world, fetcher=quick)).message


@pytest.mark.parametrize("status", [204, 304, 401, 404, 500])
async def test_what_is_not_there(world: Web, status: int) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status)

    world.answers["/x.png"] = answer
    assert str(status) in (await refused(world)).message


async def test_servers_that_are_none(world: Web) -> None:
    world.names[PUBLIC] = []
    await refused(world)
    assert "reached" in (await refused(world, world.url(host="nowhere.example"))).message
    async with asyncio.timeout(60):
        server = await asyncio.start_server(lambda _, writer: writer.close(), PUBLIC_ADDRESS, 0)
        async with server:
            world.port = server.sockets[0].getsockname()[1]
            world.names[PUBLIC] = [PUBLIC_ADDRESS]
            assert "https" in (await refused(world)).message
