"""RTP on its way from the socket to its receiver, in one go.

aioice reads one datagram in each round of the event loop, tries to read it as STUN, and puts it in a queue; a task of
aiortc waits for the queue, once more in a round of its own. Of a picture's packets most have come when the first one is
seen. So what has come is read at once, and RTP is decrypted and handed over there and then. STUN, DTLS and RTCP go the
way that they always went, in their order; so does everything before the connection is secured, and after its end.
"""

# ruff: noqa: SLF001

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, Final

import pylibsrtp
from aioice.ice import StunProtocol
from aiortc import RTCDtlsTransport
from aiortc.rtcdtlstransport import State
from aiortc.rtcrtpparameters import RTCRtpReceiveParameters
from aiortc.rtp import is_rtcp

from eyeline.processing.rtc.media_packet import read_packet

logger = logging.getLogger(__name__)

MOST_AT_ONCE: Final = 32
_ABS_SEND_TIME: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
_LARGEST_BYTES: Final = 1500  # pylibsrtp holds no more
_READ_BYTES: Final = 4096  # larger ones are cut, and no datagram of a connection is so large
_NOTHING: Final = 255
_NAME: Final = "_eyeline_packet_path"

Received = Callable[[bytes, tuple[Any, ...]], None]


class PacketPath:
    """Takes RTP for the receivers that are registered with a transport, which is secured already."""

    def __init__(self, transport: RTCDtlsTransport) -> None:
        self._transport = transport
        self._connection = transport.transport._connection
        self._abs_send_time_id: int | None = None
        self._complained = False

    @classmethod
    def attach(cls, transport: RTCDtlsTransport, parameters: RTCRtpReceiveParameters) -> None:
        """Have packets taken that way, for the first receiver of a transport and for those that follow."""
        names = vars(transport)
        path: PacketPath | None = names.get(_NAME)
        if path is None:
            path = names[_NAME] = cls(transport)
            path._begin()
        # all media of one transport give the same extension the same number (RFC 8843, section 12)
        ids = [each.id for each in parameters.headerExtensions if each.uri == _ABS_SEND_TIME]
        path._abs_send_time_id = ids[0] if ids else path._abs_send_time_id

    def _begin(self) -> None:
        for protocol in self._connection._protocols:
            vars(protocol)["datagram_received"] = self._reader(protocol)

    def _reader(self, protocol: StunProtocol) -> Received:
        """What a socket's datagrams are handed to: each as it is, and with the first all that wait behind it."""
        take, transport = self._taker(protocol), protocol.transport
        receive = _receive(transport)

        def read(data: bytes, addr: tuple[Any, ...]) -> None:
            take(data, addr)
            if receive is None:
                return
            for _ in range(MOST_AT_ONCE - 1):
                if transport.is_closing():
                    return
                try:
                    data, addr = receive(_READ_BYTES)
                except (BlockingIOError, InterruptedError):
                    return
                except OSError as error:
                    protocol.error_received(error)
                    return
                take(data, addr)

        return read

    def _taker(self, protocol: StunProtocol) -> Received:
        """What each datagram is handed to; it never raises."""
        connection, component = self._connection, protocol.local_candidate.component
        aioice = protocol.datagram_received

        def take(data: bytes, addr: tuple[Any, ...]) -> None:
            try:
                first = data[0] if data else _NOTHING
                if first < 4:  # what is what by the first byte: RFC 7983, section 7
                    aioice(data, addr)
                elif self._transport._state is not State.CONNECTED:
                    return  # nobody reads the queue any more
                elif 127 < first < 192:
                    if len(data) > _LARGEST_BYTES:
                        return
                    if is_rtcp(data):
                        connection.data_received(data, component)
                    else:
                        self._take_rtp(data)
                elif 19 < first < 64:
                    connection.data_received(data, component)
            except Exception:  # whatever anybody sends
                level = logging.DEBUG if self._complained else logging.ERROR
                logger.log(level, "a datagram cannot be taken", exc_info=True)
                self._complained = True

        return take

    def _take_rtp(self, data: bytes) -> None:
        transport = self._transport
        names = vars(transport)
        names["_RTCDtlsTransport__rx_bytes"] += len(data)
        names["_RTCDtlsTransport__rx_packets"] += 1
        try:
            packet = read_packet(transport._rx_srtp.unprotect(data), self._abs_send_time_id)
        except (pylibsrtp.Error, ValueError) as error:
            logger.debug("no RTP of this connection: %s", error)
            return
        receiver = transport._rtp_router.route_rtp(packet)  # type: ignore[arg-type]
        if receiver is not None:
            receiver.take(packet, time.monotonic())  # type: ignore[attr-defined]


def _receive(transport: asyncio.DatagramTransport) -> Callable[[int], tuple[bytes, tuple[Any, ...]]] | None:
    """Reads the socket of a transport of asyncio's own; `None` for others, such as aioice's to a relay."""
    if not isinstance(asyncio.get_running_loop(), asyncio.SelectorEventLoop):
        return None  # others read ahead by themselves
    sock = getattr(transport.get_extra_info("socket"), "_sock", None)
    return getattr(sock, "recvfrom", None)
