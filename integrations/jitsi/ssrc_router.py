"""Routing of received RTP by announced SSRCs alone.

aiortc's own router hands a packet of an unknown SSRC to the only receiver that knows its payload type, and the bridge
sends such packets: probing on its placeholders, and somebody's first frames before jicofo announced them. They would
end up in another person's picture. And with two receivers of one payload type it drops every retransmission, since it
never learns their SSRCs.
"""

from __future__ import annotations

from aiortc import RTCDtlsTransport
from aiortc.rtcdtlstransport import RtpReceiver, RtpRouter

from eyeline.integrations.jitsi.sources import Source
from eyeline.processing.rtc.aiortc_internals import replace_router
from eyeline.processing.rtc.media_packet import MediaPacket


class SsrcRouter(RtpRouter):
    """Routes by SSRC, retransmissions to what they repair; everything unannounced is dropped."""

    def __init__(self) -> None:
        super().__init__()
        self._repaired: dict[int, int] = {}

    @classmethod
    def install(cls, transport: RTCDtlsTransport) -> SsrcRouter:
        """Make a transport route by announced SSRCs. To be called before anything is registered with it.

        Raises:
            RuntimeError: Something is registered already.
        """
        router = cls()
        replace_router(transport, router)
        return router

    def announce(self, source: Source) -> None:
        """Let a source's retransmissions in. Its media are let in by the receiver that registers for them."""
        if source.rtx_ssrc is not None:
            self._repaired[source.rtx_ssrc] = source.ssrc

    def withdraw(self, source: Source) -> None:
        """Drop a source's retransmissions from now on."""
        if source.rtx_ssrc is not None:
            self._repaired.pop(source.rtx_ssrc, None)

    def route_rtp(self, packet: MediaPacket) -> RtpReceiver | None:
        """The receiver of a packet, or `None`."""
        return self.ssrc_table.get(self._repaired.get(packet.ssrc, packet.ssrc))
