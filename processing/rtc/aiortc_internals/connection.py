"""aiortc's peer connection, made of our senders and receivers."""

# ruff: noqa: SLF001

from __future__ import annotations

import asyncio
import logging
from typing import Final

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDtlsTransport,
    RTCPeerConnection,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.rtcdtlstransport import RtpRouter
from aiortc.sdp import SessionDescription

from eyeline.processing.rtc.aiortc_check import check_aiortc
from eyeline.processing.rtc.aiortc_internals.receiver import LiveReceiver
from eyeline.processing.rtc.aiortc_internals.sender import LiveSender
from eyeline.processing.rtc.sender_clock import SenderClock

logger = logging.getLogger(__name__)

CLOSE_S: Final = 5.0


class LivePeerConnection(RTCPeerConnection):
    """aiortc's peer connection with `LiveSender`s and `LiveReceiver`s, and an end in bounded time.

    Raises:
        AiortcError: The installed aiortc is not supported.
    """

    def __init__(self, configuration: RTCConfiguration | None = None) -> None:
        check_aiortc()
        super().__init__(configuration)
        self._sender_clocks: dict[str, SenderClock] = {}
        self._ending: asyncio.Task[None] | None = None

    async def setRemoteDescription(self, sessionDescription: RTCSessionDescription) -> None:  # noqa: N802, N803
        """As aiortc does; besides, streams of one sender (by CNAME, RFC 3550, section 6.5.1) share its clock."""
        await super().setRemoteDescription(sessionDescription)
        lines = SessionDescription.parse(sessionDescription.sdp).media
        cnames = {line.rtp.muxId: line.ssrc[0].cname for line in lines if line.ssrc}
        for transceiver in self.getTransceivers():
            cname = cnames.get(transceiver.mid or "")
            if cname and isinstance(transceiver.receiver, LiveReceiver):
                transceiver.receiver.share_clock(self._sender_clocks.setdefault(cname, SenderClock()))

    async def close(self) -> None:
        """End the connection, its senders and its tracks, within `CLOSE_S`."""
        if self._ending is None:
            self._ending = asyncio.create_task(super().close(), name="closing of a connection")
        done, _ = await asyncio.wait({self._ending}, timeout=CLOSE_S)
        if not done:
            logger.warning("aiortc did not close within %.0f s and is left behind", CLOSE_S)
            self._ending.cancel()
        elif not self._ending.cancelled() and (error := self._ending.exception()) is not None:
            logger.warning("aiortc failed to close: %r", error)

    def _RTCPeerConnection__createTransceiver(  # noqa: N802
        self, direction: str, kind: str, sender_track: MediaStreamTrack | None = None
    ) -> RTCRtpTransceiver:
        transceiver: RTCRtpTransceiver = super()._RTCPeerConnection__createTransceiver(  # type: ignore[misc]
            direction, kind, sender_track
        )
        transport = transceiver.receiver.transport
        sender, receiver = LiveSender(sender_track or kind, transport), LiveReceiver(kind, transport)
        sender._stream_id = transceiver.sender._stream_id
        receiver._set_rtcp_ssrc(sender._ssrc)
        names = vars(transceiver)
        names["_RTCRtpTransceiver__sender"], names["_RTCRtpTransceiver__receiver"] = sender, receiver
        return transceiver


def replace_router(transport: RTCDtlsTransport, router: RtpRouter) -> None:
    """Have another router say which receiver a packet is for. To be called before anything is registered.

    Raises:
        RuntimeError: The transport's router is in use already.
    """
    if transport._rtp_router.receivers or transport._rtp_router.senders:
        raise RuntimeError("the transport's router is in use already")
    transport._rtp_router = router
