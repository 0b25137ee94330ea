from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from jitsi.wire import xmpp_frames

from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.services import IceServer, parse_services
from eyeline.integrations.jitsi.xml import parse_frame


def services(*offers: str) -> tuple[IceServer, ...]:
    return parse_services(parse_frame(f"<services xmlns='urn:xmpp:extdisco:2'>{''.join(offers)}</services>"))


def test_orders_routes_by_cost_whatever_the_server_lists_first() -> None:
    account = "username='u' password='geheim'"
    found = services(
        f"<service type='turns' host='t' port='5349' transport='tcp' {account}/>",
        f"<service type='turn' host='t' port='3478' transport='tcp' {account}/>",
        f"<service type='turn' host='t' transport='udp' {account}/>",
        "<service type='stun' host='fd00::1' port='3478'/>",
    )
    assert [server.url for server in found] == [
        "stun:[fd00::1]:3478",
        "turn:t:3478?transport=udp",
        "turn:t:3478?transport=tcp",
        "turns:t:5349?transport=tcp",
    ]
    assert found[1].username == "u"
    assert found[1].credential == "geheim"
    assert "geheim" not in repr(found[1])


def test_leaves_out_what_cannot_be_used() -> None:
    assert not services(
        "<service type='ftp' host='t'/>",
        "<service type='stun'/>",
        "<service type='stun' host='t' port='0'/>",
        "<service type='stun' host='t' port='99999'/>",
        "<service type='turn' host='t?transport=x' transport='udp'/>",
        "<service type='turn' host='t' transport='sctp'/>",
    )


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<&'")),
    st.text("0٣9", max_size=8),
)
def test_any_attributes_are_harmless(host: str, port: str) -> None:
    for server in services(f"<service type='stun' host='{host}' port='{port}'/>"):
        assert " " not in server.url


def test_reads_every_recorded_answer(recordings: Path) -> None:
    tag = ns.qname(ns.EXTDISCO, "services")
    answers = [
        element
        for frame in xmpp_frames(recordings)
        if frame.from_server and (element := parse_frame(frame.text).find(tag)) is not None
    ]
    assert answers
    for answer in answers:
        assert len(parse_services(answer)) == len(answer)
