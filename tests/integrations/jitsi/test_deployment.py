from __future__ import annotations

import ssl
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from jitsi.scripted_server import self_signed_context, serving
from ports import free_port

from eyeline.integrations.errors import CertificateError, NotAMeetingServerError, UnreachableError
from eyeline.integrations.jitsi.deployment import DeploymentOverrides, discover, parse_config_js
from eyeline.integrations.jitsi.url import JitsiUrl

DATA = Path(__file__).resolve().parents[2] / "data/jitsi"
ROOM = JitsiUrl.parse("https://meet.example.org/Room?jwt=a.b.c")
TENANT_ROOM = JitsiUrl.parse("https://meet.example.org/Acme.Corp/Room")


def test_reads_nested_settings_and_no_comments() -> None:
    found = parse_config_js((DATA / "config-nested.js").read_text(), ROOM)
    assert found.domain == "meet.example.org"
    assert found.anonymous_domain == "guest.example.org"
    assert found.muc == "conference.meet.example.org"
    assert found.focus == "focus.meet.example.org"
    assert found.websocket_url == "wss://meet.example.org/xmpp-websocket"
    assert found.conference_request_url == "https://meet.example.org/conference-request/v1"


def test_puts_the_tenant_where_the_file_wants_it() -> None:
    found = parse_config_js((DATA / "config-nested.js").read_text(), TENANT_ROOM)
    assert found.muc == "conference.acme_corp.meet.example.org"
    assert found.websocket_url == "wss://meet.example.org/acme.corp/xmpp-websocket"
    assert found.conference_request_url == "https://meet.example.org/acme.corp/conference-request/v1"
    assert found.stream_urls(TENANT_ROOM)[0].endswith("/xmpp-websocket?room=room&prefix=acme.corp")


def test_reads_assignments_and_relative_urls() -> None:
    found = parse_config_js((DATA / "config-assigned.js").read_text(), ROOM)
    assert found.domain == "meet.jitsi"
    assert found.muc == "muc.meet.jitsi"
    assert found.focus == "focus.meet.jitsi"
    assert found.anonymous_domain == ""
    assert found.websocket_url == "wss://chat.example.org:8443/xmpp-websocket"
    assert found.conference_request_url == "https://meet.example.org/conference-request/v1"


@pytest.mark.parametrize("insecure", ["ws://meet.example.org/xmpp-websocket", "javascript:alert(1)"])
def test_never_leaves_tls(insecure: str) -> None:
    found = parse_config_js(f"var config = {{ hosts: {{ domain: 'a.b' }}, websocket: '{insecure}' }}", ROOM)
    assert found.websocket_url == "wss://meet.example.org/xmpp-websocket"


def test_guesses_what_is_not_said() -> None:
    found = parse_config_js('config.hosts = {}; config.hosts.domain = "a.b" + unknown; config.bosh = "//x/y"', ROOM)
    assert (found.domain, found.muc) == ("meet.example.org", "conference.meet.example.org")
    assert found.conference_request_url == ""


def test_the_token_goes_to_the_main_domain_and_into_the_stream_url() -> None:
    found = parse_config_js((DATA / "config-nested.js").read_text(), ROOM)
    assert found.login_domain(is_known=True) == "meet.example.org"
    assert found.login_domain(is_known=False) == "guest.example.org"
    assert found.stream_urls(ROOM)[0] == "wss://meet.example.org/xmpp-websocket?room=room&token=a.b.c"


@pytest.mark.parametrize("text", ["", "var x = 1;", '{"error": "hosts"}'])
def test_refuses_a_file_that_configures_nothing(text: str) -> None:
    with pytest.raises(NotAMeetingServerError):
        parse_config_js(text, ROOM)


@given(st.text(alphabet="abhostdmainucfgwek:='\"`\\/*+.${}<!-#> \n\x00é", max_size=200))
def test_any_text_is_a_deployment_or_an_error_of_ours(text: str) -> None:
    for file in (text, f"hosts: {{ domain: {text} }}", f"config.websocket = '{text}'"):
        try:
            found = parse_config_js(file, ROOM)
        except NotAMeetingServerError:
            continue
        assert found.websocket_url.startswith("wss://")


def test_hostile_files_cost_linear_time() -> None:
    for text in ("/*" * 300_000, "`" + "\\`" * 300_000, "domain: a+" * 60_000, "<!--# echo " * 60_000):
        with pytest.raises(NotAMeetingServerError):
            parse_config_js(text, ROOM)  # quadratic time would meet pytest's time limit


CONFIG = "var config = { hosts: { domain: 'meet.test' }, websocket: '/xmpp-websocket' };"


async def test_fetches_the_file(http: aiohttp.ClientSession) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        assert request.path == "/config.js"
        assert not request.query
        return web.Response(text=CONFIG)

    async with serving(handler) as origin:
        url = JitsiUrl.parse(f"{origin}/room?jwt=a.b.c")
        found = await discover(url, http, DeploymentOverrides(muc="rooms.test"))
    assert found.domain == "meet.test"
    assert found.muc == "rooms.test"
    assert found.websocket_url == f"ws://{url.authority}/xmpp-websocket"


async def test_a_tenant_without_a_file_of_its_own_takes_the_servers(http: aiohttp.ClientSession) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(text=CONFIG, status=200 if request.path == "/config.js" else 404)

    async with serving(handler) as origin:
        found = await discover(JitsiUrl.parse(f"{origin}/acme/room"), http)
    assert found.muc == "conference.acme.meet.test"


async def test_overrides_that_say_everything_need_no_server(http: aiohttp.ClientSession) -> None:
    overrides = DeploymentOverrides(domain="a.test", muc="rooms.a.test", websocket_url="ws://127.0.0.1:1/ws")
    found = await discover(JitsiUrl.parse("http://127.0.0.1:1/room"), http, overrides)
    assert (found.muc, found.websocket_url, found.focus) == ("rooms.a.test", "ws://127.0.0.1:1/ws", "focus.a.test")


@pytest.mark.parametrize(
    "response",
    [
        {"text": "<!DOCTYPE html><html></html>"},
        {"text": "nothing", "status": 404},
        {"text": "oops", "status": 500},
        {"text": "var other = 1;"},
        {"text": "x" * 1_000_001},
        {"status": 302, "headers": {"Location": "/config.js"}},
        {"status": 302, "headers": {"Location": "ftp://127.0.0.1/config.js"}},
        {"status": 302},
    ],
    ids=["html", "404", "500", "other", "huge", "circle", "scheme", "nowhere"],
)
async def test_says_that_this_is_no_jitsi(response: dict[str, object], http: aiohttp.ClientSession) -> None:
    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(**response)  # type: ignore[arg-type]

    async with serving(handler) as origin:
        with pytest.raises(NotAMeetingServerError) as caught:
            await discover(JitsiUrl.parse(f"{origin}/room"), http)
    assert caught.value.hint


async def test_says_that_nobody_is_there(http: aiohttp.ClientSession) -> None:
    with pytest.raises(UnreachableError, match="does not take connections"):
        await discover(JitsiUrl.parse(f"http://127.0.0.1:{free_port()}/room"), http)
    with pytest.raises(UnreachableError, match=r"no host meet\.invalid"):
        await discover(JitsiUrl.parse("https://meet.invalid/room"), http)


async def test_says_that_the_certificate_is_not_trusted(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(text=CONFIG)

    context, _ = self_signed_context(tmp_path)
    async with serving(handler, context) as origin:
        with pytest.raises(CertificateError, match="not trusted: self-signed"):
            await discover(JitsiUrl.parse(f"{origin}/room"), http)


async def test_never_follows_a_redirect_out_of_tls(tmp_path: Path) -> None:
    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "http://127.0.0.1:1/config.js"})

    context, certificate = self_signed_context(tmp_path)
    trusting = ssl.create_default_context(cafile=certificate)
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting)) as http,
        serving(handler, context) as origin,
    ):
        with pytest.raises(NotAMeetingServerError, match="unencrypted"):
            await discover(JitsiUrl.parse(f"{origin}/room"), http)
