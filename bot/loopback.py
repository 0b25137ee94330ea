"""The server of a page for this machine's own person.

Any tab of the person's browser could try to reach it. So it answers to names of this machine only (against DNS
rebinding), takes orders from its own page only (against requests across sites), and tells the browser to run nothing
but its own files.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from http import HTTPStatus
from importlib import resources
from types import TracebackType
from typing import Self

from aiohttp import web
from pydantic import BaseModel, Field, ValidationError

from eyeline.bot.listening import ListeningApp
from eyeline.config.errors import EyelineError

MAX_BODY_BYTES = 128 * 1024
JSON = "application/json"
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_CONTENT_TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
_ORDERS = ("POST", "PUT", "PATCH", "DELETE")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Offer(BaseModel):
    """An SDP offer, as a page sends it."""

    sdp: str = Field(min_length=1, max_length=64 * 1024)


class LoopbackSite:
    """Serves a page, its files and its orders; an async context manager.

    Errors are JSON: `error` says what, `hint` what to do, `code` is for programs.

    Args:
        what: What is served, to begin a sentence with.
        files: Names in `bot/static`, by path.
        routes: Everything else.
        host: A loopback address.
        port: 0 for any free one.
        body_types: Content types of orders.
        check: Looks at every request before its handler does, and raises where it is to be refused.
    """

    def __init__(
        self,
        what: str,
        *,
        files: Mapping[str, str],
        routes: Iterable[web.RouteDef],
        host: str,
        port: int,
        body_types: Collection[str] = (JSON,),
        check: Callable[[web.Request], None] = lambda _: None,
    ) -> None:
        self._what = what
        self._files = files
        self._body_types = body_types
        self._check = check
        application = web.Application(middlewares=[_explain, self._guard], client_max_size=MAX_BODY_BYTES)
        application.router.add_routes([*(web.get(path, self._file) for path in files), *routes])
        self._server = ListeningApp(what, application, host=host, port=port)

    @property
    def url(self) -> str:
        """Where the page is."""
        return self._server.url

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            PagePortError: The address is taken or cannot be used.
        """
        await self._server.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.__aexit__(kind, error, trace)

    async def _file(self, request: web.Request) -> web.Response:
        name = self._files[request.path]
        text = resources.files("eyeline.bot").joinpath("static", name).read_text("utf-8")
        return web.Response(text=text, content_type=_CONTENT_TYPES[name.rpartition(".")[2]])

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse who is not this machine's own."""
        if not is_own_name(request.host or ""):
            raise web.HTTPForbidden(text=f"{self._what} answers on this machine's own address only.")
        origin = request.headers.get("Origin")
        foreign = origin is not None and origin != f"http://{request.host}"
        if request.method in _ORDERS and foreign:
            raise web.HTTPForbidden(text=f"{self._what} takes orders from its own page only.")
        if request.method == "POST" and request.content_type not in self._body_types:
            raise web.HTTPForbidden(text=f"{self._what} takes {' or '.join(self._body_types)}.")
        if request.path not in self._files:
            self._check(request)
        return await handler(request)


def is_own_name(host: str) -> bool:
    """Whether the `Host` of a request (RFC 9110, section 7.2) is a name of this machine."""
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


@web.middleware
async def _explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer with what a browser needs to stay safe; errors as JSON with what, why and what to do."""
    response: web.StreamResponse
    try:
        response = await handler(request)
    except web.HTTPException as error:
        response = problem(error.status, error.text or HTTPStatus(error.status).phrase, code="http")
        for name in ("Allow", "WWW-Authenticate", "Retry-After"):
            if name in error.headers:
                response.headers[name] = error.headers[name]
    except EyelineError as error:
        response = problem(422, error.message, error.hint, error.code)
    except (ValidationError, UnicodeDecodeError):
        response = problem(400, "That is not what this address takes.", code="body")
    response.headers.update(SECURITY_HEADERS)
    return response


def problem(status: int, error: str, hint: str = "", code: str = "") -> web.Response:
    """An error as every page of this machine tells it."""
    return web.json_response({"error": error, "hint": hint, "code": code}, status=status)
