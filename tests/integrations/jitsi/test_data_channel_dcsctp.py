"""The data channel against dcsctp, the SCTP that the Jitsi Videobridge has, too: here inside Chromium."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiortc import RTCDataChannel, RTCSessionDescription
from chromium_lab import chromium
from playwright.async_api import Page

from eyeline.integrations.jitsi.bridge_data_channel import LABEL, PROTOCOL, BridgeDataChannel
from eyeline.integrations.jitsi.bridge_link import Attempt, Say
from eyeline.processing.rtc.aiortc_internals import LivePeerConnection

PATIENCE_S = 60.0

# A channel that is negotiated outside opens nothing: like the bridge, the page waits for ours.
OFFERS = """async () => {
    window.texts = [];
    window.connection = new RTCPeerConnection();
    connection.createDataChannel('none', {negotiated: true, id: 1000});
    connection.ondatachannel = event => {
        window.channel = event.channel;
        channel.onmessage = message => texts.push(message.data);
    };
    await connection.setLocalDescription();
    while (connection.iceGatheringState !== 'complete')
        await new Promise(resolve => setTimeout(resolve, 20));
    return connection.localDescription.sdp;
}"""
TAKES = "sdp => connection.setRemoteDescription({type: 'answer', sdp})"


class Carried:
    """A `BridgeDataChannel` that carries what a test says."""

    def __init__(self, connection: LivePeerConnection) -> None:
        self.heard: asyncio.Queue[str] = asyncio.Queue()
        self.say: asyncio.Future[Say] = asyncio.get_running_loop().create_future()
        self._connection = connection
        self.attempt = asyncio.create_task(BridgeDataChannel(self._create).carry(self._opened, self.heard.put_nowait))

    def _create(self, label: str, protocol: str) -> RTCDataChannel:
        return self._connection.createDataChannel(label, protocol=protocol)

    async def _opened(self, say: Say) -> None:
        self.say.set_result(say)

    async def next(self) -> str:
        async with asyncio.timeout(PATIENCE_S):
            return await self.heard.get()

    async def tell(self, text: str) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await (await asyncio.shield(self.say))(text)


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    # the browser would hide its addresses behind names of multicast DNS
    async with chromium("--disable-features=WebRtcHideLocalIpsWithMdns") as browser:
        yield await browser.new_page()


@pytest.fixture
async def carried(page: Page) -> AsyncIterator[Carried]:
    connection = LivePeerConnection()
    await connection.setRemoteDescription(RTCSessionDescription(await page.evaluate(OFFERS), "offer"))
    channel = Carried(connection)
    await asyncio.sleep(0)  # the channel is created before the answer, as when the bridge offers one
    await connection.setLocalDescription(await connection.createAnswer())
    await page.evaluate(TAKES, connection.localDescription.sdp)
    yield channel
    channel.attempt.cancel()
    await connection.close()


async def heard_by(page: Page, count: int) -> list[Any]:
    await page.wait_for_function("count => texts.length >= count", arg=count, timeout=PATIENCE_S * 1000)
    texts: list[Any] = await page.evaluate("texts")
    return texts


async def test_messages_of_every_length_go_both_ways(page: Page, carried: Carried) -> None:
    sent = ["x" * length for length in (1, 1200, 60_000, 200_000)] + ["äöü 👁"]
    for text in sent:
        await carried.tell(text)
    assert await heard_by(page, len(sent)) == sent
    assert await page.evaluate("[channel.label, channel.protocol, channel.ordered]") == [LABEL, PROTOCOL, True]
    await page.evaluate("texts => texts.forEach(text => channel.send(text))", sent)
    assert [await carried.next() for _ in sent] == sent


async def test_a_thousand_messages_keep_their_order(page: Page, carried: Carried) -> None:
    sent = [f"{number} {'y' * (number % 900)}" for number in range(1000)]
    for text in sent:
        await carried.tell(text)
    assert await heard_by(page, len(sent)) == sent
    await page.evaluate("texts => texts.forEach(text => channel.send(text))", sent)
    assert [await carried.next() for _ in sent] == sent


@pytest.mark.parametrize("end", ["channel.close()", "connection.close()"])
async def test_an_end_from_there_is_noticed(page: Page, carried: Carried, end: str) -> None:
    await carried.tell("hello")
    await heard_by(page, 1)
    await page.evaluate(end)
    async with asyncio.timeout(PATIENCE_S):
        assert await carried.attempt is Attempt.BROKEN
