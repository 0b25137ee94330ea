"""Where the parts of a Jitsi deployment are, found from a room's URL."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

import aiohttp

from eyeline.integrations.errors import NotAMeetingServerError
from eyeline.integrations.http_errors import HTTP_ERRORS, network_error
from eyeline.integrations.jitsi.config_js import ConfigJs
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.url import JitsiUrl

_MAX_CONFIG_BYTES = 1_000_000
_MAX_REDIRECTS = 5
_TIMEOUT_S = 10
_DOMAIN = re.compile(r"[\w.-]{1,253}|\[[0-9a-fA-F:.]+\]")
_HINT = "Open the link in a browser: is it a Jitsi meeting?"


@dataclass(frozen=True, slots=True)
class Deployment:
    """One Jitsi deployment as a client sees it.

    Args:
        domain: XMPP domain of people who log in, and of the server's services.
        anonymous_domain: XMPP domain of guests where that is another one, or empty.
        muc: Domain of the rooms.
        focus: Address that answers conference requests.
        websocket_url: XMPP over WebSocket, without query.
        conference_request_url: The same by HTTP, or empty where the deployment has none.
        bosh_url: XMPP over HTTP, without query; empty where the deployment has none.
    """

    domain: str
    anonymous_domain: str
    muc: str
    focus: str
    websocket_url: str
    conference_request_url: str
    bosh_url: str = ""

    def login_domain(self, *, is_known: bool) -> str:
        """The domain to log in at: tokens and accounts are for the main one, guests may have one of their own."""
        return self.domain if is_known or not self.anonymous_domain else self.anonymous_domain

    def room(self, url: JitsiUrl) -> Jid:
        """The address of the URL's room."""
        return Jid(self.muc, url.room_node)

    def stream_urls(self, url: JitsiUrl) -> tuple[str, ...]:
        """The stream's URLs for one room, the best first. They hold the token: not for logs."""
        return tuple(self._stream_url(base, url) for base in (self.websocket_url, self.bosh_url) if base)

    def request_url(self, url: JitsiUrl) -> str:
        """Where the room's conference request goes by HTTP, or empty; a front of many shards chooses by its query."""
        base = self.conference_request_url
        return f"{base}{'&' if '?' in base else '?'}room={url.room_node}" if base else ""

    @staticmethod
    def _stream_url(base: str, url: JitsiUrl) -> str:
        query = f"room={url.room_node}"
        if url.tenant:
            query += f"&prefix={url.tenant_node}"
        if url.token:
            query += f"&token={quote(url.token, safe='')}"
        return f"{base}{'&' if '?' in base else '?'}{query}"


@dataclass(frozen=True, slots=True)
class DeploymentOverrides:
    """What a person knows better than `config.js`. Empty means: as found."""

    domain: str = ""
    anonymous_domain: str = ""
    muc: str = ""
    focus: str = ""
    websocket_url: str = ""
    conference_request_url: str = ""
    bosh_url: str = ""

    def apply(self, deployment: Deployment) -> Deployment:
        """The deployment with the overridden parts replaced."""
        given = {name: value for name, value in dataclasses.asdict(self).items() if value}
        return dataclasses.replace(deployment, **given)

    @property
    def complete(self) -> bool:
        """Whether `config.js` could add nothing that matters."""
        return bool(self.domain and self.muc and self.websocket_url)


def guess_deployment(url: JitsiUrl, domain: str) -> Deployment:
    """The parts of a deployment as Jitsi's own set-up names them."""
    subdomain, subdir = _tenant_parts(url)
    return Deployment(
        domain=domain,
        anonymous_domain="",
        muc=f"conference.{subdomain}{domain}",
        focus=f"focus.{domain}",
        websocket_url=_websocket(f"/{subdir}xmpp-websocket", url),
        conference_request_url="",
    )


def parse_config_js(text: str, url: JitsiUrl) -> Deployment:
    """Read a `config.js` that was served for `url`; what it does not say is guessed.

    Raises:
        NotAMeetingServerError: The text names neither a domain nor a way to connect.
    """
    subdomain, subdir = _tenant_parts(url)
    config = ConfigJs(text, {"subdomain": subdomain, "subdir": subdir, "http_host": url.authority})
    found = DeploymentOverrides(
        domain=_domain(config.host("domain")),
        anonymous_domain=_domain(config.host("anonymousdomain")),
        muc=_domain(config.host("muc")),
        focus=_domain(config.host("focus")),
        websocket_url=_websocket(config.value("websocket"), url),
        conference_request_url=_absolute(config.value("conferenceRequestUrl"), url),
        bosh_url=_absolute(config.value("bosh"), url),
    )
    if not (found.domain or found.websocket_url or config.value("bosh")):
        raise NotAMeetingServerError(f"{url.host} has no Jitsi configuration.", hint=_HINT)
    return found.apply(guess_deployment(url, found.domain or url.host))


def _tenant_parts(url: JitsiUrl) -> tuple[str, str]:
    """What Jitsi's web server makes of a tenant: `subdomain` and `subdir` of a `config.js`."""
    if not url.tenant:
        return "", ""
    return f"{url.tenant_node.replace('.', '_')}.", f"{url.tenant_node}/"


def _domain(value: str | None) -> str:
    return value.lower() if value and _DOMAIN.fullmatch(value) else ""


def _absolute(value: str | None, url: JitsiUrl) -> str:
    """Resolve against the deployment; empty when absent or when it would leave TLS."""
    if not value:
        return ""
    try:
        resolved = urljoin(f"{url.origin}/", value)
        parts = urlsplit(resolved)
        _ = parts.port
    except ValueError:
        return ""
    allowed = ("https",) if url.scheme == "https" else ("https", "http")
    return resolved if parts.scheme in allowed and parts.hostname else ""


def _websocket(value: str | None, url: JitsiUrl) -> str:
    as_http = re.sub(r"^ws(?=s?:)", "http", value) if value else None
    return re.sub(r"^http", "ws", _absolute(as_http, url))


async def discover(
    url: JitsiUrl, http: aiohttp.ClientSession, overrides: DeploymentOverrides | None = None
) -> Deployment:
    """Fetch and read the deployment's `config.js`.

    Raises:
        UnreachableError: Unknown host, refused, time-out.
        CertificateError: The certificate is not trusted.
        NotAMeetingServerError: Something answers, but not a Jitsi.
    """
    overrides = overrides or DeploymentOverrides()
    if overrides.complete:
        return overrides.apply(guess_deployment(url, overrides.domain))
    text = await _fetch(f"{url.origin}/{url.tenant_node}/config.js", url, http) if url.tenant else None
    if text is None:
        text = await _fetch(f"{url.origin}/config.js", url, http)
    if text is None or text.lstrip().startswith("<"):
        raise NotAMeetingServerError(f"{url.host} answers, but not as a Jitsi server: no config.js.", hint=_HINT)
    return overrides.apply(parse_config_js(text, url))


async def _fetch(address: str, url: JitsiUrl, http: aiohttp.ClientSession) -> str | None:
    """The file's text, or `None` when it is not there."""
    for _ in range(_MAX_REDIRECTS):
        try:
            timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
            async with http.get(address, allow_redirects=False, timeout=timeout) as response:
                if response.status in (301, 302, 303, 307, 308):
                    address = _redirect(address, response.headers.get("Location", ""), url)
                    continue
                return await _body(response, url) if response.status == 200 else None
        except HTTP_ERRORS as error:
            raise network_error(error, url.host) from error
    raise NotAMeetingServerError(f"{url.host} redirects in circles.", hint=_HINT)


def _redirect(address: str, location: str, url: JitsiUrl) -> str:
    target = _absolute(urljoin(address, location), url)
    if not location or not target:
        raise NotAMeetingServerError(f"{url.host} redirects to an unencrypted or invalid address.", hint=_HINT)
    return target


async def _body(response: aiohttp.ClientResponse, url: JitsiUrl) -> str:
    body = bytearray()
    async for chunk in response.content.iter_chunked(65536):
        body += chunk
        if len(body) > _MAX_CONFIG_BYTES:
            raise NotAMeetingServerError(f"The config.js of {url.host} is larger than 1 MB.", hint=_HINT)
    return body.decode("utf-8", "replace")
