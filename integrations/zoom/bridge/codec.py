"""The control protocol on the wire: one message a line, `{"type": "<class name>", ...fields}`, in ASCII JSON.

Both sides read strictly. What is not exactly a message of `messages.py` is refused and never guessed at: the other side
is another version, or something printed into the socket.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any, get_args, get_type_hints

from eyeline.integrations.zoom.bridge import messages
from eyeline.integrations.zoom.bridge.messages import Command, Event

MAX_LINE_BYTES = 64 * 1024

_LARGEST_INT = 2**64 - 1  # Zoom's meeting numbers are unsigned
_SMALLEST_INT = -(2**63)

FromJson = Callable[[object], Any]


class BadMessageError(Exception):
    """What was received is no message, or what was to be sent is too long for one.

    Its text names types and fields and never what was in them, which may be a secret.
    """


def encode(message: Command | Event) -> bytes:
    """The line of a message, with its line feed.

    Raises:
        BadMessageError: It is longer than `MAX_LINE_BYTES`.
    """
    name = type(message).__name__
    line = json.dumps({"type": name, **asdict(message)}, separators=(",", ":")).encode("ascii") + b"\n"
    if len(line) > MAX_LINE_BYTES:
        raise BadMessageError(f"a {name} of {len(line)} bytes is too long")
    return line


def decode_command(line: bytes) -> Command:
    """Read a line that the meeting process sent, with or without its line feed.

    Raises:
        BadMessageError: It is no command.
    """
    command: Command = _decode(line, _COMMANDS)
    return command


def decode_event(line: bytes) -> Event:
    """Read a line that the bridge sent, with or without its line feed.

    Raises:
        BadMessageError: It is no event.
    """
    event: Event = _decode(line, _EVENTS)
    return event


class LineReader:
    """Splits what is received, in whatever pieces, into lines."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, received: bytes) -> Iterator[bytes]:
        """The lines that are complete now, without their line feeds.

        Raises:
            BadMessageError: A line is longer than `MAX_LINE_BYTES`; nothing of this reader is of use after that.
        """
        self._rest += received
        while (end := self._rest.find(b"\n", 0, MAX_LINE_BYTES)) >= 0:
            line = bytes(self._rest[:end])
            del self._rest[: end + 1]
            yield line
        if len(self._rest) >= MAX_LINE_BYTES:
            raise BadMessageError(f"a line of over {MAX_LINE_BYTES} bytes")


def _decode(line: bytes, decoders: Mapping[str, FromJson]) -> Any:
    if len(line) > MAX_LINE_BYTES:
        raise BadMessageError(f"a line of {len(line)} bytes")
    try:
        received = json.loads(line, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError):
        raise BadMessageError("no JSON") from None  # the cause holds the line
    if not isinstance(received, dict) or not isinstance(name := received.pop("type", None), str):
        raise BadMessageError("no message")
    if name not in decoders:
        raise BadMessageError("a message of an unknown type")
    return decoders[name](received)


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadMessageError("a field comes twice")
    return found


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadMessageError("no text")
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not _SMALLEST_INT <= value <= _LARGEST_INT:
        raise BadMessageError("no whole number of 64 bits")
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadMessageError("neither true nor false")
    return value


_PLAIN: dict[Any, FromJson] = {str: _text, int: _integer, bool: _truth}


def _decoder(kind: Any) -> FromJson:
    """How a value of a field's type is read; a message's own type is as good as any."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    hints = get_type_hints(kind)
    decoders = {field.name: _decoder(hints[field.name]) for field in fields(kind)}
    name: str = kind.__name__

    def decode(value: object) -> Any:
        if not isinstance(value, dict):
            raise BadMessageError(f"no {name}")
        if value.keys() != decoders.keys():
            raise BadMessageError(f"a {name} with other fields")
        values = {}
        for field, decoder in decoders.items():
            try:
                values[field] = decoder(value[field])
            except BadMessageError as error:
                raise BadMessageError(f"{name}.{field}: {error}") from None
        return kind(**values)

    return decode


def _decoders(union: Any) -> dict[str, FromJson]:
    return {kind.__name__: _decoder(kind) for kind in get_args(union)}


_COMMANDS = _decoders(messages.Command)
_EVENTS = _decoders(messages.Event)
