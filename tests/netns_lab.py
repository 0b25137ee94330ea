"""Other machines, as network namespaces of this one, with cables to be pulled and throttled and a firewall.

The cables do not end at this machine itself: its addresses are everybody's, and a meeting of another test that took one
of them would break off when the cable is gone. A test that has another machine stands in a namespace of its own.
"""

from __future__ import annotations

import ctypes
import ipaddress
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

_CLONE_NEWNET = 0x40000000


def ip(*arguments: str) -> None:
    """Run `ip`; its last words when it fails."""
    _checked("ip", *arguments)


def _checked(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip() or done.returncode}")
    return done.stdout


@contextmanager
def _standing_in(namespace: str) -> Iterator[None]:
    """Open sockets, begin threads and run programs there, where this is the thread that does so; then come back."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/thread-self/ns/net").open() as home, (Path("/run/netns") / namespace).open() as away:
        _enter(libc, away.fileno())
        try:
            yield
        finally:
            _enter(libc, home.fileno())


def _enter(libc: ctypes.CDLL, descriptor: int) -> None:
    if libc.setns(descriptor, _CLONE_NEWNET):
        raise RuntimeError(f"setns: {os.strerror(ctypes.get_errno())}")


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

    @property
    def metric(self) -> str:
        """What the way out by it costs: the cable with the lowest number is taken."""
        return str(100 + int(self.there.removeprefix("eth")))

    def pull(self) -> None:
        """Out of the other machine: its address is gone, as it is with a cable or a Wi-Fi that is lost."""
        ip("-n", self.namespace, "addr", "flush", "dev", self.there)
        ip("-n", self.namespace, "link", "set", self.there, "down")

    def plug(self) -> None:
        """Into the other machine, with the same address."""
        ip("-n", self.namespace, "link", "set", self.there, "up")
        ip("-n", self.namespace, "addr", "replace", _with_prefix(self.far), "dev", self.there, *_at_once(self.far))
        route = ("default", "via", self.near, "dev", self.there, "metric", self.metric)
        ip("-n", self.namespace, "route", "replace", *route)

    def throttle(self, rate: str, *, queue: str = "300ms", burst: str = "5kb") -> None:
        """Let only so much through towards the other machine, by tc's token bucket; may be changed at any time."""
        limits = ("rate", rate, "burst", burst, "latency", queue)
        _checked("tc", "qdisc", "replace", "dev", self.here, "root", "tbf", *limits)

    def lost(self) -> int:
        """How many packets the throttle dropped."""
        told = _checked("tc", "-s", "qdisc", "show", "dev", self.here)
        return int(told.partition("dropped ")[2].partition(",")[0])


class Machine:
    """Another machine, cabled to this one; a context manager, after which nothing is left of it.

    Within it "this machine" is a second namespace, where the thread that entered it stands meanwhile.

    Args:
        cables: How many there are; all plugged in.
        version: Of IP: 4 or 6. There is none of the other.
        names: What this machine is called there.

    Attributes:
        server: An address of this machine that is reached by every cable.
        aside: An IPv4 address of this machine that no cable leads to.
    """

    def __init__(self, *, cables: int = 1, version: int = 4, names: Sequence[str] = ()) -> None:
        self._names = names
        self.name = f"eyeline-{secrets.token_hex(4)}"
        self.server = _network(version) + ("::1" if version == 6 else ".1")
        self.aside = _network(4) + ".1"
        self.cables = [self._cable(number, version) for number in range(cables)]
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for namespace in (f"{self.name}-here", self.name):
                ip("netns", "add", namespace)
                stack.callback(ip, "netns", "del", namespace)
                ip("-n", namespace, "link", "set", "lo", "up")
            stack.enter_context(_standing_in(f"{self.name}-here"))
            door = f"ey{secrets.token_hex(4)}"
            ip("link", "add", door, "type", "veth", "peer", "name", f"{door}b")
            stack.callback(ip, "link", "del", door)
            if self._names:
                self._write_names(stack)
            for address in (self.server, self.aside):
                alone = f"{address}/{128 if ':' in address else 32}"
                ip("addr", "add", alone, "dev", door, *_at_once(address))
            ip("link", "set", door, "up")
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

    def block_udp(self) -> None:
        """Let no UDP in, without a word to anybody, as firewalls do. For IPv4."""
        rules = _checked("ip", "-n", self.name, "rule", "show").splitlines()
        if not any(rule.startswith("100:") for rule in rules):  # or it was blocked before
            ip("-n", self.name, "rule", "add", "pref", "100", "lookup", "local")
            ip("-n", self.name, "rule", "del", "pref", "0")
        for cable in self.cables:
            ip("-n", self.name, "rule", "add", "pref", "10", "iif", cable.there, "ipproto", "udp", "blackhole")

    def unblock_udp(self) -> None:
        """Let it in again."""
        for cable in self.cables:
            ip("-n", self.name, "rule", "del", "pref", "10", "iif", cable.there, "ipproto", "udp", "blackhole")

    def _write_names(self, stack: ExitStack) -> None:
        """`ip netns exec` lays the files of this folder over those of `/etc`."""
        folder = Path("/etc/netns") / self.name
        folder.mkdir(parents=True)
        stack.callback(shutil.rmtree, folder)
        (folder / "hosts").write_text(f"127.0.0.1 localhost\n{self.server} {' '.join(self._names)}\n")

    def _cable(self, number: int, version: int) -> Cable:
        network, dot = _network(version), "::" if version == 6 else "."
        near, far = f"{network}{dot}1", f"{network}{dot}2"
        return Cable(self.name, f"ey{secrets.token_hex(4)}", f"eth{number}", near, far)


def _network(version: int) -> str:
    """A private one that nobody else is likely to use: 24 bits of IPv4, 64 of IPv6."""
    if version == 6:
        return f"fd{secrets.token_hex(1)}:{':'.join(f'{1 + secrets.randbelow(0xFFFF):x}' for _ in range(3))}"
    return f"10.{200 + secrets.randbelow(54)}.{secrets.randbelow(256)}"


def _with_prefix(address: str) -> str:
    return f"{address}/{64 if ipaddress.ip_address(address).version == 6 else 24}"


def _at_once(address: str) -> tuple[str, ...]:
    """Without looking for a namesake first, which takes IPv6 a second or two."""
    return ("nodad",) if ipaddress.ip_address(address).version == 6 else ()


def missing() -> str:
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


_REASON = missing()
needs_namespaces = pytest.mark.skipif(bool(_REASON), reason=_REASON or "there are namespaces here")
