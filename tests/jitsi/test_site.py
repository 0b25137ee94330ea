"""The public face of the double: what a client finds at its URL."""

from __future__ import annotations

import aiohttp
import pytest
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.watcher import Watcher

OPEN = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.test' version='1.0'/>"


async def test_config_names_the_deployment(jitsi_lab: JitsiLab) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{jitsi_lab.base_url}/config.js") as response:
        text = await response.text()
    assert response.status == 200
    assert "config.hosts.domain = 'meet.test';" in text
    assert jitsi_lab.base_url.replace("http", "ws", 1) + "/" in text


async def test_room_page_is_a_page(jitsi_lab: JitsiLab) -> None:
    async with aiohttp.ClientSession() as http, http.get(jitsi_lab.url("Room")) as response:
        assert response.content_type == "text/html"


async def test_conference_request_makes_the_room(jitsi_lab: JitsiLab) -> None:
    url = f"{jitsi_lab.base_url}/conference-request/v1"
    body = {"room": "Room@conference.meet.test", "machineUid": "0" * 32, "properties": {}}
    async with aiohttp.ClientSession() as http:
        jitsi_lab.focus.not_ready = 1
        async with http.post(url, json=body) as response:
            assert (await response.json())["ready"] is False
        assert jitsi_lab.focus.rooms == {}
        async with http.post(url, json=body) as response:
            answer = await response.json()
    assert answer["ready"] is True
    assert answer["room"] == "room@conference.meet.test"
    assert list(jitsi_lab.focus.rooms) == ["room@conference.meet.test"]


@pytest.mark.parametrize("body", ["[]", "nonsense", '{"room": "a b@conference.meet.test"}', '{"room": "r@elsewhere"}'])
async def test_malformed_conference_request_is_refused(jitsi_lab: JitsiLab, body: str) -> None:
    url = f"{jitsi_lab.base_url}/conference-request/v1"
    async with aiohttp.ClientSession() as http, http.post(url, data=body) as response:
        assert response.status == 400


async def test_xmpp_goes_through_to_prosody_until_it_is_cut(jitsi_lab: JitsiLab) -> None:
    url = jitsi_lab.base_url.replace("http", "ws", 1) + "/xmpp-websocket?room=room"
    async with aiohttp.ClientSession() as http, http.ws_connect(url, protocols=("xmpp",)) as stream:
        assert stream.protocol == "xmpp"
        await stream.send_str(OPEN)
        assert "from='meet.test'" in await stream.receive_str()
        assert "<mechanism>ANONYMOUS</mechanism>" in await stream.receive_str()
        jitsi_lab.site.cut_xmpp()
        await stream.receive()
        assert stream.close_code == 1006


async def test_dead_bridge_cannot_be_reached(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, "room") as one, Watcher(jitsi_lab, "room"):
        await one.connected()
        await jitsi_lab.bridge.kill()
        url = f"{jitsi_lab.base_url}/colibri-ws/lab/any/{one.id}"
        async with aiohttp.ClientSession() as http:
            with pytest.raises(aiohttp.WSServerHandshakeError, match="502"):
                await http.ws_connect(url)
