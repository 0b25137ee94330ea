from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from jwt_lab import jwt
from zoom_rest_lab import ACCESS_TOKEN, RestServer, rest_server

from eyeline.config.errors import EyelineError
from eyeline.integrations.errors import CertificateError, ProtocolError, TokenError, TokenExpiredError, UnreachableError
from eyeline.integrations.zoom.credentials import ZoomCredentials
from eyeline.integrations.zoom.errors import MissingScopeError, ZoomApiError, ZoomBusyError, ZoomCredentialsError
from eyeline.integrations.zoom.join_tokens import JoinTokens, JoinTokenSource
from eyeline.integrations.zoom.rest import MAX_ANSWER_BYTES, ZoomApi
from eyeline.integrations.zoom.url import ZoomLink

NUMBER = 81234567890
MEETING = ZoomLink(NUMBER)
NOW_S = 1_800_000_000.0
APP = {"client_id": "an-app", "client_secret": "s3cret-of-the-app-0123456789abcd"}


@pytest.fixture
async def zoom(tmp_path: Path) -> AsyncIterator[RestServer]:
    async with rest_server(tmp_path) as lab:
        yield lab


def api(zoom: RestServer, **other: float) -> ZoomApi:
    return ZoomApi(ACCESS_TOKEN, base_url=zoom.url, trust=zoom.trusted, **other)


async def test_asks_for_tokens_as_zoom_documents_it(zoom: RestServer) -> None:
    assert await api(zoom).zak() == "zak-of-the-user"
    assert await api(zoom).on_behalf_token(NUMBER) == f"obf-{NUMBER}-2"
    assert [request.query_string for request in zoom.requests] == ["type=zak", f"type=onbehalf&meeting_id={NUMBER}"]


@pytest.mark.parametrize(
    ("status", "message", "error", "told"),
    [
        (401, "Invalid access token.", TokenError, "does not know"),
        (401, "Access token is expired.", TokenExpiredError, "expired"),
        (400, "Invalid access token, does not contain scopes:[user:read:zak].", MissingScopeError, "user:read:zak"),
        (401, "Invalid access token, does not contain scopes.", MissingScopeError, "user:read:token"),
        (403, "No permission.", MissingScopeError, "No permission."),
        (404, "Meeting does not exist: 81234567890.", ZoomApiError, "Meeting does not exist"),
        (400, "Validation Failed.", ZoomApiError, "Validation Failed."),
        (409, "", ZoomApiError, "409"),
        (500, "", UnreachableError, "500"),
        (503, "Service unavailable.", UnreachableError, "503"),
        (302, "", ProtocolError, "302"),
        (204, "", ProtocolError, "204"),
    ],
)
async def test_a_refusal_has_a_reason_and_something_to_do(
    zoom: RestServer, status: int, message: str, error: type[EyelineError], told: str
) -> None:
    zoom.says(status, message, Location=f"{zoom.url}/elsewhere")
    with pytest.raises(EyelineError) as caught:
        await api(zoom).on_behalf_token(NUMBER)
    assert type(caught.value) is error
    assert told in str(caught.value)
    assert caught.value.hint
    assert len(zoom.requests) == 1  # neither repeated nor redirected


@pytest.mark.parametrize(("header", "wait_s"), [("17", 17.0), ("2026-11-22T00:00:00Z", None), ("-1", None), ("", None)])
async def test_says_when_zoom_wants_to_be_asked_again(zoom: RestServer, header: str, wait_s: float | None) -> None:
    zoom.says(429, "You have reached the maximum per-second rate limit.", Retry_After=header)
    with pytest.raises(ZoomBusyError) as caught:
        await api(zoom).zak()
    assert caught.value.retry_after_s == wait_s
    assert ("17 s" in caught.value.hint) is (wait_s is not None)


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{}", b'{"token": null}', b'{"token": ""}', b'{"token": "a b"}', b"<html>", b"[" * 50_000],
)
async def test_an_answer_without_a_token_is_an_error_of_ours(zoom: RestServer, body: bytes) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    zoom.answer = answer
    with pytest.raises(ProtocolError, match="no token"):
        await api(zoom).zak()


async def test_an_endless_answer_is_not_read_to_its_end(zoom: RestServer) -> None:
    sent = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(b" " * 2**16)
                sent += 2**16
        return response

    zoom.answer = answer
    with pytest.raises(ProtocolError, match="more than a token"):
        await api(zoom).zak()
    assert sent < 500 * MAX_ANSWER_BYTES


async def test_a_server_that_never_answers_is_given_up(zoom: RestServer) -> None:
    async def answer(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    zoom.answer = answer
    with pytest.raises(UnreachableError, match="in time"):
        await asyncio.wait_for(api(zoom, time_limit_s=0.3).zak(), 15)


async def test_shows_the_token_to_nobody_whose_certificate_is_not_zooms(zoom: RestServer, tmp_path: Path) -> None:
    with pytest.raises(CertificateError):
        await ZoomApi(ACCESS_TOKEN, base_url=zoom.url).zak()
    async with rest_server(tmp_path, "elsewhere.example") as other:
        with pytest.raises(CertificateError):
            await api(other).zak()
    assert zoom.requests == other.requests == []


async def test_no_network_is_told_as_such() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(UnreachableError) as caught:
            await ZoomApi(ACCESS_TOKEN, base_url=f"https://127.0.0.1:{free.getsockname()[1]}").zak()
    assert "127.0.0.1" in caught.value.message
    with pytest.raises(UnreachableError):
        await ZoomApi(ACCESS_TOKEN, base_url="https://api.zoom.invalid").zak()


@pytest.mark.parametrize("url", ["http://api.zoom.us", "https://", "api.zoom.us", ""])
def test_asks_by_https_alone(url: str) -> None:
    with pytest.raises(ZoomCredentialsError, match="https"):
        ZoomApi(ACCESS_TOKEN, base_url=url)


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX: y", "é", "x" * 8193])
def test_an_access_token_that_no_header_carries_is_refused(token: str) -> None:
    with pytest.raises(ZoomCredentialsError) as caught:
        ZoomApi(token, base_url="https://api.zoom.us")
    assert not token or token not in str(caught.value)


async def test_no_secret_is_in_an_error_or_in_the_log(zoom: RestServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await api(zoom).zak()
    zoom.says(400, f"Bad token {ACCESS_TOKEN}, bearer {ACCESS_TOKEN}\n password=hunter2")
    with pytest.raises(ZoomApiError) as caught:
        await api(zoom).zak()
    for text in (str(caught.value), repr(caught.value), caplog.text):
        assert ACCESS_TOKEN not in text
        assert "hunter2" not in text
        assert "zak-of-the-user" not in text
    assert caught.value.__cause__ is None


def source(zoom: RestServer, link: ZoomLink = MEETING, **given: str) -> JoinTokenSource:
    credentials = ZoomCredentials(**APP, **given)
    return JoinTokenSource(lambda: credentials, link, api_url=zoom.url, trust=zoom.trusted)


async def test_every_join_gets_fresh_tokens(zoom: RestServer) -> None:
    tokens = source(zoom, access_token=ACCESS_TOKEN)
    first, second = await tokens.next(NOW_S), await tokens.next(NOW_S + 60)
    assert (first.on_behalf, second.on_behalf) == (f"obf-{NUMBER}-1", f"obf-{NUMBER}-2")
    assert second.sdk.issued_s == first.sdk.issued_s + 60
    zak = await source(zoom, access_token=ACCESS_TOKEN, fetch="zak").next(NOW_S)
    assert (zak.zak, zak.on_behalf) == ("zak-of-the-user", "")
    assert "obf" not in repr(first)
    assert "zak-of" not in repr(zak)


async def test_what_was_given_is_taken_before_anything_is_fetched(zoom: RestServer) -> None:
    assert (await source(zoom, zak="a-zak", access_token=ACCESS_TOKEN).next(NOW_S)).zak == "a-zak"
    assert (await source(zoom).next(NOW_S)) == JoinTokens((await source(zoom).next(NOW_S)).sdk)
    assert zoom.requests == []


async def test_an_on_behalf_token_is_used_once(zoom: RestServer) -> None:
    tokens = source(zoom, on_behalf_token="once")
    assert (await tokens.next(NOW_S)).on_behalf == "once"
    with pytest.raises(TokenExpiredError, match="earlier join"):
        await tokens.next(NOW_S)
    tokens = source(zoom, on_behalf_token="once", access_token=ACCESS_TOKEN)
    assert [(await tokens.next(NOW_S)).on_behalf for _ in range(2)] == ["once", f"obf-{NUMBER}-1"]
    tokens = source(zoom, on_behalf_token="once", zak="a-zak")
    assert [(await tokens.next(NOW_S)).on_behalf for _ in range(2)] == ["once", ""]
    assert (await tokens.next(NOW_S)).zak == "a-zak"


async def test_a_renewed_on_behalf_token_is_another_one(zoom: RestServer) -> None:
    given = iter(["first", "second", "second"])
    tokens = JoinTokenSource(lambda: ZoomCredentials(**APP, on_behalf_token=next(given)), MEETING, api_url=zoom.url)
    assert [(await tokens.next(NOW_S)).on_behalf for _ in range(2)] == ["first", "second"]
    with pytest.raises(TokenExpiredError):
        await tokens.next(NOW_S)


async def test_what_is_used_up_may_expire_too(zoom: RestServer) -> None:
    once = jwt(exp=NOW_S + 60)
    tokens = source(zoom, on_behalf_token=once, access_token=ACCESS_TOKEN)
    assert (await tokens.next(NOW_S)).on_behalf == once
    assert (await tokens.next(NOW_S + 90)).on_behalf == f"obf-{NUMBER}-1"
    with pytest.raises(TokenExpiredError, match="expired"):
        await source(zoom, on_behalf_token=once).next(NOW_S + 90)


async def test_a_personal_link_has_no_number_to_fetch_a_token_for(zoom: RestServer) -> None:
    personal = ZoomLink(0, vanity_id="ada")
    with pytest.raises(ZoomCredentialsError, match="personal link"):
        await source(zoom, personal, access_token=ACCESS_TOKEN).next(NOW_S)
    assert (await source(zoom, personal, access_token=ACCESS_TOKEN, fetch="zak").next(NOW_S)).zak == "zak-of-the-user"


async def test_bad_credentials_are_told_before_zoom_is_asked(zoom: RestServer) -> None:
    credentials = ZoomCredentials(access_token=ACCESS_TOKEN)
    with pytest.raises(ZoomCredentialsError, match="shows no app"):
        await JoinTokenSource(lambda: credentials, ZoomLink(NUMBER), api_url=zoom.url).next(NOW_S)
    assert zoom.requests == []
