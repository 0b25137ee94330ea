"""The bridge channel: what we and the bridge say to each other as long as the media session lives. It heals itself."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from types import TracebackType
from typing import Self

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.jitsi.bridge_link import Attempt, BridgeLink, Say
from eyeline.integrations.jitsi.colibri import (
    BridgeMessage,
    ReceiverVideoConstraints,
    SourceVideoTypeMessage,
    VideoConstraints,
    dump_message,
    parse_message,
)
from eyeline.integrations.pauses import pause, pauses_s

logger = logging.getLogger(__name__)

RECEIVED_HEIGHT_PX = 720
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.3, 60.0
_MAX_REFUSALS, _REFUSED_FOR = 5, 50  # in a row, and for so many first pauses: a proxy's restart is over by then
_MAX_FAILURES, _FAILED_FOR = 3, 10  # where there is another way


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


class BridgeChannel:
    """Keeps a channel to the bridge open until it is left or no way is left.

    After a loss it tries again, every half second at first and at last once a minute. A bridge that is down comes back
    or is replaced by jicofo, so that goes on without end on the last way; but a bridge that refuses for 15 s has
    forgotten the conference. Where there is another way, three seconds of failures are enough to take it.

    Nothing that the bridge says ends the channel: what cannot be read is logged and dropped.

    Args:
        links: The ways to the bridge, the best first.
        on_message: Told every message; must not block.
        receive_video: Whether video of others is wanted; otherwise the bridge is asked to send none.
        on_state: Told every change of state.
        max_height_px: Tallest picture wanted of others.
        first_pause_s: Before the first try after a loss; all others follow from it.
    """

    def __init__(
        self,
        links: Sequence[BridgeLink],
        *,
        on_message: Callable[[BridgeMessage], None],
        receive_video: bool = False,
        on_state: Callable[[BridgeState], None] = lambda _: None,
        max_height_px: int = RECEIVED_HEIGHT_PX,
        first_pause_s: float = _FIRST_PAUSE_S,
    ) -> None:
        self._links = tuple(links)
        self._on_message = on_message
        self._on_state = on_state
        self._first_pause_s = first_pause_s
        self._state = BridgeState.CONNECTING
        self._gone = asyncio.Event()
        self._broken = False
        self._say: Say | None = None
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
        if self._say is None:
            logger.debug("bridge channel %s: %s dropped", self._state.value, message.colibri_class)
            return
        await self._say(dump_message(message))

    async def wait_gone(self) -> None:
        """Wait until the bridge has forgotten us, no way is left, or the channel was left."""
        await self._gone.wait()

    async def wait_broken(self) -> None:
        """Wait until the channel was open, broke, and can be had again only by another media session."""
        await self._gone.wait()
        if not self._broken:
            await asyncio.get_running_loop().create_future()

    def _remember(self, message: BridgeMessage) -> None:
        match message:
            case ReceiverVideoConstraints():
                self._standing[message.colibri_class] = message
            case SourceVideoTypeMessage():
                self._standing[f"{message.colibri_class} {message.source_name}"] = message

    async def _run(self) -> None:
        links = deque(self._links)
        while links:
            ended = await self._use(links[0], alone=len(links) == 1)
            if ended is Attempt.BROKEN:
                self._broken = True
                break
            if ended is Attempt.FAILED:
                links.rotate(-1)
            else:
                links.popleft()
            if links:
                logger.info("The bridge channel goes by %s from now on", links[0].name)
                self._enter(BridgeState.WAITING)
                self._enter(BridgeState.CONNECTING)
        logger.info("There is no channel to the bridge any more")
        self._enter(BridgeState.GONE)

    async def _use(self, link: BridgeLink, *, alone: bool) -> Attempt:
        """Use one way until it is of no more use, or where there is another, until that is worth a try; why."""
        now_s = asyncio.get_running_loop().time
        pauses, lost_at_s, refusals, failures = self._pauses(), now_s(), 0, 0
        while True:
            attempt = await self._carry(link)
            if attempt in (Attempt.BROKEN, Attempt.ABSENT):
                return attempt
            if attempt is Attempt.SERVED:
                pauses, lost_at_s, refusals, failures = self._pauses(), now_s(), 0, 0
            else:
                refusals += attempt is Attempt.REFUSED
                failures += 1
            lost_for = (now_s() - lost_at_s) / self._first_pause_s
            if refusals >= _MAX_REFUSALS and lost_for >= _REFUSED_FOR:
                logger.info("The bridge refused the channel %d times: the conference is gone there", refusals)
                return Attempt.REFUSED
            if failures >= _MAX_FAILURES and lost_for >= _FAILED_FOR and not alone:
                return Attempt.FAILED
            self._enter(BridgeState.WAITING)
            if await pause(next(pauses)):
                pauses = self._pauses()
            self._enter(BridgeState.CONNECTING)

    def _pauses(self) -> Iterator[float]:
        first_s = self._first_pause_s
        return pauses_s(first_s, often_s=2 * first_s, often_for_s=100 * first_s, most_s=_LONGEST_PAUSE_S)

    async def _carry(self, link: BridgeLink) -> Attempt:
        try:
            return await link.carry(self._opened, self._handle)
        finally:
            self._say = None

    async def _opened(self, say: Say) -> None:
        self._say = say
        self._enter(BridgeState.OPEN)
        for message in list(self._standing.values()):
            await self.send(message)

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
