from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.stanzas import Message
from eyeline.integrations.jitsi.stream_management import MAX_UNCONFIRMED, StreamManagement


def message(number: int) -> Message:
    return Message(to=Jid("meet.test"), id=str(number))


def confirmation(count: int | str) -> Element:
    return Element(ns.qname(ns.SM, "a"), {"h": str(count)})


def enabled(**attributes: str) -> StreamManagement:
    return StreamManagement.of(Element(ns.qname(ns.SM, "enabled"), attributes))


def test_knows_how_long_a_session_is_kept() -> None:
    assert enabled(id="a", resume="true", max="60").resume_id == "a"
    assert enabled(id="a", resume="1", max="45").limit_s == 45
    assert enabled(id="a").resume_id == ""
    assert enabled(resume="true", max="999999").limit_s == 3600
    with pytest.raises(ProtocolError):
        enabled(resume="true", max="long")


def test_keeps_what_is_not_confirmed() -> None:
    management = StreamManagement("a")
    for number in range(5):
        management.sending(message(number))
    management.confirm(confirmation(3))
    assert [each.id for each in management.unconfirmed] == ["3", "4"]
    management.confirm(confirmation(3))
    management.confirm(confirmation(5))
    assert management.unconfirmed == ()
    for bad in (6, 4, "x", -1, 2**32):
        with pytest.raises(ProtocolError):
            management.confirm(confirmation(bad))


def test_asks_now_and_then_and_has_an_end() -> None:
    management = StreamManagement("a")
    asked = sum(management.sending(message(number)) for number in range(MAX_UNCONFIRMED))
    assert asked == MAX_UNCONFIRMED // 20
    assert management.full


def test_counts_what_it_took() -> None:
    management = StreamManagement("a b")
    for _ in range(3):
        management.received()
    assert management.answer().get("h") == "3"
    assert dict(management.resume().items()) == {"previd": "a b", "h": "3"}


def test_counters_begin_again_after_32_bits() -> None:
    management = StreamManagement("a")
    management._confirmed = management._handled = 2**32 - 1
    management.sending(message(1))
    management.received()
    management.confirm(confirmation(0))
    assert management.unconfirmed == ()
    assert management.answer().get("h") == "0"
