"""The bridge's end of the control socket."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator

from eyeline.integrations.zoom.bridge.codec import MAX_LINE_BYTES, BadMessageError, LineReader, decode_command, encode
from eyeline.integrations.zoom.bridge.loop import Loop
from eyeline.integrations.zoom.bridge.messages import Command, Event

_RETRY_MS = 20
_LAST_WORDS_S = 2.0


class ParentGoneError(Exception):
    """The meeting process has closed its end, or does not read."""


class ControlLink:
    """Reads commands and says events, and never waits: the SDK's callbacks run on the same thread.

    Args:
        descriptor: Of the socket, which becomes the link's own.
        loop: For what could not be said at once.
    """

    MAX_UNSAID_BYTES = 16 * MAX_LINE_BYTES

    def __init__(self, descriptor: int, loop: Loop) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._socket.setblocking(False)
        self._loop = loop
        self._reader = LineReader()
        self._unsaid = bytearray()
        self._gone = False
        self._turn = threading.RLock()  # should the SDK ever call back on a thread of its own

    @property
    def descriptor(self) -> int:
        """To watch."""
        return self._socket.fileno()

    def read(self) -> Iterator[Command]:
        """The commands that have come in.

        Raises:
            ParentGoneError: There will be no more.
            BadMessageError: Something else came in.
        """
        try:
            received = self._socket.recv(MAX_LINE_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            raise ParentGoneError from error
        if not received:
            raise ParentGoneError
        for line in self._reader.feed(received):
            yield decode_command(line)

    def say(self, event: Event) -> None:
        """Send an event. One that is too long is left out, and so are all once nobody reads."""
        with self._turn, contextlib.suppress(BadMessageError):
            if self._gone:
                return
            idle = not self._unsaid
            self._unsaid += encode(event)
            if idle:
                self._write()
            if len(self._unsaid) > self.MAX_UNSAID_BYTES:
                self._gone = True

    @property
    def gone(self) -> bool:
        """Whether the meeting process has stopped to read."""
        return self._gone

    def finish(self) -> None:
        """Wait, for a moment, until everything is said."""
        with contextlib.suppress(OSError):
            self._socket.settimeout(_LAST_WORDS_S)
            self._socket.sendall(self._unsaid)
        self._unsaid.clear()

    def _write_on(self) -> None:
        with self._turn:
            self._write()

    def _write(self) -> None:
        while self._unsaid and not self._gone:
            try:
                said = os.write(self.descriptor, self._unsaid)
            except BlockingIOError:
                self._loop.after(_RETRY_MS, self._write_on)
                return
            except OSError:
                self._gone = True
                return
            del self._unsaid[:said]
