"""Ports of tests that run beside each other."""

from __future__ import annotations

import socket

import pytest
from ports import END, FIRST, MAX_WORKERS, free_port, is_free, range_of


def test_no_two_workers_have_a_port_in_common():
    every = [port for worker in range(MAX_WORKERS) for port in range_of(worker)]
    assert len(set(every)) == len(every)
    assert min(every) >= FIRST
    assert max(every) < END <= 32_768


def test_no_port_comes_twice_in_a_row():
    assert len({free_port() for _ in range(100)}) == 100


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_port_that_is_taken_is_left_out(kind: socket.SocketKind):
    with socket.socket(type=kind) as server:
        port = free_port()
        server.bind(("127.0.0.1", port))
        assert not is_free(port)
    assert is_free(port)
