"""What jicofo refuses: the checks of a session-accept and of added sources, with jicofo's own words where recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from aiortc import RTCIceCandidate

from jitsi_lab import xml
from jitsi_lab.offer import PAYLOAD_NAMES
from jitsi_lab.sources import Group, Source, SourceSet, sources_in
from jitsi_lab.transport import TransportDescription

MAX_SSRCS_PER_MEMBER = 20
MAX_GROUPS_PER_MEMBER = 20


class RefusedError(Exception):
    """jicofo would answer this with `bad-request`."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a member accepted with.

    Args:
        transport: Its end of the media path.
        sources: What it will send.
        payload_types: What it can receive and may send.
    """

    transport: TransportDescription
    sources: SourceSet
    payload_types: frozenset[int]


def read_accept(jingle: Element, endpoint_id: str, taken: Iterable[int] = ()) -> Accepted:
    """Check a session-accept.

    Args:
        jingle: The Jingle element.
        endpoint_id: Who sent it.
        taken: SSRCs that the other members use.

    Raises:
        RefusedError: jicofo would not take it.
    """
    transport = _read_transport(jingle)
    payload_types = _read_payload_types(jingle)
    sources = read_sources(jingle)
    check_sources(SourceSet(), sources, endpoint_id, taken)
    return Accepted(transport, sources, payload_types)


def read_sources(jingle: Element) -> SourceSet:
    """The sources of a Jingle element.

    Raises:
        RefusedError: An SSRC is not a number.
    """
    try:
        return sources_in(jingle)
    except ValueError as error:
        raise RefusedError(f"Invalid SSRC: {error}") from error


def check_sources(present: SourceSet, added: SourceSet, endpoint_id: str, taken: Iterable[int] = ()) -> None:
    """Check sources that a member adds to those it has.

    Raises:
        RefusedError: jicofo would not take them.
    """
    if len(present.sources) + len(added.sources) > MAX_SSRCS_PER_MEMBER:
        raise RefusedError(f"Limit of {MAX_SSRCS_PER_MEMBER} SSRCs per user exceeded.")
    if len(present.groups) + len(added.groups) > MAX_GROUPS_PER_MEMBER:
        raise RefusedError(f"Limit of {MAX_GROUPS_PER_MEMBER} SSRC groups per user exceeded.")
    used = set(taken) | present.ssrcs
    for source in added.sources:
        _check_source(source, endpoint_id, used)
        used.add(source.ssrc)
    by_ssrc = {source.ssrc: source for source in (present + added).sources}
    for group in added.groups:
        _check_group(group, by_ssrc)
    _check_msids(present + added)


def _check_source(source: Source, endpoint_id: str, used: set[int]) -> None:
    if not 0 < source.ssrc < 2**32:
        raise RefusedError(f"Invalid SSRC: {source.ssrc}")
    if source.ssrc in used:
        raise RefusedError(f"SSRC already used: {source.ssrc}")
    if not source.name.startswith(f"{endpoint_id}-"):
        raise RefusedError(f"Source name {source.name!r} does not start with the endpoint id {endpoint_id}")
    if not source.msid:
        raise RefusedError("Required parameter missing: msid")


def _check_group(group: Group, by_ssrc: Mapping[int, Source]) -> None:
    unknown = [ssrc for ssrc in group.ssrcs if ssrc not in by_ssrc]
    if unknown or not group.ssrcs:
        raise RefusedError(f"SsrcGroup contains unknown sources: {unknown}")
    if group.semantics == "FID" and len(group.ssrcs) != 2:
        raise RefusedError(f"FID group with {len(group.ssrcs)} sources")
    if len({by_ssrc[ssrc].msid for ssrc in group.ssrcs}) > 1:
        listed = ", ".join(str(ssrc) for ssrc in group.ssrcs)
        raise RefusedError(f"SsrcGroup contains sources with different MSIDs: [{listed}].")


def _check_msids(sources: SourceSet) -> None:
    """Sources of one msid must hang together by groups, or they are two tracks with one name."""
    together: dict[int, frozenset[int]] = {s.ssrc: frozenset({s.ssrc}) for s in sources.sources}
    for group in sources.groups:
        union = frozenset[int]().union(*(together[ssrc] for ssrc in group.ssrcs))
        together |= dict.fromkeys(union, union)
    owner: dict[tuple[str, str], frozenset[int]] = {}
    for source in sources.sources:
        tied = together[source.ssrc]
        if owner.setdefault((source.kind, source.msid), tied) != tied:
            raise RefusedError(f"MSID conflict: {source.msid!r} is used by sources of no common group")


def _read_payload_types(jingle: Element) -> frozenset[int]:
    payloads = jingle.findall(f"{{{xml.JINGLE}}}content/{{{xml.RTP}}}description/{{{xml.RTP}}}payload-type")
    numbers = {int(payload.get("id", "-1")): payload.get("name", "") for payload in payloads}
    foreign = {n: name for n, name in numbers.items() if PAYLOAD_NAMES.get(n, "").lower() != name.lower()}
    if foreign:
        raise RefusedError(f"Payload types that were not offered: {foreign}")
    return frozenset(numbers)


def _read_transport(jingle: Element) -> TransportDescription:
    transport = jingle.find(f"{{{xml.JINGLE}}}content/{{{xml.ICE_UDP}}}transport")
    fingerprint = None if transport is None else transport.find(f"{{{xml.DTLS}}}fingerprint")
    if transport is None or not transport.get("ufrag") or not transport.get("pwd"):
        raise RefusedError("No ICE credentials")
    if fingerprint is None or not fingerprint.text or fingerprint.get("hash") != "sha-256":
        raise RefusedError("No SHA-256 fingerprint")
    if fingerprint.get("setup") not in ("active", "passive"):
        raise RefusedError(f"An answer cannot have setup={fingerprint.get('setup')!r}")
    return TransportDescription(
        transport.get("ufrag", ""),
        transport.get("pwd", ""),
        fingerprint.text.strip(),
        fingerprint.get("setup", ""),
        tuple(_candidate(item) for item in transport.findall(f"{{{xml.ICE_UDP}}}candidate")),
    )


def read_candidates(jingle: Element) -> tuple[RTCIceCandidate, ...]:
    """The candidates of a transport-info.

    Raises:
        RefusedError: One is malformed.
    """
    path = f"{{{xml.JINGLE}}}content/{{{xml.ICE_UDP}}}transport/{{{xml.ICE_UDP}}}candidate"
    return tuple(_candidate(item) for item in jingle.findall(path))


def _candidate(item: Element) -> RTCIceCandidate:
    try:
        return RTCIceCandidate(
            component=int(item.attrib["component"]),
            foundation=item.attrib["foundation"],
            ip=item.attrib["ip"],
            port=int(item.attrib["port"]),
            priority=int(item.attrib["priority"]),
            protocol=item.attrib["protocol"],
            type=item.attrib["type"],
        )
    except (KeyError, ValueError) as error:
        raise RefusedError(f"Malformed candidate: {xml.excerpt(item)}") from error
