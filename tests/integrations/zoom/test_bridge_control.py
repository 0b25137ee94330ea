"""The bridge's end of the control socket, beside a meeting process that is slow, deaf or gone."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from eyeline.integrations.zoom.bridge.codec import LineReader, decode_event, encode
from eyeline.integrations.zoom.bridge.control import ControlLink, ParentGoneError
from eyeline.integrations.zoom.bridge.messages import ChatHeard, Leave, Ping, Pong

LONG = ChatHeard(1, "Ada", "\u20ac" * 8000, private=False)


class Later:
    """A loop on which nothing comes by itself."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def after(self, delay_ms: int, due: Callable[[], None]) -> None:
        self.due.append(due)


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, int]]:
    ours, theirs = socket.socketpair()
    with ours:
        ours.setblocking(False)
        yield ours, theirs.detach()


def received(parent: socket.socket) -> bytes:
    parts = []
    while True:
        try:
            part = parent.recv(1 << 20)
        except BlockingIOError:
            return b"".join(parts)
        if not part:
            return b"".join(parts)
        parts.append(part)


def test_what_was_said_comes_whole_and_in_order_once_the_parent_reads_again(
    pair: tuple[socket.socket, int], later: Later
) -> None:
    parent, descriptor = pair
    link = ControlLink(descriptor, later)
    said = [event for number in range(12) for event in (LONG, Pong(number))]
    for event in said:
        link.say(event)
    assert later.due  # not all of it fits
    lines = LineReader()
    heard = []
    for _ in range(100):
        heard += [decode_event(line) for line in lines.feed(received(parent))]
        due, later.due = later.due, []
        for each in due:
            each()
    assert heard == said
    assert not link.gone


def test_a_parent_that_never_reads_is_given_up_with_a_bound(pair: tuple[socket.socket, int], later: Later) -> None:
    _, descriptor = pair
    link = ControlLink(descriptor, later)
    said = 0
    while not link.gone:
        link.say(LONG)
        said += 1
        assert said < 100
    assert len(link._unsaid) < ControlLink.MAX_UNSAID_BYTES + 65536
    before = len(link._unsaid)
    link.say(LONG)
    assert len(link._unsaid) == before


def test_what_is_too_long_is_left_out_and_the_rest_comes(pair: tuple[socket.socket, int], later: Later) -> None:
    parent, descriptor = pair
    link = ControlLink(descriptor, later)
    link.say(ChatHeard(1, "Ada", "x" * 70_000, private=False))
    link.say(Pong(1))
    assert received(parent) == encode(Pong(1))


def test_last_words_wait_for_a_slow_reader(pair: tuple[socket.socket, int], later: Later) -> None:
    parent, descriptor = pair
    link = ControlLink(descriptor, later)
    link.say(Pong(1))
    link.finish()
    assert received(parent) == encode(Pong(1))


def test_commands_come_until_the_parent_is_gone(pair: tuple[socket.socket, int], later: Later) -> None:
    parent, descriptor = pair
    link = ControlLink(descriptor, later)
    assert list(link.read()) == []
    parent.sendall(encode(Ping(1)) + encode(Leave()) + encode(Ping(2))[:5])
    assert list(link.read()) == [Ping(1), Leave()]
    parent.sendall(encode(Ping(2))[5:])
    assert list(link.read()) == [Ping(2)]
    parent.close()
    with pytest.raises(ParentGoneError):
        list(link.read())
    link.say(Pong(1))
    assert link.gone
