"""STUN and TURN servers as aiortc takes them: only the first of each is used."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from aiortc import RTCConfiguration, RTCIceServer
from aiortc.rtcconfiguration import RTCIceTransportPolicy
from aiortc.rtcicetransport import parse_stun_turn_uri

from eyeline.integrations.jitsi.services import IceServer
from eyeline.integrations.jitsi.transport import Candidate

logger = logging.getLogger(__name__)


def rtc_configuration(servers: Sequence[IceServer], *, relay_only: bool = False) -> RTCConfiguration:
    """The configuration of a peer connection.

    Its list is never `None`: aiortc would ask a public STUN server that nobody chose.
    """
    return RTCConfiguration(
        iceServers=[
            RTCIceServer(urls=server.url, username=server.username or None, credential=server.credential or None)
            for server in servers
            if _is_understood(server)
        ],
        iceTransportPolicy=RTCIceTransportPolicy.RELAY if relay_only else RTCIceTransportPolicy.ALL,
    )


def _is_understood(server: IceServer) -> bool:
    try:
        parse_stun_turn_uri(server.url)
    except ValueError:
        logger.warning("The ICE server %s cannot be used and is left out", server.url)
        return False
    return True


def report_relay(servers: Iterable[IceServer], gathered: Iterable[Candidate]) -> None:
    """Log a TURN server that gave no relay: wrong credentials, names and certificates fail silently in aioice."""
    relays = [server.url for server in servers if server.url.startswith("turn")]
    if relays and not any(candidate.type == "relay" for candidate in gathered):
        logger.warning(
            "TURN server %s gave no relay: wrong credentials, name or certificate, or unreachable", relays[0]
        )
