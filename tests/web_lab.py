"""Servers of pictures that speak TLS, with an authority of their own, and names that lead to them."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from eyeline.bot.web_picture.addresses import Address
from eyeline.bot.web_picture.fetch import FetchLimits, PictureFetcher

PUBLIC = "pictures.example"
INSIDE = "inside.example"
PUBLIC_ADDRESS, INSIDE_ADDRESS = "127.0.0.1", "127.0.0.2"
LIMITS = FetchLimits(max_bytes=100_000, max_pixels=1_000_000, timeout_s=3.0)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def png(bgr: tuple[int, int, int] = (0x60, 0x40, 0x20), size_px: tuple[int, int] = (64, 36)) -> bytes:
    """A picture of one colour."""
    done, content = cv2.imencode(".png", np.full((size_px[1], size_px[0], 3), bgr, np.uint8))
    assert done
    return content.tobytes()


@dataclass
class Web:
    """Two servers on one port: one that stands for the public Internet, and one that nobody may reach.

    Attributes:
        names: Addresses by name, or a function that is asked at each look-up.
        answers: What the public server does, by path.
        asked: Paths that the public server was asked for.
        reached: Connections to the server inside; has to stay empty.
        looked_up: Names, in the order in which they were looked up.
    """

    port: int = 0
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    names: dict[str, list[str] | Callable[[], list[str]]] = field(default_factory=dict)
    answers: dict[str, Handler] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)
    reached: list[str] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)

    def url(self, path: str = "/x.png", host: str = PUBLIC) -> str:
        return f"https://{host}:{self.port}{path}"

    def fetcher(self, limits: FetchLimits = LIMITS) -> PictureFetcher:
        """As in the product, but for where the names lead and that `PUBLIC_ADDRESS` counts as public."""
        return PictureFetcher(limits, lookup=self.lookup, may_go=_is_public_here, port=self.port, tls=self.tls)

    async def lookup(self, name: str, port: int) -> list[str]:
        assert port == self.port
        self.looked_up.append(name)
        found = self.names.get(name)
        if found is None:
            raise OSError("no such name")
        return found() if callable(found) else found

    def serve(self, path: str, content: bytes, **headers: str) -> None:
        async def answer(_: web.Request) -> web.Response:
            return web.Response(body=content, headers={name.replace("_", "-"): text for name, text in headers.items()})

        self.answers[path] = answer

    def redirect(self, path: str, location: str, status: int = 302) -> None:
        async def answer(_: web.Request) -> web.Response:
            return web.Response(status=status, headers={"Location": location})

        self.answers[path] = answer

    async def _public(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        answer = self.answers.get(request.path)
        return web.Response(status=404) if answer is None else await answer(request)

    async def _inside(self, request: web.Request) -> web.StreamResponse:
        self.reached.append(request.path)
        return web.Response(body=png())


def _is_public_here(address: Address) -> bool:
    return str(address) == PUBLIC_ADDRESS


@asynccontextmanager
async def running_web(folder: Path) -> AsyncIterator[Web]:
    """Both servers."""
    trusted, serving = authority(folder, (PUBLIC, INSIDE, "localhost"))
    world = Web(tls=trusted)
    world.names = {PUBLIC: [PUBLIC_ADDRESS], INSIDE: [INSIDE_ADDRESS]}
    world.serve("/x.png", png())
    async with AsyncExitStack() as stack:
        for host, handler in ((PUBLIC_ADDRESS, world._public), (INSIDE_ADDRESS, world._inside)):
            server = web.Server(handler)
            runner = web.ServerRunner(server, access_log=None, shutdown_timeout=0.5)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, host, world.port, ssl_context=serving).start()
            world.port = world.port or runner.addresses[0][1]
        yield world


def authority(folder: Path, names: tuple[str, ...]) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Whom to trust, and what a server of these names shows."""
    ca_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = _certificate("An authority", ca_key.public_key(), None, ca_key, "An authority")
    certificate = _certificate(names[0], server_key.public_key(), names, ca_key, "An authority")
    path = folder / "server.pem"
    path.write_bytes(
        server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    trusted = ssl.create_default_context(cadata=ca.public_bytes(serialization.Encoding.PEM).decode())
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(path)
    return trusted, serving


def _certificate(
    name: str,
    key: ec.EllipticCurvePublicKey,
    names: tuple[str, ...] | None,
    issuer_key: ec.EllipticCurvePrivateKey,
    issuer: str,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True)
    )
    if names is not None:
        alternatives = [x509.DNSName(each) for each in names]
        addresses = [x509.IPAddress(ipaddress.ip_address(each)) for each in (PUBLIC_ADDRESS, INSIDE_ADDRESS)]
        builder = builder.add_extension(x509.SubjectAlternativeName([*alternatives, *addresses]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())
