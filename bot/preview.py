"""The preview: the studio's picture on a page of this machine, by WebRTC, without a meeting.

The page talks to a server that anybody's browser tab could try to reach, so the server answers loopback names only
(against DNS rebinding) and takes orders from its own page only (against cross-site requests).
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Awaitable, Callable
from importlib import resources
from types import TracebackType
from typing import Self

from aiohttp import web
from aiortc import RTCPeerConnection, RTCSessionDescription
from pydantic import BaseModel, Field, ValidationError

from eyeline.bot.studio import Studio
from eyeline.config.errors import EyelineError, UsageError
from eyeline.processing.effects import EffectState, parse_background
from eyeline.processing.tracks import OutgoingAudioTrack, OutgoingVideoTrack

log = logging.getLogger(__name__)

MAX_VIEWERS = 4
_MAX_BODY_BYTES = 128 * 1024
_FILES = {
    "/": ("index.html", "text/html"),
    "/preview.js": ("preview.js", "text/javascript"),
    "/preview.css": ("preview.css", "text/css"),
}
_SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PreviewPortError(UsageError):
    """The preview's address cannot be used."""

    code = "preview_port"


class Offer(BaseModel):
    """A viewer's SDP offer."""

    sdp: str = Field(min_length=1, max_length=64 * 1024)


class Wish(BaseModel):
    """Another background, as a person writes it."""

    background: str = Field(min_length=1, max_length=1024)


class Preview:
    """The preview's server; an async context manager.

    Args:
        studio: Open.
        host: A loopback address.
        port: 0 for any free one.
    """

    def __init__(self, studio: Studio, *, host: str, port: int) -> None:
        self._studio = studio
        self._host = host
        self._port = port
        self._viewers: set[RTCPeerConnection] = set()
        application = web.Application(middlewares=[_guard, _explain], client_max_size=_MAX_BODY_BYTES)
        for path in _FILES:
            application.router.add_get(path, _file)
        application.router.add_get("/status", self._status)
        application.router.add_post("/offer", self._offer)
        application.router.add_post("/background", self._background)
        self._runner = web.AppRunner(application, access_log=None)

    @property
    def url(self) -> str:
        """Where the page is."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        port = self._runner.addresses[0][1] if self._runner.addresses else self._port
        return f"http://{host}:{port}/"

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            PreviewPortError: The address is taken or cannot be used.
        """
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            message = f"The preview cannot listen on {self._host}:{self._port}: {error.strerror}."
            raise PreviewPortError(message, hint="Give another --port, or 0 for any free one.") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(self._close(viewer) for viewer in list(self._viewers)))
        await self._runner.cleanup()

    async def _status(self, _: web.Request) -> web.Response:
        video = self._studio.video
        return web.json_response(
            {
                "showing": video.state.value,
                "size_px": video.size_px,
                "background": str(self._studio.effects.background),
                "gallery": await asyncio.to_thread(self._studio.gallery.names),
                "times_ms": dataclasses.asdict(self._studio.times),
            }
        )

    async def _background(self, request: web.Request) -> web.Response:
        wish = Wish.model_validate_json(await request.text())
        await self._studio.set_effects(EffectState(parse_background(wish.background)))
        return await self._status(request)

    async def _offer(self, request: web.Request) -> web.Response:
        offer = Offer.model_validate_json(await request.text())
        if len(self._viewers) >= MAX_VIEWERS:
            raise web.HTTPServiceUnavailable(text=f"There are {MAX_VIEWERS} viewers already: close another page.")
        viewer = RTCPeerConnection()
        self._viewers.add(viewer)
        viewer.on("connectionstatechange", lambda: self._viewer_changed(viewer))
        try:
            answer = await self._answer(viewer, offer)
        except Exception as error:
            await self._close(viewer)
            log.debug("refused an offer", exc_info=True)
            raise web.HTTPBadRequest(text="The offer could not be answered: it must receive VP8 video.") from error
        return web.json_response({"type": "answer", "sdp": answer})

    async def _answer(self, viewer: RTCPeerConnection, offer: Offer) -> str:
        await viewer.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
        viewer.addTrack(OutgoingVideoTrack(self._studio.video))
        if any(transceiver.kind == "audio" for transceiver in viewer.getTransceivers()):
            viewer.addTrack(OutgoingAudioTrack(self._studio.audio))
        await viewer.setLocalDescription(await viewer.createAnswer())
        return viewer.localDescription.sdp

    async def _viewer_changed(self, viewer: RTCPeerConnection) -> None:
        if viewer.connectionState in ("failed", "closed"):
            await self._close(viewer)

    async def _close(self, viewer: RTCPeerConnection) -> None:
        self._viewers.discard(viewer)
        await viewer.close()


async def _file(request: web.Request) -> web.Response:
    name, content_type = _FILES[request.path]
    text = resources.files("eyeline.bot").joinpath("static", name).read_text("utf-8")
    return web.Response(text=text, content_type=content_type)


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse who is not this machine's own page, and send what a browser needs to keep it so."""
    name = (request.host or "").rsplit(":", 1)[0] if not (request.host or "").endswith("]") else request.host
    if name not in _LOOPBACK_NAMES:
        raise web.HTTPForbidden(text="The preview answers on this machine's own address only.")
    origin = request.headers.get("Origin")
    foreign = origin is not None and origin != f"http://{request.host}"
    if request.method == "POST" and (foreign or request.content_type != "application/json"):
        raise web.HTTPForbidden(text="The preview takes orders from its own page only, as JSON.")
    response = await handler(request)
    response.headers.update(_SECURITY_HEADERS)
    return response


@web.middleware
async def _explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors as JSON with what, why and what to do."""
    try:
        return await handler(request)
    except EyelineError as error:
        return web.json_response({"error": error.message, "hint": error.hint, "code": error.code}, status=422)
    except (ValidationError, UnicodeDecodeError):
        return web.json_response({"error": "That is not what this address takes.", "hint": ""}, status=400)
