"""Which URLs are gone to: https, a name, nothing that could be read in two ways."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from yarl import URL

from eyeline.bot.web_picture.errors import WebPictureError

MAX_URL_CHARS = 2000
HTTPS_PORT = 443
_PLAIN = re.compile(r"[!#-;=?-\[\]_a-z~\u00a1-\U0010ffff]+", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?=[a-z])[a-z0-9-]{1,62}[a-z0-9]", re.IGNORECASE)
_LOCAL = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "onion")


def checked_redirect(base: URL, location: str, *, port: int = HTTPS_PORT) -> URL:
    """Read where a redirect leads.

    Args:
        base: What was asked for.
        location: As the server says it, whole or as seen from `base`.
        port: As of `checked_url`.

    Raises:
        WebPictureError: It leads nowhere, or where nobody goes.
    """
    if not _PLAIN.fullmatch(location):
        raise WebPictureError("The address leads on to nowhere.")
    return checked_url(location if _SCHEME.match(location) else urljoin(str(base), location), port=port)


def checked_url(text: str, *, port: int = HTTPS_PORT) -> URL:
    """Read a URL.

    Args:
        text: As somebody wrote it, or a redirect has it.
        port: The only one that is gone to.

    Raises:
        WebPictureError: It is none, or not one that is gone to.
    """
    if len(text) > MAX_URL_CHARS or not _PLAIN.fullmatch(text) or "\\" in text:
        raise WebPictureError("That is no address of a picture.", hint="Example: https://example.org/beach.jpg")
    try:
        url = URL(text)
        name, its_port = url.raw_host or "", url.port
    except ValueError:
        raise WebPictureError("That is no address of a picture.") from None
    if url.scheme != "https":
        raise WebPictureError("Only https addresses are taken.")
    if "@" in urlsplit(text).netloc:
        raise WebPictureError("An address with a user name or a password is not taken.")
    if its_port != port:
        raise WebPictureError("An address with a port of its own is not taken.")
    if not _NAME.fullmatch(name) or len(name) > 253 or name.lower().rpartition(".")[2] in _LOCAL:
        raise WebPictureError("The address must have the public name of a server, not a number or a local name.")
    return url.with_fragment(None)
