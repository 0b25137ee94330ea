from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.jitsi.jid import Jid


@pytest.mark.parametrize(
    ("text", "jid"),
    [
        ("meet.test", Jid("meet.test")),
        ("room@conference.meet.test", Jid("conference.meet.test", "room")),
        ("room@conference.meet.test/a@b/c", Jid("conference.meet.test", "room", "a@b/c")),
    ],
)
def test_takes_an_address_apart_and_puts_it_together(text: str, jid: Jid) -> None:
    assert Jid.parse(text) == jid
    assert str(jid) == text
    assert not jid.bare.resource
    assert jid.with_resource("x").resource == "x"


@pytest.mark.parametrize("text", ["", "@meet.test", "a@b@c", "room@", "/res", "a" * 2000])
def test_refuses_what_is_no_address(text: str) -> None:
    with pytest.raises(ProtocolError):
        Jid.parse(text)


@given(st.text())
def test_any_text_is_an_address_or_an_error_of_ours(text: str) -> None:
    try:
        jid = Jid.parse(text)
    except ProtocolError:
        return
    assert Jid.parse(str(jid)) == jid
