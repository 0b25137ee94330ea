"""Which hosts are Zoom's, and which of its clouds they belong to."""

from __future__ import annotations

import re
from typing import Final

DEFAULT_WEB_DOMAIN: Final = "https://zoom.us"

_CLOUDS: Final = {
    "zoom.us": DEFAULT_WEB_DOMAIN,
    "zoom.com": DEFAULT_WEB_DOMAIN,  # the same cloud under its other name
    "zoomgov.com": "https://zoomgov.com",
    "zoom.com.cn": "https://zoom.com.cn",
}
_APIS: Final = {
    "https://zoomgov.com": "https://api.zoomgov.com",
    "https://zoom.com.cn": "https://api.zoom.com.cn",
}
_LABELS: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*")


def web_domain_of(host: str) -> str | None:
    """The web domain that the SDK needs for a meeting of this host, or `None` where the host is not Zoom's.

    Regions (`us02web.zoom.us`) and companies (`acme.zoom.us`) are names within a cloud.

    Args:
        host: Lower case, without port.
    """
    for domain, web_domain in _CLOUDS.items():
        if host.endswith(domain) and _LABELS.fullmatch(host.removesuffix(domain)):
            return web_domain
    return None


def api_of(web_domain: str) -> str:
    """Where that cloud has its REST interface."""
    return _APIS.get(web_domain, "https://api.zoom.us")


def imitates_zoom(host: str) -> bool:
    """Whether a host that is not Zoom's has its name in it."""
    return "zoom" in host and web_domain_of(host) is None
