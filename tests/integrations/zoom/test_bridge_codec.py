"""The control protocol: every message crosses whole, and nothing that is not exactly one passes."""

from __future__ import annotations

import itertools
import json
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eyeline.integrations.zoom.bridge import messages
from eyeline.integrations.zoom.bridge.codec import (
    MAX_LINE_BYTES,
    BadMessageError,
    LineReader,
    decode_command,
    decode_event,
    encode,
)

INTEGERS = st.integers(min_value=-(2**63), max_value=2**64 - 1)
for plain, strategy in ((int, INTEGERS), (str, st.text(max_size=40))):
    st.register_type_strategy(plain, strategy)

COMMANDS = st.one_of(*(st.builds(kind) for kind in get_args(messages.Command)))
EVENTS = st.one_of(*(st.builds(kind) for kind in get_args(messages.Event)))
LEAVE, PING = messages.Leave(), messages.Ping(3)


def line_of(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


@settings(max_examples=100, deadline=None)
@given(COMMANDS)
def test_every_command_crosses_whole(command: messages.Command) -> None:
    assert decode_command(encode(command)) == command


@settings(max_examples=150, deadline=None)
@given(EVENTS)
def test_every_event_crosses_whole(event: messages.Event) -> None:
    line = encode(event)
    assert line.count(b"\n") == 1
    assert line.isascii()
    assert decode_event(line) == event


def test_a_command_is_no_event_and_an_event_no_command() -> None:
    with pytest.raises(BadMessageError, match="unknown type"):
        decode_event(encode(LEAVE))
    with pytest.raises(BadMessageError, match="unknown type"):
        decode_command(encode(messages.Goodbye()))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"ALSA lib confmisc.c:855: cannot find card",
        b"null",
        b"[]",
        b"{}",
        b'"Leave"',
        b'{"type": 7}',
        line_of(type="leave"),
        line_of(type="RingPlace", name="psm", capacity_bytes=3),
        line_of(type="Leave", now=True),
        line_of(type="Ping"),
        line_of(type="Ping", number=1.0),
        line_of(type="Ping", number=True),
        line_of(type="Ping", number="1"),
        line_of(type="Ping", number=None),
        line_of(type="Ping", number=2**64),
        line_of(type="SetVideoMuted", muted=1),
        line_of(type="SendChat", request=1, text=["a"], to=0),
        b'{"type": "Ping", "number": 1, "number": 2}',
        b'{"type": "Ping", "number": NaN}',
        b'{"type": "Ping", "number": ' + b"9" * 10_000 + b"}",
        b"[" * 60_000,
        b"\xff\xfe",
        encode(PING)[:-1] + b" " * MAX_LINE_BYTES,
        encode(PING) + encode(PING),
    ],
)
def test_what_is_not_exactly_a_command_is_refused(line: bytes) -> None:
    with pytest.raises(BadMessageError):
        decode_command(line)


def test_a_wrong_field_inside_of_a_field_is_refused_by_its_path() -> None:
    person = {"user_id": 1, "name": "Ada", "host": "yes", "persistent_id": "", "video_on": True}
    person |= {"audio_muted": False, "is_authorized_user": False}
    with pytest.raises(BadMessageError, match=r"^PersonJoined.person: Person.host: neither true nor false$"):
        decode_event(line_of(type="PersonJoined", person=person))


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=300)
    | st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists).map(
        lambda value: json.dumps({"type": "SendChat", "request": 1, "text": value, "to": 0}).encode()
    )
)
def test_nothing_but_a_message_or_the_one_error_comes_of_any_bytes(line: bytes) -> None:
    try:
        command = decode_command(line)
    except BadMessageError:
        return
    assert decode_command(encode(command)) == command


def test_a_refusal_says_nothing_of_what_was_in_the_line() -> None:
    secret = "opensesame"
    for line in (
        f'{{"type": "{secret}"}}'.encode(),
        f"{secret} {{".encode(),
        line_of(type="Ping", number=secret),
        line_of(type="Ping", **{secret: secret}),
    ):
        with pytest.raises(BadMessageError) as caught:
            decode_command(line)
        error: BaseException | None = caught.value
        while error is not None:
            assert secret not in str(error)
            error = None if error.__suppress_context__ else error.__context__


def test_a_message_that_is_too_long_is_not_sent() -> None:
    with pytest.raises(BadMessageError, match=r"SendChat of \d+ bytes is too long"):
        encode(messages.SendChat(1, "x" * MAX_LINE_BYTES, 0))


def test_secrets_are_in_no_repr() -> None:
    begin = messages.Begin(
        1, "https://zoom.us", "JWTJWT", 1, "", "Ada", "PASSCODE", "ZAKZAK", "OBFOBF", "TKTK",
        messages.RingPlace("psm", 3), send_video=True, send_audio=False,
    )  # fmt: skip
    for secret in ("JWTJWT", "PASSCODE", "ZAKZAK", "OBFOBF", "TKTK"):
        assert secret.encode() in encode(begin)
        assert secret not in repr(begin)


@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=20), st.data())
@settings(max_examples=100, deadline=None)
def test_lines_come_out_whole_in_whatever_pieces_they_arrive(lines: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    reader, found = LineReader(), []
    while stream:
        size = data.draw(st.integers(min_value=1, max_value=len(stream)))
        found += reader.feed(stream[:size])
        stream = stream[size:]
    assert found == lines


@pytest.mark.parametrize("piece_bytes", [1000, 3 * MAX_LINE_BYTES])
def test_a_line_without_an_end_is_given_up(piece_bytes: int) -> None:
    reader = LineReader()
    assert list(reader.feed(b"fine\n")) == [b"fine"]
    pieces = [b"x" * piece_bytes] * (3 * MAX_LINE_BYTES // piece_bytes)
    with pytest.raises(BadMessageError, match="a line of over"):
        list(itertools.chain.from_iterable(map(reader.feed, pieces)))


def test_the_longest_message_passes_the_reader() -> None:
    empty = len(encode(messages.SendChat(1, "", 0)))
    line = encode(messages.SendChat(1, "x" * (MAX_LINE_BYTES - empty), 0))
    assert len(line) == MAX_LINE_BYTES
    [read] = LineReader().feed(line)
    assert len(decode_command(read).text) == MAX_LINE_BYTES - empty
