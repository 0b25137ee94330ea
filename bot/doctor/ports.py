"""Whether the pages and the interface of this machine find their ports free."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator

from eyeline.bot.doctor.diagnosis import Diagnosis, Patient, ok, warn


def check_ports(patient: Patient) -> Iterator[Diagnosis]:
    """Those of the preview, of the page that sends a browser's camera, and of the REST interface."""
    settings = patient.settings
    taken: dict[tuple[str, int], str] = {}
    for name, group in (("preview", settings.preview), ("ingest", settings.ingest), ("api", settings.api)):
        address = group.host, group.port
        what = f"{name} port"
        if group.port == 0:
            yield ok(what, "Any free one.")
        elif address in taken:
            advice = f"Set {name}.port to another number, or to 0 for any free one."
            yield warn(what, f"{group.host}:{group.port} is also {taken[address]}'s.", advice)
        else:
            taken[address] = name
            yield _port(name, *address)


def _port(name: str, host: str, port: int) -> Diagnosis:
    what = f"{name} port"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            if sys.platform != "win32":  # there it would let two programs have one port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        advice = f"End what has it (another Eyeline?), or set {name}.port, 0 for any free one."
        return warn(what, f"{host}:{port} cannot be had: {error.strerror or error}.", advice)
    return ok(what, f"{host}:{port} is free.")
