"""The double's session-initiate against those of a real jicofo: same elements, same attributes, same constants."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from aiortc import RTCIceCandidate
from jitsi.wire import xmpp_frames
from jitsi_lab import xml
from jitsi_lab.offer import Offer
from jitsi_lab.sources import Source, SourceSet
from jitsi_lab.transport import TransportDescription

RECORDINGS = Path(__file__).resolve().parents[2] / "../shared/jitsi-wire"

REMB = frozenset(
    {"urn:xmpp:jingle:apps:rtp:audio", "urn:xmpp:jingle:apps:rtp:video", "urn:ietf:rfc:4588", "http://jitsi.org/remb"}
)
TCC = REMB | {"http://jitsi.org/tcc"}
VARIABLE = frozenset(
    {"sid", "initiator", "ufrag", "pwd", "url", "foundation", "ip", "port", "priority"}
    | {("candidate", "id"), ("bridge-session", "id")}
)
SHAPELESS = frozenset({"traceparent"})


def shape(of: Element, above: str = "") -> list[str]:
    """One line for each element: path, attributes (those that differ from call to call by name alone). Sorted."""
    name = xml.local_name(of.tag)
    written = (
        f"{key}={'*' if key in VARIABLE or (name, key) in VARIABLE else value}" for key, value in of.attrib.items()
    )
    path = f"{above}/{of.tag}[{' '.join(sorted(written))}]"
    below = (shape(child, path) for child in of if xml.local_name(child.tag) not in SHAPELESS)
    return sorted([path, *(line for lines in below for line in lines)])


def recorded(file: str) -> Element:
    for frame in xmpp_frames(RECORDINGS):
        if frame.file == file and frame.from_server and "session-initiate" in frame.text:
            return fromstring(frame.text)[0]
    raise AssertionError(f"no session-initiate in {file}")


def offer(features: frozenset[str]) -> Element:
    candidate = RTCIceCandidate(1, "1", "192.0.2.1", 10000, 2130706431, "udp", "host")
    transport = TransportDescription("ufrag", "password", "AA:BB", "actpass", (candidate,))
    placeholders = SourceSet(
        (
            Source(1, "jvb-v0", "mixedmslabel mixedlabelvideo0", "video", "camera"),
            Source(2, "jvb-a0", "mixedmslabel mixedlabelaudio0", "audio"),
        )
    )
    offered = Offer("sid", "focus@auth/focus", "id", "ws://x", transport, {"jvb": placeholders}, features)
    return offered.to_jingle()


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="recordings of a real Jitsi are not here")
@pytest.mark.parametrize(
    ("file", "features"),
    [
        ("04-chromium-and-aiortc/021-xmpp-py.txt", REMB),
        ("01-two-chromium-no-rewriting/005-xmpp-chrome.txt", TCC),
    ],
)
def test_offer_has_the_shape_of_the_recorded_one(file: str, features: frozenset[str]) -> None:
    ours, theirs = offer(features), recorded(file)
    assert shape(ours) == shape(theirs)
    message = f"{{{xml.JITMEET}}}json-message"
    expected = json.loads(theirs.findtext(message))
    for number, media in ((1, expected["sources"]["jvb"][0][0]), (2, expected["sources"]["jvb"][2][0])):
        media["s"] = number
    assert json.loads(ours.findtext(message)) == expected


def test_who_cannot_see_is_offered_sound_alone() -> None:
    contents = offer(frozenset({"urn:xmpp:jingle:apps:rtp:audio"})).findall(f"{{{xml.JINGLE}}}content")
    assert [content.get("name") for content in contents] == ["audio"]


def test_retransmission_is_offered_to_who_knows_it() -> None:
    names = [p.get("name") for p in offer(REMB - {"urn:ietf:rfc:4588"}).iter(f"{{{xml.RTP}}}payload-type")]
    assert "rtx" not in names
