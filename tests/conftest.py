"""What holds for every test."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator

import pytest
from ports import free_port

_CONFIGURED = ("", "aioice", "aiortc", "aiohttp.access", "asyncio")


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # As shells leave it to what runs in the background: programs that tests start would inherit it and hear no Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A test that configures logging, as every command does, leaves no trace in the next one."""
    loggers = [logging.getLogger(name) for name in _CONFIGURED]
    before = [(logger, logger.level, list(logger.handlers)) for logger in loggers]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers = handlers


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Eyeline remembers for a user is neither read nor written by a test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))


@pytest.fixture
def unused_tcp_port() -> int:
    """Where nobody will listen: pytest-asyncio's own would be one that the system gives to somebody else."""
    return free_port()
