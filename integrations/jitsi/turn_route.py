"""Which of a deployment's STUN and TURN servers can be reached from here.

aiortc takes one server of each kind and waits for seconds when it stays silent, so the choice is made before: all are
asked at once, and of those that answer the cheapest is taken (UDP, TCP, TLS: as `parse_services` sorts them).
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import ssl
from collections.abc import Mapping, Sequence

from aiortc.rtcicetransport import parse_stun_turn_uri

from eyeline.integrations.jitsi.services import IceServer

logger = logging.getLogger(__name__)

UDP_TIMEOUT_S = 0.9
TCP_TIMEOUT_S = 2.5
SILENT_TIMEOUT_S = 0.25
_RETRY_S = 0.25
_MAGIC = 0x2112A442  # RFC 8489, section 5

_Probes = Mapping[IceServer, "asyncio.Task[bool]"]


async def reachable_servers(servers: Sequence[IceServer], silent: set[str] | None = None) -> tuple[IceServer, ...]:
    """The first STUN and the first TURN server that answers; what answers nothing is left out and logged.

    Args:
        servers: The cheapest first.
        silent: Addresses that did not answer the last time, kept by whoever asks again: these are asked as well, and
            hardly waited for.
    """
    silent = set() if silent is None else silent
    probes = {server: asyncio.create_task(_answers(server), name="probe of a relay") for server in servers}
    try:
        chosen = [await _first(kind, probes, silent) for kind in _by_kind(servers)]
        _remember(probes, silent)
    finally:
        for probe in probes.values():
            probe.cancel()
        await asyncio.gather(*probes.values(), return_exceptions=True)
    found = tuple(server for server in chosen if server is not None)
    has_relay = any(server.url.startswith("turn") for server in found)
    if not has_relay and any(server.url.startswith("turn") for server in servers):
        logger.warning("none of the server's TURN relays can be reached: media need a direct way to the bridge")
    return found


def _by_kind(servers: Sequence[IceServer]) -> list[list[IceServer]]:
    """STUN servers and TURN servers."""
    return [[each for each in servers if each.url.startswith("turn") is kind] for kind in (False, True)]


async def _first(servers: list[IceServer], probes: _Probes, silent: set[str]) -> IceServer | None:
    """The cheapest of those that answered by the time at which one is known that does."""
    for server in sorted(servers, key=lambda each: each.url in silent):
        if server.url in silent:
            await asyncio.wait({probes[server]}, timeout=SILENT_TIMEOUT_S)
        else:
            await asyncio.wait({probes[server]})
        answered = [each for each in servers if probes[each].done() and probes[each].result()]
        if answered:
            return answered[0]
    return None


def _remember(probes: _Probes, silent: set[str]) -> None:
    for server, probe in probes.items():
        if probe.done():
            (silent.discard if probe.result() else silent.add)(server.url)


async def _answers(server: IceServer) -> bool:
    try:
        parsed = parse_stun_turn_uri(server.url)
    except ValueError:
        logger.warning("The ICE server %s cannot be used and is left out", server.url)
        return False
    host, port, is_secure = parsed["host"], parsed["port"], parsed["scheme"] == "turns"
    try:
        if parsed.get("transport", "udp") == "udp":
            await _ask_by_udp(host, port)
        else:
            await _connect_by_tcp(host, port, is_secure=is_secure)
    except (OSError, TimeoutError) as error:
        reason = getattr(error, "verify_message", "") or str(error) or "no answer"
        logger.info("the ICE server %s is not reached: %s", server.url, reason)
        return False
    return True


async def _connect_by_tcp(host: str, port: int, *, is_secure: bool) -> None:
    """Connect; with TLS, the certificate has to be one that this system trusts, as aioice will want it too."""
    trust = await asyncio.to_thread(ssl.create_default_context) if is_secure else None
    async with asyncio.timeout(TCP_TIMEOUT_S):
        _, writer = await asyncio.open_connection(host, port, ssl=trust)
    writer.transport.abort()


class _Probe(asyncio.DatagramProtocol):
    """Waits for the answer to one binding request."""

    def __init__(self, transaction: bytes) -> None:
        self._transaction = transaction
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        del addr
        if data[8:20] == self._transaction and not self.answered.done():
            self.answered.set_result(None)

    def error_received(self, exc: Exception) -> None:
        if not self.answered.done():
            self.answered.set_exception(exc)


async def _ask_by_udp(host: str, port: int) -> None:
    """Ask who we are (RFC 8489, section 2): every STUN and TURN server answers that without a login."""
    transaction = secrets.token_bytes(12)
    request = bytes.fromhex("00010000") + _MAGIC.to_bytes(4, "big") + transaction
    async with asyncio.timeout(UDP_TIMEOUT_S):
        transport, probe = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Probe(transaction), remote_addr=(host, port)
        )
        try:
            while not probe.answered.done():
                transport.sendto(request)
                await asyncio.wait({probe.answered}, timeout=_RETRY_S)
            probe.answered.result()
        finally:
            probe.answered.cancel()
            transport.close()
