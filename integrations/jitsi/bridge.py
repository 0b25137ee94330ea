"""The bridge channel: a WebSocket to the bridge that lives as long as the media session and heals itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from enum import Enum
from ssl import SSLContext
from types import TracebackType
from typing import Self

import aiohttp

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.jitsi.colibri import (
    BridgeMessage,
    ReceiverVideoConstraints,
    SourceVideoTypeMessage,
    VideoConstraints,
    dump_message,
    parse_message,
)

logger = logging.getLogger(__name__)

RECEIVED_HEIGHT_PX = 720
_HANDSHAKE_S = 10.0
_HEARTBEAT_S = 15.0  # a half-open connection shows after one and a half of it
_CLOSE_S = 2.0
_MAX_FRAME_BYTES = 1024 * 1024  # beyond, aiohttp ends the connection; up to it, a frame is dropped alone
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0
_MAX_REFUSALS = 5


class BridgeState(Enum):
    """Where the channel is."""

    CONNECTING = "connecting"
    OPEN = "open"
    WAITING = "waiting"
    GONE = "gone"


_NEXT = {
    BridgeState.CONNECTING: {BridgeState.OPEN, BridgeState.WAITING, BridgeState.GONE},
    BridgeState.OPEN: {BridgeState.WAITING, BridgeState.GONE},
    BridgeState.WAITING: {BridgeState.CONNECTING, BridgeState.GONE},
    BridgeState.GONE: set[BridgeState](),
}


class _Attempt(Enum):
    """How one connection ended."""

    SERVED = "served"
    REFUSED = "refused"
    FAILED = "failed"


class BridgeChannel:
    """Keeps a WebSocket to the bridge open until it is left or the bridge has forgotten us.

    After a loss it tries again after 1, 2, 4 .. 60 s. A bridge that is down comes back or is replaced by jicofo, so
    that goes on without end; but a bridge that refuses several times in a row (a status of 4xx, or, behind some
    proxies, a socket that closes before the first message) has forgotten the conference, and the channel is gone.

    Nothing that the bridge says ends the channel: what cannot be read is logged and dropped.

    Args:
        url: From the offer; holds a password and is not logged.
        http: Not owned.
        ssl: What to trust, or `None` for the usual.
        on_message: Told every message; must not block.
        receive_video: Whether video of others is wanted; otherwise the bridge is asked to send none.
        on_state: Told every change of state.
        max_height_px: Tallest picture wanted of others.
        first_pause_s: Before the first try after a loss; doubles with every further one.
    """

    def __init__(
        self,
        url: str,
        http: aiohttp.ClientSession,
        ssl: SSLContext | None = None,
        *,
        on_message: Callable[[BridgeMessage], None],
        receive_video: bool = False,
        on_state: Callable[[BridgeState], None] = lambda _: None,
        max_height_px: int = RECEIVED_HEIGHT_PX,
        first_pause_s: float = _FIRST_PAUSE_S,
    ) -> None:
        self._url = url
        self._http = http
        self._ssl = ssl
        self._on_message = on_message
        self._on_state = on_state
        self._first_pause_s = first_pause_s
        self._state = BridgeState.CONNECTING
        self._gone = asyncio.Event()
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._task: asyncio.Task[None] | None = None
        # what the bridge must hear again on every new connection, newest of each kind
        self._standing: dict[str, BridgeMessage] = {}
        self._remember(_wishes(receive_video, max_height_px))

    @property
    def state(self) -> BridgeState:
        """Where the channel is."""
        return self._state

    async def __aenter__(self) -> Self:
        """Begin to connect; does not wait for it."""
        self._task = asyncio.create_task(self._run(), name="bridge channel")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the channel."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        self._enter(BridgeState.GONE)

    async def send(self, message: BridgeMessage) -> None:
        """Send a message, or drop it when the channel is not open.

        Of `ReceiverVideoConstraints` the newest, and of `SourceVideoTypeMessage` the newest for each source, is said
        again at every opening, so these are never lost.
        """
        self._remember(message)
        if self._socket is None:
            logger.debug("bridge channel %s: %s dropped", self._state.value, message.colibri_class)
            return
        with contextlib.suppress(ConnectionError, aiohttp.ClientError):  # the reader sees the loss as well
            await self._socket.send_str(dump_message(message))

    async def wait_gone(self) -> None:
        """Wait until the bridge has forgotten us, or the channel was left."""
        await self._gone.wait()

    def _remember(self, message: BridgeMessage) -> None:
        match message:
            case ReceiverVideoConstraints():
                self._standing[message.colibri_class] = message
            case SourceVideoTypeMessage():
                self._standing[f"{message.colibri_class} {message.source_name}"] = message

    async def _run(self) -> None:
        pause_s, refusals = self._first_pause_s, 0
        while True:
            attempt = await self._connect()
            if attempt is _Attempt.SERVED:
                pause_s, refusals = self._first_pause_s, 0
            elif attempt is _Attempt.REFUSED:
                refusals += 1
            if refusals >= _MAX_REFUSALS:
                logger.info("The bridge refused the channel %d times: the conference is gone there", refusals)
                self._enter(BridgeState.GONE)
                return
            self._enter(BridgeState.WAITING)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            self._enter(BridgeState.CONNECTING)

    async def _connect(self) -> _Attempt:
        try:
            async with asyncio.timeout(_HANDSHAKE_S):
                socket = await self._http.ws_connect(
                    self._url,
                    ssl=True if self._ssl is None else self._ssl,
                    heartbeat=_HEARTBEAT_S,
                    max_msg_size=_MAX_FRAME_BYTES,
                    timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_S),
                )
        except aiohttp.WSServerHandshakeError as error:
            logger.info("The bridge channel was refused with status %d", error.status)
            return _Attempt.REFUSED if 400 <= error.status < 500 else _Attempt.FAILED
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            logger.info("The bridge channel did not open: %s", type(error).__name__)
            return _Attempt.FAILED
        async with socket:
            return await self._serve(socket)

    async def _serve(self, socket: aiohttp.ClientWebSocketResponse) -> _Attempt:
        self._socket = socket
        self._enter(BridgeState.OPEN)
        try:
            for message in list(self._standing.values()):
                await self.send(message)
            heard = await self._listen(socket)
        finally:
            self._socket = None
        logger.info("The bridge channel closed with code %s", socket.close_code)
        return _Attempt.SERVED if heard else _Attempt.REFUSED

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> bool:
        """Handle messages until the end; whether there was any."""
        heard = False
        async for frame in socket:
            heard = True
            if frame.type is aiohttp.WSMsgType.TEXT:
                self._handle(frame.data)
            else:
                logger.warning("The bridge sent a frame that is not text; it is dropped")
        return heard

    def _handle(self, text: str) -> None:
        try:
            message = parse_message(text)
        except ProtocolError as error:
            logger.warning("%s It is dropped.", error.message)
            return
        try:
            self._on_message(message)
        except Exception:
            logger.exception("Handling %s of the bridge failed", message.colibri_class)

    def _enter(self, state: BridgeState) -> None:
        if state not in _NEXT[self._state]:
            return
        self._state = state
        if state is BridgeState.GONE:
            self._gone.set()
        self._on_state(state)


def _wishes(receive_video: bool, max_height_px: int) -> ReceiverVideoConstraints:
    """Without it the bridge sends nothing; with `last_n` 0 it also knows that nothing is wanted."""
    if not receive_video:
        return ReceiverVideoConstraints(last_n=0)
    return ReceiverVideoConstraints(last_n=-1, default_constraints=VideoConstraints(max_height=max_height_px))
