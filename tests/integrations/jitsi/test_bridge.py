"""The bridge channel against a real WebSocket server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from eyeline.integrations.jitsi.bridge import BridgeChannel, BridgeState
from eyeline.integrations.jitsi.bridge_socket import BridgeSocket
from eyeline.integrations.jitsi.colibri import (
    BridgeMessage,
    EndpointMessage,
    ReceiverVideoConstraints,
    SenderSourceConstraints,
    ServerHello,
    SourceVideoTypeMessage,
    VideoConstraints,
)

PATIENCE_S = 60.0
HELLO = '{"colibriClass":"ServerHello"}'
CONSTRAINTS = '{"colibriClass":"SenderSourceConstraints","sourceName":"a-v0","maxHeight":360}'

Visit = Callable[[web.WebSocketResponse], Awaitable[None]]


class Bridge:
    """A server that does with each connection what the next visit says; after the last it repeats that one."""

    def __init__(self) -> None:
        self.visits: list[Visit | int] = []
        self.opened = 0
        self.heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        app = web.Application()
        app.router.add_get("/colibri-ws/{path:.*}", self._serve)
        self.server = TestServer(app)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        visit = self.visits[min(self.opened, len(self.visits) - 1)] if self.visits else self.stay
        self.opened += 1
        if isinstance(visit, int):
            return web.Response(status=visit)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await visit(socket)
        return socket

    async def stay(self, socket: web.WebSocketResponse) -> None:
        await socket.send_str(HELLO)
        async for frame in socket:
            self.heard.put_nowait(json.loads(frame.data))

    async def next_heard(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            return await self.heard.get()

    @property
    def url(self) -> str:
        return str(self.server.make_url("/colibri-ws/jvb1/c/abcd1234?pwd=s3cret")).replace("http", "ws", 1)


class Listener:
    """Collects what a channel reports and lets a test wait for it."""

    def __init__(self) -> None:
        self.messages: list[BridgeMessage] = []
        self.states: list[BridgeState] = []
        self._changed = asyncio.Event()

    def on_message(self, message: BridgeMessage) -> None:
        self.messages.append(message)
        self._changed.set()

    def on_state(self, state: BridgeState) -> None:
        self.states.append(state)
        self._changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture
async def bridge() -> AsyncIterator[Bridge]:
    made = Bridge()
    await made.server.start_server()
    yield made
    await made.server.close()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def channel(bridge: Bridge, http: aiohttp.ClientSession, listener: Listener) -> BridgeChannel:
    return BridgeChannel(
        [BridgeSocket(bridge.url, http)], on_message=listener.on_message, on_state=listener.on_state, first_pause_s=0.01
    )


async def farewell(socket: web.WebSocketResponse) -> None:
    await socket.send_str(HELLO)
    await socket.close(code=1001)


async def slam(socket: web.WebSocketResponse) -> None:
    await socket.close()


@pytest.mark.parametrize(
    ("receive_video", "wishes"),
    [(False, {"lastN": 0}), (True, {"lastN": -1, "defaultConstraints": {"maxHeight": 720}})],
)
async def test_wishes_are_the_first_words(
    bridge: Bridge, http: aiohttp.ClientSession, receive_video: bool, wishes: dict[str, object]
) -> None:
    async with BridgeChannel([BridgeSocket(bridge.url, http)], on_message=lambda _: None, receive_video=receive_video):
        assert await bridge.next_heard() == {"colibriClass": "ReceiverVideoConstraints"} | wishes


async def test_messages_arrive(bridge: Bridge, channel: BridgeChannel, listener: Listener) -> None:
    async def speak(socket: web.WebSocketResponse) -> None:
        await socket.send_str(HELLO)
        await socket.send_str(CONSTRAINTS)
        await bridge.stay(socket)

    bridge.visits = [speak]
    async with channel:
        await listener.until(lambda: len(listener.messages) >= 2)
        assert listener.messages[:2] == [
            ServerHello(),
            SenderSourceConstraints(source_name="a-v0", max_height=360),
        ]
        assert channel.state is BridgeState.OPEN


async def test_after_a_loss_the_newest_wishes_are_said_again(
    bridge: Bridge, channel: BridgeChannel, listener: Listener
) -> None:
    leave = asyncio.Event()

    async def leave_when_told(socket: web.WebSocketResponse) -> None:
        await socket.send_str(HELLO)
        await leave.wait()
        await socket.close(code=1001)

    bridge.visits = [leave_when_told, bridge.stay]
    async with channel:
        await listener.until(lambda: channel.state is BridgeState.OPEN)
        await channel.send(SourceVideoTypeMessage(source_name="a-v0", video_type="camera"))
        await channel.send(SourceVideoTypeMessage(source_name="a-v0", video_type="none"))
        await channel.send(ReceiverVideoConstraints(last_n=-1, default_constraints=VideoConstraints(max_height=180)))
        await channel.send(EndpointMessage(to="", msg_payload="said once"))
        leave.set()
        wishes, video_type = await bridge.next_heard(), await bridge.next_heard()
        assert wishes == {
            "colibriClass": "ReceiverVideoConstraints",
            "lastN": -1,
            "defaultConstraints": {"maxHeight": 180},
        }
        assert video_type == {"colibriClass": "SourceVideoTypeMessage", "sourceName": "a-v0", "videoType": "none"}
        assert bridge.heard.empty()
        assert listener.states == [
            BridgeState.OPEN,
            BridgeState.WAITING,
            BridgeState.CONNECTING,
            BridgeState.OPEN,
        ]


async def test_what_is_sent_while_closed_is_dropped_but_for_standing_wishes(
    bridge: Bridge, channel: BridgeChannel
) -> None:
    await channel.send(EndpointMessage(to="", msg_payload="nobody hears"))
    await channel.send(SourceVideoTypeMessage(source_name="a-v0", video_type="none"))
    async with channel:
        assert (await bridge.next_heard())["colibriClass"] == "ReceiverVideoConstraints"
        assert (await bridge.next_heard())["colibriClass"] == "SourceVideoTypeMessage"
        await channel.send(EndpointMessage(to="", msg_payload="heard"))
        assert (await bridge.next_heard())["msgPayload"] == "heard"


async def test_garbage_is_dropped_alone(
    bridge: Bridge, channel: BridgeChannel, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    async def rave(socket: web.WebSocketResponse) -> None:
        await socket.send_str("not json")
        await socket.send_str('{"colibriClass":"SenderSourceConstraints"}')
        await socket.send_bytes(b"\x00\x01")
        await socket.send_str('{"colibriClass":"X","a":"' + "a" * 300_000 + '"}')
        await socket.send_str(CONSTRAINTS)
        await bridge.stay(socket)

    bridge.visits = [rave]
    async with channel:
        await listener.until(lambda: bool(listener.messages))
        assert isinstance(listener.messages[0], SenderSourceConstraints)
        assert bridge.opened == 1
    dropped = [record for record in caplog.records if "dropped" in record.getMessage()]
    assert len(dropped) == 4


async def test_a_frame_beyond_all_limits_costs_one_connection(
    bridge: Bridge, channel: BridgeChannel, listener: Listener
) -> None:
    async def flood(socket: web.WebSocketResponse) -> None:
        await socket.send_str(HELLO)
        await socket.send_str("a" * (2 * 1024 * 1024))
        async for _ in socket:
            pass

    bridge.visits = [flood, bridge.stay]
    async with channel:
        await listener.until(lambda: listener.messages.count(ServerHello()) == 2)
        assert channel.state is BridgeState.OPEN


@pytest.mark.parametrize("refusal", [403, 404, slam], ids=["403", "404", "closed at once"])
async def test_a_bridge_that_keeps_refusing_has_forgotten_us(
    bridge: Bridge, channel: BridgeChannel, refusal: Visit | int
) -> None:
    bridge.visits = [farewell, refusal]
    async with channel:
        await asyncio.wait_for(channel.wait_gone(), PATIENCE_S)
        assert channel.state is BridgeState.GONE
        assert bridge.opened >= 6
        await channel.send(ServerHello())


async def test_a_few_refusals_are_borne(bridge: Bridge, channel: BridgeChannel, listener: Listener) -> None:
    bridge.visits = [403, slam, 403, bridge.stay]
    async with channel:
        await listener.until(lambda: bool(listener.messages))
        assert channel.state is BridgeState.OPEN


async def test_a_bridge_that_is_down_is_waited_for(bridge: Bridge, channel: BridgeChannel, listener: Listener) -> None:
    bridge.visits = [502] * 8 + [bridge.stay]
    async with channel:
        await listener.until(lambda: bool(listener.messages))
        assert bridge.opened == 9


async def test_nobody_listening_is_waited_for(
    http: aiohttp.ClientSession, listener: Listener, unused_tcp_port: int
) -> None:
    url = f"ws://127.0.0.1:{unused_tcp_port}/colibri-ws/x"
    async with BridgeChannel(
        [BridgeSocket(url, http)], on_message=listener.on_message, on_state=listener.on_state, first_pause_s=0.001
    ) as channel:
        await listener.until(lambda: listener.states.count(BridgeState.WAITING) >= 7)
        assert channel.state is not BridgeState.GONE


async def test_a_handler_that_fails_does_not_end_the_channel(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    called = asyncio.Event()

    def fail(_: BridgeMessage) -> None:
        called.set()
        raise RuntimeError("a bug")

    async with BridgeChannel([BridgeSocket(bridge.url, http)], on_message=fail) as channel:
        await asyncio.wait_for(called.wait(), PATIENCE_S)
        await bridge.next_heard()
        await channel.send(EndpointMessage(msg_payload=1))
        assert (await bridge.next_heard())["msgPayload"] == 1


async def test_leaving_closes_the_socket(bridge: Bridge, channel: BridgeChannel, listener: Listener) -> None:
    closed: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    async def watch(socket: web.WebSocketResponse) -> None:
        await bridge.stay(socket)
        closed.set_result(socket.close_code)

    bridge.visits = [watch]
    async with channel:
        await listener.until(lambda: bool(listener.messages))
    assert await asyncio.wait_for(closed, PATIENCE_S) == 1000
    await channel.wait_gone()
    assert bridge.opened == 1


async def test_the_password_of_the_bridge_is_not_logged(
    bridge: Bridge, channel: BridgeChannel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="eyeline")
    bridge.visits = [403]
    async with channel:
        await asyncio.wait_for(channel.wait_gone(), PATIENCE_S)
    assert "refused" in caplog.text
    assert "s3cret" not in "".join(each.getMessage() for each in caplog.records if each.name.startswith("eyeline"))
