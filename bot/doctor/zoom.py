"""Whether meetings of Zoom can be joined from here, and whose. Only when asked for: it connects to Zoom's server."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from eyeline.bot.doctor.diagnosis import Diagnosis, Level, Patient, bad, of_error, ok, warn
from eyeline.bot.zoom_credentials import ZoomCredentialSource
from eyeline.config.errors import EyelineError
from eyeline.integrations.zoom.credentials import ZoomCredentials
from eyeline.integrations.zoom.errors import ZoomCredentialsError
from eyeline.integrations.zoom.hosts import DEFAULT_WEB_DOMAIN
from eyeline.integrations.zoom.sdk import (
    INSTALL,
    INSTEAD,
    LIBRARIES,
    MODULE,
    apt_line,
    is_installed,
    missing_libraries,
    platform_fault,
)

_PROBE_LIMIT_S: Final = 60.0
_CONNECT_LIMIT_S: Final = 10.0
_REINSTALL: Final = f"Install it anew: pip install --force-reinstall {MODULE.replace('_', '-')}"
_DOCS: Final = "docs/zoom.md says where to get them."

# The SDK prints what it is told, so its outputs are shut before it is imported, and it ends without clean-up.
IMPORT_PROBE: Final = f"""
import json, os
answer, null = os.dup(1), os.open(os.devnull, os.O_WRONLY)
os.dup2(null, 1)
os.dup2(null, 2)
try:
    import {MODULE}
    from importlib.metadata import version
    told = {{"version": version("{MODULE.replace("_", "-")}")}}
except BaseException as error:
    told = {{"error": f"{{type(error).__name__}}: {{error}}"}}
os.write(answer, json.dumps(told).encode())
os._exit(0)
"""


def check_zoom(patient: Patient) -> Iterator[Diagnosis]:
    """The SDK and what it needs, the credentials without showing them, Zoom's server, and what all that opens."""
    yield from _sdk()
    credentials = ZoomCredentialSource(patient.settings.zoom).current()
    app, user = app_of(credentials, time.time()), user_of(credentials, time.time())
    yield app
    yield user
    yield reachability(urlsplit(DEFAULT_WEB_DOMAIN).hostname or "")
    if Level.BAD in (app.level, user.level):
        yield warn("zoom meetings", "None can be joined with these credentials.", "See zoom app and zoom user above.")
    else:
        yield ok("zoom meetings", f"With these credentials: {credentials.reach.value}. Zoom decides; it was not asked.")


def _sdk() -> Iterator[Diagnosis]:
    if fault := platform_fault():
        yield bad("zoom sdk", fault, INSTEAD)
        return
    yield libraries(missing_libraries())
    if not is_installed():
        yield bad("zoom sdk", "It is not installed.", INSTALL)
        return
    yield imported(IMPORT_PROBE)


def libraries(missing: list[str]) -> Diagnosis:
    """What the SDK takes from the system."""
    if missing:
        return bad("zoom libraries", f"The system has no {', '.join(missing)}.", apt_line(missing))
    return ok("zoom libraries", f"All {len(LIBRARIES)} that the SDK takes from the system are there.")


def imported(probe: str) -> Diagnosis:
    """Whether the SDK can be loaded, tried in a process of its own with a home of its own, and none of our settings."""
    with tempfile.TemporaryDirectory(prefix="eyeline-zoom-") as home:  # 0700
        environment = {name: value for name, value in os.environ.items() if not name.startswith("EYELINE_")}
        try:
            told = subprocess.run(  # noqa: S603 - a program of ours
                [sys.executable, "-c", probe],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**environment, "HOME": home},
                timeout=_PROBE_LIMIT_S,
                check=False,
            )
            facts = json.loads(told.stdout)
        except subprocess.TimeoutExpired:
            return bad("zoom sdk", f"It is installed, but does not load within {_PROBE_LIMIT_S:.0f} s.", _REINSTALL)
        except ValueError:
            return bad("zoom sdk", f"It is installed, but crashes when loaded (code {told.returncode}).", _REINSTALL)
    if "error" in facts:
        return bad("zoom sdk", f"It is installed, but cannot be loaded: {facts['error']}.", _REINSTALL)
    return ok("zoom sdk", f"Version {facts['version']} loads.", version=facts["version"])


def app_of(credentials: ZoomCredentials, now_s: float) -> Diagnosis:
    """What we are to Zoom."""
    try:
        token = credentials.sdk_token(now_s)
    except ZoomCredentialsError as error:
        return bad("zoom app", error.message, error.hint)
    except EyelineError as error:
        return of_error("zoom app", error)
    if not credentials.jwt:
        return ok("zoom app", "Client id and secret are there, and make a token for each join. Zoom was not asked.")
    soon = next(token.advice(now_s), None)
    if soon is not None:
        advice = "Give zoom.client_id and the secret instead: then each join has a new one."
        return warn("zoom app", soon.text, advice)
    return ok("zoom app", "The given token for the SDK is well formed, and good for hours. Zoom was not asked.")


def user_of(credentials: ZoomCredentials, now_s: float) -> Diagnosis:
    """Whose tokens there are beside it."""
    given = {
        "a ZAK": credentials.zak,
        "an on-behalf token": credentials.on_behalf_token,
        "an access token": credentials.access_token,
    }
    there = [name for name, value in given.items() if value]
    if not there:
        return ok("zoom user", f"No user's token is given; meetings of other accounts would want one. {_DOCS}")
    try:
        credentials.check(now_s)
    except EyelineError as error:
        return of_error("zoom user", error)
    user_alone = ZoomCredentials(
        zak=credentials.zak, on_behalf_token=credentials.on_behalf_token, access_token=credentials.access_token
    )
    told = [one.text for one in user_alone.advice(now_s)]
    if told:
        return warn("zoom user", " ".join(told), "Give zoom.access_token: then each join fetches a new one.")
    return ok("zoom user", f"There is {' and '.join(there)}. Zoom was not asked.")


def reachability(host: str, port: int = 443, trust: ssl.SSLContext | None = None) -> Diagnosis:
    """Whether a connection with TLS can be made; nothing is sent on it.

    Args:
        host: To connect to.
        port: Of it.
        trust: Whose certificates are trusted; the system's authorities by default.
    """
    context = trust or ssl.create_default_context()
    try:
        with (
            socket.create_connection((host, port), timeout=_CONNECT_LIMIT_S) as plain,
            context.wrap_socket(plain, server_hostname=host),
        ):
            return ok("zoom network", f"{host} answers, and proves who it is.")
    except ssl.SSLCertVerificationError as error:
        advice = "Somebody is in between: a proxy of your network, perhaps. Ask whoever runs it."
        return bad("zoom network", f"{host} cannot prove who it is: {error.verify_message}.", advice)
    except socket.gaierror:
        advice = "Check this machine's connection."
        return bad("zoom network", f"There is no network, or no name server: {host} is not found.", advice)
    except TimeoutError:
        return bad("zoom network", f"{host} does not answer on port {port}.", "A firewall may be in between.")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return bad("zoom network", f"{host} cannot be reached: {reason}.", "Check this machine's connection.")
