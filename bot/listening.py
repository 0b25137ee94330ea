"""A web application that listens on an address of this machine."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from aiohttp import web

from eyeline.config.errors import UsageError


class PagePortError(UsageError):
    """The address of a page cannot be used."""

    code = "page_port"


class ListeningApp:
    """The application's server; an async context manager.

    Args:
        what: What is served, to begin a sentence with.
        application: Is served.
        host: A loopback address.
        port: 0 for any free one.
        shutdown_timeout_s: How long requests that go on may take at the end.
    """

    def __init__(
        self, what: str, application: web.Application, *, host: str, port: int, shutdown_timeout_s: float = 60.0
    ) -> None:
        self._what = what
        self._host = host
        self._port = port
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=shutdown_timeout_s)

    @property
    def url(self) -> str:
        """Where it is, with a slash at the end."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        port = self._runner.addresses[0][1] if self._runner.addresses else self._port
        return f"http://{host}:{port}/"

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            PagePortError: The address is taken or cannot be used.
        """
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            message = f"{self._what} cannot listen on {self._host}:{self._port}: {error.strerror}."
            raise PagePortError(message, hint="Give another port, or 0 for any free one.") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.shield(self._runner.cleanup())
