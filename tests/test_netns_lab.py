from concurrent.futures import ThreadPoolExecutor

from aioice.ice import get_host_addresses
from netns_lab import Machine, needs_namespaces

pytestmark = needs_namespaces


def addresses() -> set[str]:
    return set(get_host_addresses(use_ipv4=True, use_ipv6=False))


def test_others_meet_none_of_its_addresses() -> None:
    before = addresses()
    with ThreadPoolExecutor(1) as others:
        others.submit(addresses).result()  # its thread is there from now on
        with Machine(cables=2) as machine:
            here = {machine.server, machine.aside, *(cable.near for cable in machine.cables)}
            assert here <= addresses()
            assert others.submit(addresses).result() == before
    assert addresses() == before
