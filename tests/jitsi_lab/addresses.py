"""Where media can flow on this machine."""

from __future__ import annotations

from ipaddress import ip_address

from aioice.ice import get_host_addresses


def local_media_address() -> str | None:
    """The first IPv4 address that ICE would use, or `None`.

    aioice offers no loopback address (neither do browsers nor a real bridge), so a machine without a network has none.
    """
    usable = (ip for ip in get_host_addresses(use_ipv4=True, use_ipv6=False) if not ip_address(ip).is_loopback)
    return next(usable, None)
