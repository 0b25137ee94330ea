"""Whether the installed aiortc has, inside, what `aiortc_internals` relies on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import aiortc
from aiortc import RTCDtlsTransport, RTCPeerConnection, RTCRtpReceiver, RTCRtpSender, RTCRtpTransceiver

from eyeline.processing.rtc.errors import AiortcError

SUPPORTED: Final = "1.16"

_METHODS: Final[dict[type, tuple[str, ...]]] = {
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
_ATTRIBUTES: Final[dict[type, tuple[str, ...]]] = {
    RTCDtlsTransport: ("_rtp_router", "_stats_id"),
    RTCRtpReceiver: ("_enabled", "_track"),
    RTCRtpSender: ("_enabled", "_rtx_ssrc", "_ssrc", "_stream_id"),
    RTCRtpTransceiver: ("_RTCRtpTransceiver__receiver", "_RTCRtpTransceiver__sender"),
}


def check_aiortc() -> None:
    """Compare the installed aiortc with what is relied on.

    Raises:
        AiortcError: It is another version, or lacks a name.
    """
    hint = f'Install the supported one: pip install "aiortc>={SUPPORTED},<1.17".'
    if not aiortc.__version__.startswith(f"{SUPPORTED}."):
        raise AiortcError(f"aiortc {aiortc.__version__} is installed; {SUPPORTED} is supported.", hint=hint)
    missing = sorted(_missing())
    if missing:
        raise AiortcError(f"This aiortc {aiortc.__version__} has no {', '.join(missing)}.", hint=hint)


def _missing() -> Iterator[str]:
    for owner, names in _METHODS.items():
        yield from _named(owner, (name for name in names if not hasattr(owner, name)))
    for owner, names in _ATTRIBUTES.items():
        # attributes exist in instances only; the constructor's code names those that it sets
        assigned = owner.__init__.__code__.co_names  # type: ignore[misc]
        yield from _named(owner, (name for name in names if name not in assigned))


def _named(owner: type, names: Iterable[str]) -> Iterator[str]:
    return (f"{owner.__name__}.{name}" for name in names)
