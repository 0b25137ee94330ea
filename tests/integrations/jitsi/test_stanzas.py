from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from jitsi.wire import xmpp_frames

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.stanzas import (
    Iq,
    IqType,
    Message,
    MessageType,
    Presence,
    PresenceType,
    iq_get,
    new_id,
    parse_error,
    parse_stanza,
)
from eyeline.integrations.jitsi.xml import parse_frame, serialize

FOCUS = Jid("conference.meet.test", "room", "focus")


def test_builds_a_request() -> None:
    iq = iq_get(Jid("meet.test"), Element(ns.qname(ns.PING, "ping")))
    assert serialize(iq.to_xml()) == (
        f'<iq xmlns="jabber:client" type="get" id="{iq.id}" to="meet.test"><ping xmlns="urn:xmpp:ping"/></iq>'
    )
    assert new_id() != new_id()


def test_answers_go_back_to_the_sender() -> None:
    request = parse_stanza(
        parse_frame(f"<iq xmlns='jabber:client' type='set' id='7' from='{FOCUS}'><query xmlns='x'/></iq>")
    )
    assert isinstance(request, Iq)
    assert request.result() == Iq(type=IqType.RESULT, id="7", to=FOCUS)
    refusal = parse_stanza(request.error("cancel", "service-unavailable").to_xml())
    assert refusal is not None
    assert refusal.to == FOCUS
    assert parse_error(refusal).condition == "service-unavailable"


def test_a_presence_without_type_means_being_there() -> None:
    assert serialize(Presence(to=FOCUS).to_xml()) == f'<presence xmlns="jabber:client" to="{FOCUS}"/>'
    assert parse_stanza(parse_frame("<presence xmlns='jabber:client'/>")) == Presence()
    odd = parse_stanza(parse_frame("<presence xmlns='jabber:client' type='subscribe'/>"))
    assert isinstance(odd, Presence)
    assert odd.type is PresenceType.OTHER


def test_an_unknown_type_of_message_is_normal() -> None:
    message = parse_stanza(parse_frame("<message xmlns='jabber:client' type='odd'/>"))
    assert message == Message(type=MessageType.NORMAL)


@pytest.mark.parametrize(
    "text",
    [
        "<iq xmlns='jabber:client' type='odd' id='1'/>",
        "<iq xmlns='jabber:client' type='get'/>",
        "<message xmlns='jabber:client' from='@'/>",
    ],
)
def test_refuses_broken_stanzas(text: str) -> None:
    with pytest.raises(ProtocolError):
        parse_stanza(parse_frame(text))


def test_other_elements_are_no_stanzas() -> None:
    assert parse_stanza(parse_frame("<r xmlns='urn:xmpp:sm:3'/>")) is None


def test_an_error_keeps_everything_that_jitsi_hides_in_it() -> None:
    stanza = parse_stanza(
        parse_frame(
            "<presence xmlns='jabber:client' type='error' from='room@conference.meet.test/me'>"
            "<error type='auth' code='407'><registration-required xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
            "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no</text>"
            "<lobbyroom xmlns='http://jitsi.org/jitmeet'>room@lobby.meet.test</lobbyroom></error><lobbyroom/></presence>"
        )
    )
    assert stanza is not None
    error = parse_error(stanza)
    assert (error.kind, error.condition, error.text, error.number) == ("auth", "registration-required", "no", "407")
    lobby = error.detail(ns.qname(ns.JITMEET, "lobbyroom"))
    assert lobby is not None
    assert lobby.text == "room@lobby.meet.test"
    assert error.detail(ns.qname(ns.CLIENT, "lobbyroom")) is not None
    assert "registration-required (no)" in str(error)


def test_an_error_without_an_error_is_still_one() -> None:
    stanza = parse_stanza(parse_frame("<iq xmlns='jabber:client' type='error' id='1'/>"))
    assert stanza is not None
    assert parse_error(stanza).condition == "undefined-condition"


def test_every_recorded_stanza_survives_a_round(recordings: Path) -> None:
    count = 0
    for frame in xmpp_frames(recordings):
        stanza = parse_stanza(parse_frame(frame.text))
        if stanza is None:
            continue
        again = parse_stanza(parse_frame(serialize(stanza.to_xml())))
        assert again is not None
        assert (again.type, again.to, again.sender, again.id) == (stanza.type, stanza.to, stanza.sender, stanza.id)
        assert [serialize(child) for child in again.children] == [serialize(child) for child in stanza.children]
        count += 1
    assert count > 1000
