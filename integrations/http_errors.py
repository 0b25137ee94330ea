"""aiohttp's exceptions in Eyeline's words."""

from __future__ import annotations

import aiohttp

from eyeline.config.errors import NetworkError
from eyeline.integrations.errors import CertificateError, UnreachableError

HTTP_ERRORS = (aiohttp.ClientError, OSError, TimeoutError)


def network_error(error: Exception, host: str) -> NetworkError:
    """Say what an exception of a request or of a WebSocket's opening means. Shows no URL: it may hold a token."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            reason = getattr(error.certificate_error, "verify_message", "") or "the check failed"
            return CertificateError(
                f"The certificate of {host} is not trusted: {reason}.",
                hint="Check the host name, or give the CA file of a server of your own.",
            )
        case aiohttp.ClientConnectorDNSError():
            return UnreachableError(f"There is no host {host}.", hint="Check the spelling and your connection.")
        case aiohttp.ClientSSLError():
            return UnreachableError(f"{host} does not speak TLS on that port.", hint="Check the port in the URL.")
        case aiohttp.ClientConnectorError():
            return UnreachableError(
                f"{host} does not take connections: {error.os_error.strerror or 'refused'}.",
                hint="Check the host, the port and your firewall.",
            )
        case TimeoutError():
            return UnreachableError(f"{host} did not answer in time.", hint="Check your connection and try again.")
    return UnreachableError(f"The connection to {host} broke: {type(error).__name__}.", hint="Try again.")
