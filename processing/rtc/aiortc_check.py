"""Whether the installed aiortc has, inside, what `aiortc_internals` relies on."""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import aiortc
from aioice.ice import Connection, StunProtocol
from aiortc import RTCDtlsTransport, RTCIceTransport, RTCPeerConnection, RTCRtpReceiver, RTCRtpSender, RTCRtpTransceiver

from eyeline.processing.rtc.errors import AiortcError

logger = logging.getLogger(__name__)

SUPPORTED: Final = "1.16"
_Names = Mapping[type, tuple[str, ...]]

_METHODS: Final[_Names] = {
    RTCPeerConnection: ("_RTCPeerConnection__createTransceiver", "_RTCPeerConnection__connect"),
    RTCDtlsTransport: (
        "_get_stats",
        "_register_rtp_receiver",
        "_register_rtp_sender",
        "_send_rtp",
        "_unregister_rtp_receiver",
        "_unregister_rtp_sender",
    ),
    RTCRtpReceiver: ("_handle_disconnect", "_handle_rtcp_packet", "_handle_rtp_packet", "_set_rtcp_ssrc"),
    RTCRtpSender: ("_handle_rtcp_packet",),
}
_ATTRIBUTES: Final[_Names] = {
    RTCDtlsTransport: (
        "_RTCDtlsTransport__rx_bytes",
        "_RTCDtlsTransport__rx_packets",
        "_RTCDtlsTransport__tx_bytes",
        "_RTCDtlsTransport__tx_packets",
        "_rtp_router",
        "_rx_srtp",
        "_state",
        "_stats_id",
        "_tx_srtp",
    ),
    RTCIceTransport: ("_connection",),
    RTCRtpReceiver: ("_enabled", "_track"),
    RTCRtpSender: ("_enabled", "_rtx_ssrc", "_ssrc", "_stream_id"),
    RTCRtpTransceiver: ("_RTCRtpTransceiver__receiver", "_RTCRtpTransceiver__sender"),
}
_RECEIVING_METHODS: Final[_Names] = {Connection: ("data_received",), StunProtocol: ("datagram_received",)}
_RECEIVING_ATTRIBUTES: Final[_Names] = {Connection: ("_protocols", "_queue")}
_SENDING_METHODS: Final[_Names] = {StunProtocol: ("send_data",)}
_SENDING_ATTRIBUTES: Final[_Names] = {Connection: ("_nominated",)}


def check_aiortc() -> None:
    """Compare the installed aiortc with what is relied on.

    Raises:
        AiortcError: It is another version, or lacks a name.
    """
    hint = f'Install the supported one: pip install "aiortc>={SUPPORTED},<1.17".'
    if not aiortc.__version__.startswith(f"{SUPPORTED}."):
        raise AiortcError(f"aiortc {aiortc.__version__} is installed; {SUPPORTED} is supported.", hint=hint)
    missing = sorted(_missing(_METHODS, _ATTRIBUTES))
    if missing:
        raise AiortcError(f"This aiortc {aiortc.__version__} has no {', '.join(missing)}.", hint=hint)


@functools.cache
def takes_packets() -> bool:
    """Whether the installed aioice has what it takes to receive packets past its queue; if not, the queue does."""
    return _has(_RECEIVING_METHODS, _RECEIVING_ATTRIBUTES, "packets are received with more work")


@functools.cache
def gives_packets() -> bool:
    """Whether the installed aioice has what it takes to hand packets to its socket; if not, aiortc does."""
    return _has(_SENDING_METHODS, _SENDING_ATTRIBUTES, "packets are sent with more work")


def _has(methods: _Names, attributes: _Names, otherwise: str) -> bool:
    missing = sorted(_missing(methods, attributes))
    if missing:
        logger.warning("aioice has no %s: %s", ", ".join(missing), otherwise)
    return not missing


def _missing(methods: _Names, attributes: _Names) -> Iterator[str]:
    for owner, names in methods.items():
        yield from _named(owner, (name for name in names if not hasattr(owner, name)))
    for owner, names in attributes.items():
        # attributes exist in instances only; the constructor's code names those that it sets
        assigned = owner.__init__.__code__.co_names  # type: ignore[misc]
        yield from _named(owner, (name for name in names if name not in assigned))


def _named(owner: type, names: Iterable[str]) -> Iterator[str]:
    return (f"{owner.__name__}.{name}" for name in names)
