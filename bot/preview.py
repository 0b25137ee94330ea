"""The preview: the studio's picture on a page of this machine, by WebRTC, without a meeting."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from http import HTTPStatus
from types import TracebackType
from typing import Self

from aiohttp import web
from aiortc import RTCConfiguration, RTCSessionDescription
from pydantic import BaseModel, Field

from eyeline.bot.control.caller import Caller, Origin
from eyeline.bot.control.commands import WriteBackground
from eyeline.bot.control.control import Control
from eyeline.bot.control.outcome import OutcomeStatus
from eyeline.bot.loopback import LoopbackSite, Offer, problem
from eyeline.bot.studio import Studio
from eyeline.processing.rtc.aiortc_internals import LivePeerConnection
from eyeline.processing.thumbnail import THUMBNAIL_TYPE
from eyeline.processing.tracks import OutgoingAudioTrack, OutgoingVideoTrack

log = logging.getLogger(__name__)

MAX_VIEWERS = 4
_PERSON = Caller.operating(Origin.PREVIEW, "the preview page")
_FILES = {"/": "index.html", "/preview.js": "preview.js", "/preview.css": "preview.css"}


class Wish(BaseModel):
    """Another background, as a person writes it."""

    background: str = Field(min_length=1, max_length=1024)


class Preview:
    """The preview's server; an async context manager.

    Args:
        studio: Open.
        control: Steers it.
        host: A loopback address.
        port: 0 for any free one.
    """

    def __init__(self, studio: Studio, control: Control, *, host: str, port: int) -> None:
        self._studio = studio
        self._drawing = asyncio.Lock()
        self._control = control
        self._viewers: set[LivePeerConnection] = set()
        self._site = LoopbackSite(
            "The preview",
            files=_FILES,
            routes=[
                web.get("/status", self._status),
                web.get("/thumbnails/{name}", self._thumbnail),
                web.post("/offer", self._offer),
                web.post("/background", self._background),
            ],
            host=host,
            port=port,
        )

    @property
    def url(self) -> str:
        """Where the page is."""
        return self._site.url

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            PagePortError: The address is taken or cannot be used.
        """
        await self._site.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(self._close(viewer) for viewer in list(self._viewers)))
        await self._site.__aexit__(kind, error, trace)

    async def _status(self, _: web.Request) -> web.Response:
        video, lag = self._studio.video, self._studio.loop_lag.percentiles()
        return web.json_response(
            {
                "showing": video.state.value,
                "size_px": video.size_px,
                "background": str(self._studio.effects.background),
                "tier": self._studio.picture.tier.value,
                "tier_why": self._studio.picture.why,
                "sight": self._studio.picture.sight.value,
                "background_trouble": self._studio.trouble,
                "gallery": await asyncio.to_thread(self._studio.gallery.names),
                "times_ms": dataclasses.asdict(self._studio.times),
                "loop_lag_ms": lag.to_json() if lag else None,
            }
        )

    async def _thumbnail(self, request: web.Request) -> web.Response:
        """Of the gallery alone: what comes in is a name there, and never a path."""
        name, gallery = request.match_info["name"], self._studio.gallery
        if not await asyncio.to_thread(gallery.has, name):
            raise web.HTTPNotFound(text="There is no background of that name.")
        async with self._drawing:
            content = await asyncio.to_thread(gallery.thumbnail, name)
        return web.Response(body=content, content_type=THUMBNAIL_TYPE)

    async def _background(self, request: web.Request) -> web.Response:
        wish = Wish.model_validate_json(await request.text())
        outcome = await self._control.apply(WriteBackground(text=wish.background), _PERSON)
        if outcome.status is not OutcomeStatus.DONE:
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, outcome.message, code="background")
        return await self._status(request)

    async def _offer(self, request: web.Request) -> web.Response:
        offer = Offer.model_validate_json(await request.text())
        if len(self._viewers) >= MAX_VIEWERS:
            raise web.HTTPServiceUnavailable(text=f"There are {MAX_VIEWERS} viewers already: close another page.")
        viewer = LivePeerConnection(RTCConfiguration(iceServers=[]))  # or aiortc asks a public server
        self._viewers.add(viewer)
        viewer.on("connectionstatechange", lambda: self._viewer_changed(viewer))
        try:
            answer = await self._answer(viewer, offer)
        except Exception as error:
            await self._close(viewer)
            log.debug("refused an offer", exc_info=True)
            raise web.HTTPBadRequest(text="The offer could not be answered: it must receive VP8 video.") from error
        return web.json_response({"type": "answer", "sdp": answer})

    async def _answer(self, viewer: LivePeerConnection, offer: Offer) -> str:
        await viewer.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
        video = OutgoingVideoTrack(self._studio.video)
        viewer.addTrack(video)
        if any(transceiver.kind == "audio" for transceiver in viewer.getTransceivers()):
            viewer.addTrack(OutgoingAudioTrack(self._studio.audio, video))
        await viewer.setLocalDescription(await viewer.createAnswer())
        return viewer.localDescription.sdp

    async def _viewer_changed(self, viewer: LivePeerConnection) -> None:
        if viewer.connectionState in ("failed", "closed"):
            await self._close(viewer)

    async def _close(self, viewer: LivePeerConnection) -> None:
        self._viewers.discard(viewer)
        await viewer.close()
