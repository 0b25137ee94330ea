"""The process that holds Zoom's SDK: started, talked to, watched and ended, with nothing left behind."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from eyeline.config.errors import EyelineError
from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.zoom.bridge.codec import BadMessageError, LineReader, decode_event, encode
from eyeline.integrations.zoom.bridge.messages import (
    PROTOCOL_VERSION,
    Command,
    Event,
    Goodbye,
    Hello,
    Leave,
    Ping,
    Pong,
)
from eyeline.integrations.zoom.bridge_errors import BridgeHungError, BridgeLostError
from eyeline.integrations.zoom.channels import BridgeChannels
from eyeline.integrations.zoom.launch import BRIDGE_COMMAND, made_channels, made_home, started

log = logging.getLogger(__name__)

_AGAIN: Final = "Joining again starts a new one."
_RECEIVE_BYTES: Final = 64 * 1024
_EVENTS: Final = 1000


@dataclass(frozen=True, slots=True)
class BridgeLimits:
    """How long the bridge process may take for what.

    Args:
        hello_s: From its start to its first word.
        ping_s: Between two questions whether it is alive.
        pings: How many of them may stay unanswered. Counted rather than timed, so that a machine that slept, or a
            program that was stopped, does not pass for a bridge that hangs.
        goodbye_s: For leaving.
        end_s: For ending after SIGTERM.
    """

    hello_s: float = 15.0
    ping_s: float = 2.0
    pings: int = 5
    goodbye_s: float = 5.0
    end_s: float = 1.0


class BridgeProcess:
    """One bridge process; an async context manager. Leaving the block ends it within about six seconds.

    What it prints is read and thrown away: the SDK prints passcodes and tokens.

    Args:
        command: What to start; it is given `--control`, `--wake` and `--sound` with a descriptor each.
        limits: How long things may take.
    """

    def __init__(self, command: Sequence[str] = BRIDGE_COMMAND, limits: BridgeLimits | None = None) -> None:
        self._command = command
        self._limits = limits or BridgeLimits()
        self._events: asyncio.Queue[Event | EyelineError] = asyncio.Queue(_EVENTS)
        self._sending = asyncio.Lock()
        self._unanswered = 0
        self._failure: EyelineError | None = None
        self._met = False
        self._goodbye = False
        self._exit = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Start it and wait for its first word.

        Raises:
            BridgeStartError: It cannot be started.
            BridgeLostError: It ended, or said nothing in time.
            ProtocolError: It said something else than it should.
        """
        async with AsyncExitStack() as stack:
            home = await asyncio.to_thread(made_home)
            stack.push_async_callback(asyncio.to_thread, home.remove)
            self._channels = stack.enter_context(made_channels())
            self._process = await started(self._command, self._channels, home.path)
            self._channels.close_far_ends()
            tasks = [
                asyncio.create_task(work, name=f"zoom bridge {name}")
                for name, work in (("reader", self._read()), ("output", self._discard_output()))
            ]
            stack.push_async_callback(_cancelled, tasks)
            stack.push_async_callback(self._end, tasks[0])
            await self._greeted()
            tasks.append(asyncio.create_task(self._watch(), name="zoom bridge heartbeat"))
            self._exit = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it, by force where words do not help, and remove what it left."""
        await self._exit.aclose()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def channels(self) -> BridgeChannels:
        """For wake-ups and sound."""
        return self._channels

    async def send(self, command: Command) -> None:
        """Say something.

        Raises:
            ProtocolError: It is too long.
            ConnectionLostError: The bridge is not there any more.
        """
        try:
            line = encode(command)
        except BadMessageError as error:
            raise ProtocolError(f"The bridge cannot be told that: {error}.") from error
        if self._failure is not None:
            raise self._failure
        try:
            async with self._sending:
                await asyncio.get_running_loop().sock_sendall(self._channels.control, line)
        except OSError as error:
            raise BridgeLostError("The bridge to Zoom is not there any more.", hint=_AGAIN) from error

    async def next_event(self) -> Event:
        """What it says next; `Goodbye` is the last.

        Raises:
            BridgeLostError: It ended without a word, or hung.
            ProtocolError: It said what the protocol does not allow, and was killed for it.
        """
        if self._failure is not None and self._events.empty():
            raise self._failure
        said = await self._events.get()
        if isinstance(said, EyelineError):
            raise said
        return said

    async def _greeted(self) -> None:
        try:
            async with asyncio.timeout(self._limits.hello_s):
                hello = await self.next_event()
        except TimeoutError:
            self._signal(signal.SIGKILL)
            raise BridgeHungError(
                f"The bridge to Zoom said nothing for {self._limits.hello_s:.0f} s.", hint=_AGAIN
            ) from None
        if not isinstance(hello, Hello):
            raise self._fail(ProtocolError(f"The bridge to Zoom began with {type(hello).__name__}."))
        if hello.version != PROTOCOL_VERSION:
            raise self._fail(
                ProtocolError(
                    f"The bridge to Zoom speaks version {hello.version}, not {PROTOCOL_VERSION}.",
                    hint="Install Eyeline anew.",
                )
            )
        self._met = True
        log.info("the bridge to Zoom is process %d with the SDK %s", self.pid, hello.sdk_version)

    async def _read(self) -> None:
        """Take what it says until it ends, or says what it must not."""
        loop, lines = asyncio.get_running_loop(), LineReader()
        try:
            while received := await _received(loop, self._channels):
                for line in lines.feed(received):
                    await self._take(decode_event(line))
        except BadMessageError as error:
            self._fail(ProtocolError(f"The bridge to Zoom said what it must not: {error}.", hint=_AGAIN))
        else:
            await self._ended()

    async def _take(self, event: Event) -> None:
        if isinstance(event, Pong):
            self._unanswered = 0
            return
        self._goodbye = self._goodbye or isinstance(event, Goodbye)
        await self._events.put(event)

    async def _ended(self) -> None:
        """Its end of the socket is closed: it is gone, or as good as gone."""
        if not await self._is_gone():
            self._signal(signal.SIGKILL)
            await self._is_gone()
        how = _how_it_ended(self._process.returncode)
        log.debug("the bridge to Zoom %s", how)
        self._fail(BridgeLostError(f"The bridge to Zoom {how}.", hint=_AGAIN))

    async def _is_gone(self) -> bool:
        """Give it a moment to end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.end_s):
                await self._process.wait()
        return self._process.returncode is not None

    def _fail(self, error: EyelineError) -> EyelineError:
        """Note why nothing more will come of it; the first reason counts."""
        if self._failure is None:
            self._failure = error
            self._signal(signal.SIGKILL)
            with suppress(asyncio.QueueFull):  # then whoever reads finds the failure after the last event
                self._events.put_nowait(error)
        return self._failure

    async def _watch(self) -> None:
        for number in range(1, sys.maxsize):
            if self._unanswered >= self._limits.pings:
                silent_s = self._unanswered * self._limits.ping_s
                self._fail(BridgeHungError(f"The bridge to Zoom was silent for {silent_s:.0f} s.", hint=_AGAIN))
                return
            self._unanswered += 1
            with suppress(EyelineError, TimeoutError):
                async with asyncio.timeout(self._limits.ping_s):
                    await self.send(Ping(number))
            await asyncio.sleep(self._limits.ping_s)

    async def _discard_output(self) -> None:
        """Never kept, never shown: passcodes and tokens are in it."""
        assert self._process.stdout is not None  # noqa: S101 - for the type
        total = 0
        try:
            while printed := await self._process.stdout.read(_RECEIVE_BYTES):
                total += len(printed)
        finally:
            if total:
                log.debug("the SDK printed %d bytes", total)

    async def _end(self, reader: asyncio.Task[None]) -> None:
        try:
            if self._process.returncode is None and self._failure is None and self._met:
                with suppress(EyelineError, TimeoutError):
                    async with asyncio.timeout(self._limits.goodbye_s):
                        if not self._goodbye:
                            await self.send(Leave())
                        await self._drained(reader)  # its cleaning up after that is of no use to anybody
            self._signal(signal.SIGTERM)
            await self._is_gone()
        finally:
            self._signal(signal.SIGKILL)
            await self._is_gone()

    async def _drained(self, reader: asyncio.Task[None]) -> None:
        """Take what it still says until it ends; nobody else reads any more."""
        while not reader.done() and not self._goodbye:
            with suppress(asyncio.QueueEmpty):
                while True:
                    self._events.get_nowait()
            await asyncio.wait({reader}, timeout=0.05)

    def _signal(self, number: signal.Signals) -> None:
        """To the process and whatever it started."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


async def _received(loop: asyncio.AbstractEventLoop, channels: BridgeChannels) -> bytes:
    try:
        return await loop.sock_recv(channels.control, _RECEIVE_BYTES)
    except ConnectionError:  # it was killed with something unread
        return b""


async def _cancelled(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _how_it_ended(code: int | None) -> str:
    if code is None:
        return "does not end, even when killed"
    if code >= 0:
        return f"ended with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
