"""Deployments behind web servers of their own kinds, each before a real Prosody."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from jitsi.front import Front
from jitsi.listening import Joined
from jitsi.prosody_server import DOMAIN, MUC, Prosody, running_prosody
from jitsi.scripted_server import serving
from prosody_process import has_prosody

from eyeline.integrations.events import Advice, ChatReceived, ParticipantJoined, Waiting
from eyeline.integrations.jitsi.deployment import DeploymentOverrides

PLAIN = f"""
var config = {{}};
config.hosts = {{ domain: '{DOMAIN}', muc: '{MUC}' }};
config.websocket = '/xmpp-websocket';
config.bosh = '/http-bind';
config.conferenceRequestUrl = '/conference-request/v1';
"""
# As Jitsi's own web server fills it in: `subdomain` and `subdir` come from the path.
TENANT = f"""
var subdomain = '<!--# echo var="subdomain" default="" -->';
var subdir = '<!--# echo var="subdir" default="" -->';
if (subdomain) {{
    subdomain = subdomain.substr(0, subdomain.length - 1).split('.').join('_').toLowerCase() + '.';
}}
var config = {{
    hosts: {{ domain: '{DOMAIN}', muc: 'conference.' + subdomain + '{DOMAIN}' }},
    websocket: '{{origin}}/' + subdir + 'xmpp-websocket',
    conferenceRequestUrl: '{{origin}}/' + subdir + 'conference-request/v1',
}};
"""
# A brand's own page: every address is made by a program, comes from another place, or is wrong.
BRAND = """
const brand = window.brand || {};
var config = {
    hosts: { domain: brand.domain, muc: ['rooms', brand.domain].join('.'), focus: focusOf(brand) },
    websocket: location.origin.replace(/^http/, 'ws') + brand.socket,
    bosh: 'http://127.0.0.1:9/nowhere',
    conferenceRequestUrl: 'http://127.0.0.1:9/nowhere',
};
"""


@pytest.fixture
async def resuming(tmp_path: Path) -> AsyncIterator[Prosody]:
    """A server whose guests can resume, as Jitsi's can."""
    if not has_prosody():
        pytest.skip("Prosody is not installed (Debian: apt install prosody)")
    async with running_prosody(tmp_path, authentication="lab_anonymous") as server:
        yield server


@asynccontextmanager
async def fronted(prosody: Prosody, config: str, address: str = "127.0.0.1", **options: Any) -> AsyncIterator[Any]:
    front = Front(prosody, config, **options)
    async with serving(front.handle, address=address) as origin:
        yield front, origin


async def meets(one: Joined, other: Joined) -> None:
    """Each sees the other and hears what it says."""
    assert (await one.events.next(ParticipantJoined)).participant.id == other.nick
    await one.meeting.send_chat("hello")
    assert (await other.events.next(ChatReceived)).text == "hello"


@pytest.mark.parametrize("has_websocket", [True, False], ids=["WebSocket", "BOSH"])
async def test_a_shard_is_kept_by_its_cookie_and_the_name_of_the_room(resuming: Prosody, has_websocket: bool) -> None:
    async with (
        fronted(resuming, PLAIN, shard="s2", has_websocket=has_websocket) as (front, origin),
        Joined(f"{origin}/Shard {has_websocket}", "Ann") as ann,
        Joined(f"{origin}/Shard {has_websocket}", "Bob") as bob,
    ):
        await meets(ann, bob)
        assert len(front.requests) == 2
        assert all("room=shard%20" in asked for asked in front.asked if "conference-request" in asked)


async def test_a_lost_stream_is_resumed_on_its_shard(resuming: Prosody) -> None:
    async with (
        fronted(resuming, PLAIN, shard="s2") as (front, origin),
        Joined(f"{origin}/Resumed", "Ann") as ann,
        Joined(f"{origin}/Resumed", "Bob") as bob,
    ):
        nick = ann.nick
        await meets(ann, bob)
        front.cut()
        while (await ann.events.next(Advice)).code != "signalling_resumed":
            pass
        while (await bob.events.next(Advice)).code != "signalling_resumed":
            pass
        await bob.meeting.send_chat("still there")
        assert (await ann.events.next(ChatReceived)).text == "still there"
        assert ann.nick == nick
        assert len(front.requests) == 2


async def test_a_tenants_room_is_another_than_the_plain_one(resuming: Prosody) -> None:
    async with (
        fronted(resuming, TENANT, folder="acme.corp") as (front, tenants),
        fronted(resuming, PLAIN) as (_, plain),
        Joined(f"{plain}/Daily", "Cy") as cy,
        Joined(f"{tenants}/Acme.Corp/Daily", "Ann") as ann,
        Joined(f"{tenants}/Acme.Corp/Daily", "Bob") as bob,
    ):
        await meets(ann, bob)
        assert not cy.meeting.participants
        assert {each["room"] for each in front.requests} == {f"daily@conference.acme_corp.{DOMAIN}"}
        streams = [asked for asked in front.asked if "xmpp-websocket" in asked]
        assert streams == ["/acme.corp/xmpp-websocket?room=daily&prefix=acme.corp"] * 2


@pytest.mark.parametrize("has_websocket", [True, False], ids=["WebSocket", "BOSH"])
async def test_what_a_brand_hides_is_said_by_overrides(resuming: Prosody, has_websocket: bool) -> None:
    async with fronted(resuming, BRAND, has_websocket=has_websocket) as (front, origin):
        known = DeploymentOverrides(
            domain=DOMAIN,
            muc=MUC,
            focus=f"focus.{DOMAIN}",
            websocket_url=f"{origin.replace('http', 'ws', 1)}/xmpp-websocket",
            bosh_url=f"{origin}/http-bind",
            conference_request_url=f"{origin}/conference-request/v1",
        )
        room = f"{origin}/Brand {has_websocket}"
        async with Joined(room, "Ann", overrides=known) as ann, Joined(room, "Bob", overrides=known) as bob:
            await meets(ann, bob)
            assert len(front.requests) == 2
            assert not [asked for asked in front.asked if "config.js" in asked]


async def test_one_override_mends_one_address(resuming: Prosody) -> None:
    wrong = PLAIN.replace("'/xmpp-websocket'", "'/lost'").replace(f"'{MUC}'", "'rooms.nowhere.test'")
    async with fronted(resuming, wrong) as (front, origin):
        known = DeploymentOverrides(muc=MUC, websocket_url=f"{origin.replace('http', 'ws', 1)}/xmpp-websocket")
        async with Joined(f"{origin}/Mended", "Ann", overrides=known) as ann:
            assert (await ann.events.next(Waiting)).reason == "waiting for others"
        assert front.asked[0] == "/config.js"
        assert front.requests[0]["room"] == f"mended@{MUC}"


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not _has_ipv6(), reason="this machine has no IPv6")
async def test_a_server_that_has_ipv6_alone(tmp_path: Path) -> None:
    if not has_prosody():
        pytest.skip("Prosody is not installed (Debian: apt install prosody)")
    async with (
        running_prosody(tmp_path, address="::1") as prosody,
        fronted(prosody, PLAIN, address="::1") as (front, origin),
        Joined(f"{origin}/Six", "Ann") as ann,
        Joined(f"{origin}/Six", "Bob") as bob,
    ):
        assert "[::1]" in origin
        await meets(ann, bob)
        assert len(front.requests) == 2
        by_http = DeploymentOverrides(websocket_url="ws://[::1]:9/", bosh_url=f"{origin}/http-bind")
        async with asyncio.timeout(60), Joined(f"{origin}/Six", "Cy", overrides=by_http) as cy:
            assert len(cy.meeting.participants) == 2
