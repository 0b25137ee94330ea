"""Zoom's REST interface as its public documentation describes it: a real server with TLS on this machine."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from web_lab import authority

ACCESS_TOKEN = "acc3ss-of_the.user~0123456789"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class RestServer:
    """What it answers and what it was asked."""

    url: str
    trusted: ssl.SSLContext
    requests: list[web.Request] = field(default_factory=list)
    answer: Answer | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """As Zoom does, unless something else is wanted."""
        self.requests.append(request)
        if self.answer is not None:
            return await self.answer(request)
        if request.headers.get("Authorization") != f"Bearer {ACCESS_TOKEN}":
            return web.json_response({"code": 124, "message": "Invalid access token."}, status=401)
        if (request.method, request.path) != ("GET", "/v2/users/me/token"):
            return web.json_response({"code": 2300, "message": "This API endpoint is not recognized."}, status=404)
        match dict(request.query):
            case {"type": "zak"}:
                return web.json_response({"token": "zak-of-the-user"})
            case {"type": "onbehalf", "meeting_id": number}:
                return web.json_response({"token": f"obf-{number}-{len(self.requests)}"})
        return web.json_response({"code": 300, "message": "Validation Failed."}, status=400)

    def says(self, status: int, message: str = "", code: int = 1, **headers: str) -> None:
        """From now on, an error as Zoom writes it."""

        async def answer(_: web.Request) -> web.Response:
            body = {"code": code, "message": message}
            return web.json_response(body, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})

        self.answer = answer


@asynccontextmanager
async def rest_server(folder: Path, name: str = "localhost") -> AsyncIterator[RestServer]:
    """One, whose certificate is of an authority of its own and for this name."""
    trusted, serving = authority(folder, (name,))
    lab = RestServer("", trusted)
    runner = web.ServerRunner(web.Server(lab.handle), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=serving).start()
        lab.url = f"https://localhost:{runner.addresses[0][1]}"
        yield lab
    finally:
        await runner.cleanup()
