"""Ports for servers that are told one before they start."""

from __future__ import annotations

import itertools
import os
import random
import socket

FIRST, END = 12_000, 32_768
"""Below the range from which systems take ports for sockets that ask for any (32768 and up on Linux): a port that is
free now is not given to somebody's connection before the server has it."""

MAX_WORKERS = 8
_EACH = (END - FIRST) // MAX_WORKERS


def range_of(worker: int) -> range:
    """The ports of one of the processes that run tests beside each other."""
    first = FIRST + worker % MAX_WORKERS * _EACH
    return range(first, first + _EACH)


def _own() -> range:
    name = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    return range_of(int(name.removeprefix("gw")))


_OWN = _own()
_BEGIN = random.SystemRandom().randrange(_EACH)  # elsewhere than another run of the tests on this machine
_PORTS = itertools.cycle([*_OWN[_BEGIN:], *_OWN[:_BEGIN]])


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has, neither by TCP nor by UDP, and that does not come again soon."""
    return next(port for port in itertools.islice(_PORTS, _EACH) if is_free(port))


def is_free(port: int) -> bool:
    """Whether a server could listen there."""
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        try:
            tcp.bind(("127.0.0.1", port))
            udp.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
