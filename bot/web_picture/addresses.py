"""Which addresses are of the public Internet: neither this machine, nor its networks, nor a way around into them.

By the registries of special-purpose addresses (RFC 6890) as of 2026. Of IPv6 only global unicast (2000::/3) can be
public, so loopback, link-local, unique local, mapped (::ffff:0:0/96) and translated addresses (64:ff9b::/96, RFC 6052)
are none; of what is left, those that carry an IPv4 address are none either.
"""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress

import psutil

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_SPECIAL_V4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_SPECIAL_V6 = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # Teredo, benchmarks, ORCHID and other protocols
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "3ffe::/16",
        "3fff::/20",
    )
)


def is_public(address: Address) -> bool:
    """Whether an address may be gone to on somebody's word."""
    if isinstance(address, ipaddress.IPv4Address):
        public = not any(address in network for network in _SPECIAL_V4)
    else:
        is_global = address in _GLOBAL_V6 and address.scope_id is None
        public = is_global and not any(address in network for network in _SPECIAL_V6)
    return public and address not in own_addresses()


def own_addresses() -> frozenset[Address]:
    """The addresses of this machine's interfaces: a public one does not make its services public."""
    found: set[Address] = set()
    for interface in psutil.net_if_addrs().values():
        for entry in interface:
            if entry.family in (socket.AF_INET, socket.AF_INET6):
                with suppress(ValueError):
                    found.add(ipaddress.ip_address(entry.address.partition("%")[0]))
    return frozenset(found)
