from __future__ import annotations

import contextlib
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jitsi.wire import xmpp_frames

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.xml import MAX_DEPTH, MAX_ELEMENTS, MAX_FRAME_BYTES, parse_frame, serialize

BOMB = "<!DOCTYPE a [<!ENTITY b 'x'><!ENTITY c '&b;&b;&b;&b;'>]><a>&c;</a>"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "malformed"),
        ("hello", "malformed"),
        ("<a>", "malformed"),
        ("<a/><b/>", "malformed"),
        ("<a>&nbsp;</a>", "malformed"),
        ("<x:a/>", "malformed"),
        ("<a b='1' b='2'/>", "malformed"),
        ("<a>\x00</a>", "malformed"),
        ("<a>\ud800</a>", "malformed"),
        (BOMB, "DTD"),
        ("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "DTD"),
        ("<?evil now?><a/>", "processing instruction"),
        ("<a><!-- hi --></a>", "comment"),
        ("<a>" * (MAX_DEPTH + 1) + "</a>" * (MAX_DEPTH + 1), "deeper"),
        (f"<a>{'<b/>' * MAX_ELEMENTS}</a>", "elements"),
        (f"<a>{'b' * MAX_FRAME_BYTES}</a>", "characters"),
    ],
)
def test_refuses_what_xmpp_forbids(text: str, why: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_frame(text)
    assert why in caught.value.message
    assert "\n" not in caught.value.message


def test_reads_names_as_elementtree_does() -> None:
    text = "<a xmlns='urn:x' xml:lang='en'>1<b xmlns='urn:y' c='2'/>3</a>"
    ours, theirs = parse_frame(text), fromstring(text)
    assert [(e.tag, e.attrib, e.text, e.tail) for e in ours.iter()] == [
        (e.tag, e.attrib, e.text, e.tail) for e in theirs.iter()
    ]


def test_writes_default_namespaces_and_no_prefixes() -> None:
    message = Element(ns.qname(ns.CLIENT, "message"), {"to": "a\"b<c>&'", ns.qname(ns.XML, "lang"): "en"})
    body = Element(ns.qname(ns.CLIENT, "body"))
    body.text = "1 < 2 & \x00\x1b3"
    message.extend([body, Element(ns.qname(ns.MUC, "x"))])
    assert serialize(message) == (
        '<message xmlns="jabber:client" to="a&quot;b&lt;c&gt;&amp;\'" xml:lang="en">'
        '<body>1 &lt; 2 &amp; 3</body><x xmlns="http://jabber.org/protocol/muc"/></message>'
    )


@given(st.text())
def test_any_text_is_an_element_or_an_error_of_ours(text: str) -> None:
    for frame in (text, f"<a>{text}</a>", f"<{text}/>"):
        with contextlib.suppress(ProtocolError):
            parse_frame(frame)


@given(st.text(), st.text(), st.text())
def test_what_is_written_can_be_read(text: str, attribute: str, tail: str) -> None:
    element = Element("{urn:x}a", {"b": attribute, "{urn:z}c": "d"})
    child = Element("b")
    child.text, child.tail = text, tail
    element.append(child)
    once = serialize(parse_frame(serialize(element)))
    assert serialize(parse_frame(once)) == once


def test_reads_and_writes_every_recorded_frame(recordings: Path) -> None:
    frames = list(xmpp_frames(recordings))
    assert len(frames) > 1000
    for frame in frames:
        element = parse_frame(frame.text)
        again = parse_frame(serialize(element))
        assert [(e.tag, e.attrib, e.text or "", e.tail or "") for e in element.iter()] == [
            (e.tag, e.attrib, e.text or "", e.tail or "") for e in again.iter()
        ], frame.file
