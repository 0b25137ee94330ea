"""A small HTTP and WebSocket server that does exactly what a test wants, good or bad."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OPEN = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0' from='meet.test' id='s1'/>"
_FEATURES = (
    "<stream:features xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>{}</stream:features>"
)
MECHANISMS = _FEATURES.format(
    "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>ANONYMOUS</mechanism></mechanisms>"
)
BIND = _FEATURES.format("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>")
SUCCESS = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"


@asynccontextmanager
async def serving(
    handler: Handler, tls: ssl.SSLContext | None = None, *, address: str = "127.0.0.1"
) -> AsyncIterator[str]:
    """Serve every path by `handler`; yields the origin."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, address, 0, ssl_context=tls)
    await site.start()
    try:
        port = runner.addresses[0][1]
        host = f"[{address}]" if ":" in address else address
        yield f"{'https' if tls else 'http'}://{host}:{port}"
    finally:
        await runner.cleanup()


async def accept_xmpp(request: web.Request) -> web.WebSocketResponse:
    """Upgrade to XMPP over WebSocket."""
    socket = web.WebSocketResponse(protocols=("xmpp",))
    await socket.prepare(request)
    return socket


async def log_in(socket: web.WebSocketResponse) -> None:
    """Play the server's part of a login, up to the bound resource."""
    await socket.receive_str()
    for frame in (OPEN, MECHANISMS):
        await socket.send_str(frame)
    await socket.receive_str()
    await socket.send_str(SUCCESS)
    await socket.receive_str()
    for frame in (OPEN, BIND):
        await socket.send_str(frame)
    request_id = (await socket.receive_str()).split('id="')[1].split('"')[0]
    await socket.send_str(
        f"<iq xmlns='jabber:client' type='result' id='{request_id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
        "<jid>0123abcd-1111-4222-8333-444455556666@meet.test/res</jid></bind></iq>"
    )


def self_signed_context(folder: Path, address: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """TLS for a server on an address that nobody vouches for, and its certificate as a CA file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "meet.test")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    key_file, certificate_file = folder / "key.pem", folder / "certificate.pem"
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file, key_file)
    return context, certificate_file
