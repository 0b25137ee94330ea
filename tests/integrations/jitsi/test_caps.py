from __future__ import annotations

from pathlib import Path

from jitsi.wire import xmpp_frames

from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.caps import EYELINE, Capabilities, Identity
from eyeline.integrations.jitsi.xml import parse_frame, serialize


def test_hashes_the_example_of_the_standard() -> None:
    exodus = Capabilities(
        "http://code.google.com/p/exodus",
        frozenset({Identity("client", "pc", "Exodus 0.9.1")}),
        frozenset({ns.CAPS, ns.DISCO_INFO, "http://jabber.org/protocol/disco#items", ns.MUC}),
    )
    assert exodus.ver == "QgayPKawpkPSDYmwT/WM94uAlu0="  # XEP-0115, section 5.2


def test_says_the_same_in_short_and_in_full() -> None:
    presence = EYELINE.presence_element()
    node = f"{presence.get('node')}#{presence.get('ver')}"
    assert all(EYELINE.knows(known) for known in (None, "", EYELINE.node, node))
    assert not EYELINE.knows("urn:other#1")
    reply = EYELINE.disco_element(node)
    assert reply.get("node") == node
    told = Capabilities(
        EYELINE.node,
        frozenset(
            Identity(i.get("category", ""), i.get("type", ""), i.get("name", ""))
            for i in reply.iter(ns.qname(ns.DISCO_INFO, "identity"))
        ),
        frozenset(f.get("var", "") for f in reply.iter(ns.qname(ns.DISCO_INFO, "feature"))),
    )
    assert told.ver == presence.get("ver")
    assert "node" not in EYELINE.disco_element(None).attrib


def test_offers_what_aiortc_can_do_and_nothing_else() -> None:
    text = serialize(EYELINE.disco_element(None))
    for wanted in ("jitsi.org/remb", "json-encoded-sources", "source-name", "rtp:audio", "rtp:video", "rfc:4588"):
        assert wanted in text
    for unwanted in ("jitsi.org/tcc", "ssrc-rewriting", "mid-demux"):
        assert unwanted not in text


def test_every_recorded_hash_is_the_one_that_we_compute(recordings: Path) -> None:
    seen = set()
    for frame in xmpp_frames(recordings):
        query = parse_frame(frame.text).find(ns.qname(ns.DISCO_INFO, "query"))
        node, _, ver = (query.get("node", "") if query is not None else "").partition("#")
        if query is None or not ver or not len(query):
            continue
        caps = Capabilities(
            node,
            frozenset(
                Identity(
                    i.get("category", ""), i.get("type", ""), i.get("name", ""), i.get(ns.qname(ns.XML, "lang"), "")
                )
                for i in query.iter(ns.qname(ns.DISCO_INFO, "identity"))
            ),
            frozenset(f.get("var", "") for f in query.iter(ns.qname(ns.DISCO_INFO, "feature"))),
        )
        assert caps.ver == ver, frame.file
        seen.add(ver)
    assert {"dtzK/3xhISaXUMVg59IpXxdvKyQ=", "x2l1C7RA/H388cMVtfaR8z/wcsg="} <= seen
