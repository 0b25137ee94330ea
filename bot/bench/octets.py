"""How much a sender has sent."""

from __future__ import annotations

from aiortc import RTCRtpSender


async def octets_sent(sender: RTCRtpSender) -> int:
    """Bytes of payload so far, repetitions left out."""
    report = await sender.getStats()
    return sum(each.bytesSent for each in report.values() if each.type == "outbound-rtp")
