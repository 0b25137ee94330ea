"""Fetching one picture by URL, so that whoever names the URL learns and reaches nothing of this machine.

Whoever asks may own the server, its name and its redirects. So every URL on the way is read strictly (`urls`), each
name is looked up once for each request, all its addresses have to be public, and the connection goes to one of these
very addresses: what was looked up cannot be another thing by the time it is used (DNS rebinding). Nothing is sent but
the request; no cookies, no proxy, no referrer.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from eyeline.bot.picture_check import pixels_alone
from eyeline.bot.web_picture.addresses import Address, is_public
from eyeline.bot.web_picture.errors import WebPictureError
from eyeline.bot.web_picture.urls import HTTPS_PORT, checked_redirect, checked_url

MAX_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_HEADERS = {
    "Accept": "image/jpeg, image/png, image/webp",
    "Accept-Encoding": "identity",
    "User-Agent": "Eyeline",
}
_PRIVATE = "That address leads to this machine or a private network, where pictures are not fetched from."


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What is taken.

    Args:
        max_bytes: Of a file.
        max_pixels: Of a picture.
        timeout_s: For all of it, redirects included.
    """

    max_bytes: int = 16 << 20
    max_pixels: int = 24_000_000
    timeout_s: float = 15.0


Lookup = Callable[[str, int], Awaitable[list[str]]]
"""Numeric addresses of a name; raises `OSError` where there are none."""


async def system_lookup(name: str, port: int) -> list[str]:
    """What this machine's resolver says."""
    found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class PictureFetcher:
    """Fetches pictures, each with a session of its own.

    Args:
        limits: What is taken.
        lookup: Finds addresses.
        may_go: Which addresses are gone to.
        port: Of every server.
        tls: Whom to trust; `None` for the system's authorities.
    """

    def __init__(
        self,
        limits: FetchLimits | None = None,
        *,
        lookup: Lookup = system_lookup,
        may_go: Callable[[Address], bool] = is_public,
        port: int = HTTPS_PORT,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits or FetchLimits()
        self._lookup = lookup
        self._may_go = may_go
        self._port = port
        self._tls = tls

    def check(self, text: str) -> URL:
        """Read a URL; nothing is asked of the network.

        Raises:
            WebPictureError: It is not one that is gone to.
        """
        return checked_url(text, port=self._port)

    async def fetch(self, text: str) -> bytes:
        """The picture as a JPEG of its pixels alone.

        Raises:
            WebPictureError: It cannot be had, or may not.
            BackgroundError: It is no picture that is taken.
        """
        try:
            async with asyncio.timeout(self._limits.timeout_s):
                content = await self._content(self.check(text))
        except TimeoutError:
            raise WebPictureError(f"The picture did not come within {self._limits.timeout_s:.0f} s.") from None
        except _ForbiddenAddressError:
            raise WebPictureError(_PRIVATE) from None
        except aiohttp.ClientConnectorCertificateError as error:
            raise WebPictureError("The server cannot prove who it is: its certificate is not good.") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise WebPictureError("The picture's server cannot be reached, or does not speak https.") from error
        return await asyncio.to_thread(pixels_alone, content, self._limits.max_pixels)

    async def _content(self, url: URL) -> bytes:
        connector = aiohttp.TCPConnector(
            resolver=_CheckedResolver(self._lookup, self._may_go),
            socket_factory=self._socket,
            ssl=self._tls or True,
            use_dns_cache=False,
            force_close=True,
        )
        async with aiohttp.ClientSession(
            connector=connector,
            headers=_HEADERS,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None),
        ) as session:
            for _ in range(MAX_REDIRECTS + 1):
                async with session.get(url, allow_redirects=False) as response:
                    if response.status not in _REDIRECTS:
                        return await self._body(response)
                    url = checked_redirect(url, response.headers.get("Location", ""), port=self._port)
        raise WebPictureError(f"The address leads on more than {MAX_REDIRECTS} times.")

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        if response.status != HTTPStatus.OK:
            raise WebPictureError(f"The server has no picture there: it says {response.status}.")
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise WebPictureError("The server sends the picture packed, unasked.")
        too_long = WebPictureError(f"The picture has more than {self._limits.max_bytes / (1 << 20):.0f} MB.")
        if (response.content_length or 0) > self._limits.max_bytes:
            raise too_long
        content = bytearray()
        async for chunk in response.content.iter_any():
            content += chunk
            if len(content) > self._limits.max_bytes:
                raise too_long
        return bytes(content)

    def _socket(self, address: Any) -> socket.socket:
        """The last gate: a socket for this very address and no other, whatever led to it."""
        family, kind, protocol, _, place = address
        if not self._may_go(ipaddress.ip_address(place[0])):
            raise _ForbiddenAddressError(place[0])
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made


class _ForbiddenAddressError(Exception):
    """An address that is not gone to."""


class _CheckedResolver(AbstractResolver):
    """Gives aiohttp the addresses of a name, numeric, so that it looks nothing up by itself.

    One address that may not be gone to spoils all: a name of the public Internet has none.
    """

    def __init__(self, lookup: Lookup, may_go: Callable[[Address], bool]) -> None:
        self._lookup = lookup
        self._may_go = may_go

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        del family
        results = []
        found = await self._lookup(host, port)
        if not found:
            raise OSError(f"{host} has no address")
        for text in found:
            address = ipaddress.ip_address(text)
            if not self._may_go(address):
                raise _ForbiddenAddressError(text)
            results.append(_result(host, port, address))
        return results

    async def close(self) -> None:
        """Nothing is held."""


def _result(host: str, port: int, address: Address) -> ResolveResult:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    return {
        "hostname": host,
        "host": str(address),
        "port": port,
        "family": family,
        "proto": socket.IPPROTO_TCP,
        "flags": socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    }
