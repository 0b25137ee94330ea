"""One WebRTC sender: its connection, and its tracks onto the lines."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from aiortc import RTCConfiguration, RTCSessionDescription

from eyeline.processing.rtc.aiortc_internals import LivePeerConnection
from eyeline.processing.rtc.live_track import LiveTrack
from eyeline.processing.rtc.opus_offer import with_in_band_fec
from eyeline.processing.rtc.start_bitrate import with_start_bitrate
from eyeline.processing.sources.webrtc_line import SenderLine
from eyeline.processing.sources.webrtc_offer import OfferError, offered_kinds, preferred_video

log = logging.getLogger(__name__)

START_KBPS = 2000
MOST_KBPS = 4000
CONNECT_TIMEOUT_S = 20.0
SOUND_AHEAD_S = 0.15  # more than it ever waits: what is behind the line goes by when it was captured

Lines = Mapping[str, SenderLine[Any]]


class SenderPeer:
    """Receives from one sender until it is gone or `close` is called. Made and used in one event loop.

    Args:
        lines: By kind, `video` and `audio`; other media are refused.
        on_end: Told once why the sender is gone; not when it was closed from here.
    """

    def __init__(self, lines: Lines, on_end: Callable[[SenderPeer, str], None]) -> None:
        self._lines = lines
        self._on_end = on_end
        self._connection = LivePeerConnection(RTCConfiguration(iceServers=[]))  # or aiortc asks a public server
        self._connection.on("connectionstatechange", self._changed)
        self._connecting: asyncio.Task[None] | None = None
        self._ended = False

    async def answer(self, offer_sdp: str) -> str:
        """Accept what is sent, and send nothing.

        Raises:
            OfferError: The offer cannot be answered; the peer is to be closed.
        """
        kinds = offered_kinds(offer_sdp, self._lines)
        connection = self._connection
        for kind in kinds:
            transceiver = connection.addTransceiver(kind, direction="recvonly" if kind in self._lines else "inactive")
            if kind == "video":
                transceiver.setCodecPreferences(preferred_video())
        try:
            await connection.setRemoteDescription(RTCSessionDescription(offer_sdp, "offer"))
            await connection.setLocalDescription(await connection.createAnswer())
        except Exception as error:  # of aiortc's many, all mean the same here
            log.debug("an offer cannot be answered", exc_info=True)
            hint = "Offer H264 or VP8, and Opus."
            raise OfferError("The offer cannot be answered.", hint=hint) from error
        sdp = connection.localDescription.sdp
        if "a=candidate:" not in sdp:
            hint = "Connect it to any network; nothing but its own addresses is used."
            raise OfferError("This machine has no network address that WebRTC could use.", hint=hint)
        return with_in_band_fec(with_start_bitrate(sdp, START_KBPS, most_kbps=MOST_KBPS))

    def start(self) -> None:
        """Pass on what comes."""
        for transceiver in self._connection.getTransceivers():
            track = transceiver.receiver.track
            if transceiver.kind in self._lines and isinstance(track, LiveTrack):
                track.on("ended", lambda: self._end("The browser has closed the connection."))
                take = self._lines[transceiver.kind].begin()
                track.divert(take, sound_channels=1, sound_ahead_s=SOUND_AHEAD_S)
        self._connecting = asyncio.create_task(self._watch_connecting(), name="browser connecting")

    async def close(self) -> None:
        """End the connection; nothing is passed on any more, at once."""
        self._ended = True
        if self._connecting is not None:
            self._connecting.cancel()
        await self._connection.close()

    async def _watch_connecting(self) -> None:
        await asyncio.sleep(CONNECT_TIMEOUT_S)
        if self._connection.connectionState != "connected":
            self._end(f"The browser's connection was not made within {CONNECT_TIMEOUT_S:.0f} s.")

    def _changed(self) -> None:
        match self._connection.connectionState:
            case "failed":
                self._end("The connection with the browser broke.")
            case "closed":
                self._end("The browser has closed the connection.")

    def _end(self, reason: str) -> None:
        if not self._ended:
            self._ended = True
            self._on_end(self, reason)
