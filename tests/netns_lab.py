"""Other machines, as network namespaces of this one: with cables that can be pulled, throttled and cut for UDP."""

from __future__ import annotations

import ipaddress
import os
import secrets
import shutil
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Self

import pytest


def ip(*arguments: str) -> None:
    """Run `ip`; its last words when it fails."""
    _checked("ip", *arguments)


def _checked(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip() or done.returncode}")
    return done.stdout


@cache
def _missing() -> str:
    """Why there can be no namespace here; empty where there can."""
    for tool in ("ip", "tc"):
        if shutil.which(tool) is None:
            return f"{tool} of iproute2 is not installed"
    if os.geteuid():
        return "network namespaces need NET_ADMIN, which a plain user has not"
    try:
        with Machine() as machine:
            machine.cables[0].throttle("10mbit")
    except RuntimeError as error:
        return f"this machine makes no network namespaces: {error}"
    return ""


def needs_namespaces(function: object) -> object:
    """Mark a test that needs namespaces; it is skipped with a word where there are none."""
    return pytest.mark.skipif(bool(_missing()), reason=_missing() or "there are namespaces")(function)


@dataclass(frozen=True, slots=True)
class Cable:
    """From this machine to another one.

    Args:
        namespace: Of the other machine.
        here: Name of its end here.
        there: Name of its end there.
        near: Address of its end here, of IPv4 or IPv6.
        far: Address of its end there.
    """

    namespace: str
    here: str
    there: str
    near: str
    far: str

    def pull(self) -> None:
        """Out of the other machine: its address is gone, as it is with a cable or a Wi-Fi that is lost."""
        ip("-n", self.namespace, "addr", "flush", "dev", self.there)
        ip("-n", self.namespace, "link", "set", self.there, "down")

    def plug(self) -> None:
        """Into the other machine, with the same address."""
        ip("-n", self.namespace, "link", "set", self.there, "up")
        ip("-n", self.namespace, "addr", "replace", _with_prefix(self.far), "dev", self.there, *_at_once(self.far))

    def throttle(self, rate: str, *, queue: str = "300ms", burst: str = "5kb") -> None:
        """Let only so much through towards the other machine, by tc's token bucket; may be changed at any time."""
        limits = ("rate", rate, "burst", burst, "latency", queue)
        _checked("tc", "qdisc", "replace", "dev", self.here, "root", "tbf", *limits)

    def lost(self) -> int:
        """How many packets the throttle dropped."""
        told = _checked("tc", "-s", "qdisc", "show", "dev", self.here)
        return int(told.partition("dropped ")[2].partition(",")[0])

    def block_udp(self) -> None:
        """Let no UDP in from the other machine, nor out of it again."""
        _checked("tc", "qdisc", "add", "dev", self.here, "clsact")
        for direction in ("ingress", "egress"):
            for protocol in ("ip", "ipv6"):
                _checked(
                    *("tc", "filter", "add", "dev", self.here, direction, "protocol", protocol),
                    *("flower", "ip_proto", "udp", "action", "drop"),
                )


class Machine:
    """A network namespace that is joined to this one; a context manager, after which nothing is left of it.

    Args:
        cables: How many there are; all plugged in.
        version: Of IP: 4 or 6. There is none of the other.
    """

    def __init__(self, *, cables: int = 1, version: int = 4) -> None:
        self.name = f"eyeline-{secrets.token_hex(4)}"
        self.cables = [self._cable(number, version) for number in range(cables)]
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            ip("netns", "add", self.name)
            stack.callback(ip, "netns", "del", self.name)
            ip("-n", self.name, "link", "set", "lo", "up")
            for cable in self.cables:
                ip("link", "add", cable.here, "type", "veth", "peer", "name", cable.there, "netns", self.name)
                stack.callback(ip, "link", "del", cable.here)
                ip("addr", "add", _with_prefix(cable.near), "dev", cable.here, *_at_once(cable.near))
                ip("link", "set", cable.here, "up")
                cable.plug()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def command(self) -> tuple[str, ...]:
        """What to put before a command that is to run there."""
        return ("ip", "netns", "exec", self.name)

    def _cable(self, number: int, version: int) -> Cable:
        if version == 6:
            network = f"fd{secrets.token_hex(1)}:{secrets.token_hex(2)}:{secrets.token_hex(2)}:{number}"
            near, far = f"{network}::1", f"{network}::2"
        else:
            network = f"10.{200 + secrets.randbelow(54)}.{secrets.randbelow(256)}"
            near, far = f"{network}.1", f"{network}.2"
        return Cable(self.name, f"ey{secrets.token_hex(4)}", f"eth{number}", near, far)


def _with_prefix(address: str) -> str:
    return f"{address}/{64 if ipaddress.ip_address(address).version == 6 else 24}"


def _at_once(address: str) -> tuple[str, ...]:
    """Without looking for a namesake first, which takes IPv6 a second or two."""
    return ("nodad",) if ipaddress.ip_address(address).version == 6 else ()
