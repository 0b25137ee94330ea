"""The way in for a person's camera by WebRTC: a page that sends it, and an address for every other sender.

`POST /offer` takes an SDP offer, as JSON (`{"sdp": …}`) or plain as WHIP has it (RFC 9725), and needs a bearer token
(RFC 6750): whoever can send an offer decides what a meeting sees.
"""

from __future__ import annotations

import hmac
import secrets
from types import TracebackType
from typing import Self

from aiohttp import web

from eyeline.bot.loopback import JSON, LoopbackSite, Offer, problem
from eyeline.config.schema import IngestSettings
from eyeline.processing.sources.webrtc import Answer, IngestSession
from eyeline.processing.sources.webrtc_offer import OfferError

_FILES = {
    "/": "ingest.html",
    "/ingest.css": "ingest.css",
    "/ingest.js": "ingest.js",
    "/camera.js": "camera.js",
    "/level.js": "level.js",
    "/link.js": "link.js",
    "/icon.svg": "icon.svg",
}
_SDP = "application/sdp"
_TOKEN_BYTES = 24


class Ingest:
    """The server in front of a session; an async context manager.

    Args:
        session: Takes the offers.
        settings: Where to listen, and the token, where there is one of the person's own.
    """

    def __init__(self, session: IngestSession, settings: IngestSettings) -> None:
        self._session = session
        self._own_token = settings.token.get_secret_value() if settings.token else None
        self._token = self._own_token or secrets.token_urlsafe(_TOKEN_BYTES)
        self._site = LoopbackSite(
            "The camera page",
            files=_FILES,
            routes=[
                web.get("/status", self._status),
                web.post("/offer", self._offer),
                web.delete("/offer/{sender}", self._hang_up),
            ],
            host=settings.host,
            port=settings.port,
            body_types=(JSON, _SDP),
            check=self._check_token,
        )

    @property
    def url(self) -> str:
        """Where the page is, fit for a log."""
        return self._site.url

    @property
    def link(self) -> str:
        """Where the person opens the page, for nobody else's eyes.

        A token made for this run stands in the fragment, which browsers do not send. A token of the person's own is
        not shown: the page asks for it.
        """
        return self.url if self._own_token else f"{self.url}#token={self._token}"

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
        await self._site.__aexit__(kind, error, trace)

    def _check_token(self, request: web.Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        known = hmac.compare_digest(token.strip().encode("utf-8", "replace"), self._token.encode())
        if scheme.lower() != "bearer" or not known:
            raise web.HTTPUnauthorized(
                text="This needs the token of the running Eyeline: open the link that it printed.",
                headers={"WWW-Authenticate": 'Bearer realm="eyeline"'},
            )

    async def _status(self, _: web.Request) -> web.Response:
        session = self._session
        sources = {kind: {"state": state.phase.value, "detail": state.detail} for kind, state in session.states.items()}
        return web.json_response({"wanted": sorted(session.kinds), "sender": session.sender_id, "sources": sources})

    async def _offer(self, request: web.Request) -> web.Response:
        is_whip = request.content_type == _SDP
        text = await request.text()
        offer = Offer(sdp=text) if is_whip else Offer.model_validate_json(text)
        try:
            answer = await self._session.answer(offer.sdp)
        except OfferError as error:
            return problem(400, error.message, error.hint, error.code)
        return _as_whip(answer) if is_whip else _as_json(answer)

    async def _hang_up(self, request: web.Request) -> web.Response:
        if not self._session.hang_up(request.match_info["sender"]):
            raise web.HTTPNotFound(text="This sender is not connected any more.")
        return web.Response(status=204)


def _as_json(answer: Answer) -> web.Response:
    return web.json_response({"type": "answer", "sdp": answer.sdp, "sender": answer.sender_id})


def _as_whip(answer: Answer) -> web.Response:
    """RFC 9725, section 4.2."""
    location = {"Location": f"/offer/{answer.sender_id}"}
    return web.Response(status=201, text=answer.sdp, content_type=_SDP, headers=location)
