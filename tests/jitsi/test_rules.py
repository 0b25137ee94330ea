"""The double's judgement without any network: capabilities, accepts, simulcast, wants, channel messages, RTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from jitsi.wire import xmpp_frames
from jitsi_lab import xml
from jitsi_lab.accept import Accepted, RefusedError, read_accept
from jitsi_lab.allocation import ReceiverSettings, tallest
from jitsi_lab.caps import Capabilities
from jitsi_lab.channel import MalformedMessageError, parse_message
from jitsi_lab.rtp_bytes import RtpHeader, probe_packet, starts_keyframe
from jitsi_lab.sources import Group, Source, SourceSet

RECORDINGS = Path(__file__).resolve().parents[2] / "../shared/jitsi-wire"
needs_recordings = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="recordings of a real Jitsi are not here")


def recorded_accepts() -> Iterator[tuple[str, Element]]:
    for frame in xmpp_frames(RECORDINGS):
        if not frame.from_server and "session-accept" in frame.text:
            jingle = fromstring(frame.text).find(f"{{{xml.JINGLE}}}jingle")
            responder = jingle.get("responder", "")
            # A session between two peers does not go through the focus.
            if responder and "focus" in fromstring(frame.text).get("to", ""):
                yield frame.file, jingle


def endpoint_of(jingle: Element) -> str:
    names = (source.get("name") for source in jingle.iter(f"{{{xml.SSMA}}}source"))
    return next((name.partition("-")[0] for name in names if name), "")


@needs_recordings
def test_accepts_that_jicofo_took_are_taken() -> None:
    taken: dict[str, Accepted] = {
        file: read_accept(jingle, endpoint_of(jingle))
        for file, jingle in recorded_accepts()
        if not file.startswith("11-session-accept-rejected/012")
    }
    assert len(taken) > 20
    chromium = taken["01-two-chromium-no-rewriting/005-xmpp-chrome.txt"]
    assert len(chromium.sources.sources) == 7
    assert chromium.sources.stripped().ssrcs == {950270262, 571699429, 912450918}
    assert {100, 111} <= chromium.payload_types
    assert chromium.transport.setup == "active"


@needs_recordings
def test_the_accept_that_jicofo_refused_is_refused_in_its_words() -> None:
    jingle = dict(recorded_accepts())["11-session-accept-rejected/012-xmpp-py.txt"]
    with pytest.raises(RefusedError) as refusal:
        read_accept(jingle, endpoint_of(jingle))
    assert str(refusal.value) == "SsrcGroup contains sources with different MSIDs: [3630447813, 3421730790]."


@needs_recordings
def test_an_accept_is_refused_for_what_others_use_and_who_sends_it() -> None:
    jingle = dict(recorded_accepts())["04-chromium-and-aiortc/021-xmpp-py.txt"]
    with pytest.raises(RefusedError, match="already used"):
        read_accept(jingle, "55c0909c", taken={1163376302})
    with pytest.raises(RefusedError, match="does not start with the endpoint id"):
        read_accept(jingle, "ffffffff")


@needs_recordings
def test_simulcast_is_spread_as_recorded() -> None:
    jingle = next(j for file, j in recorded_accepts() if file.startswith("12-") and len(list(j.iter())) > 60)
    stripped = read_accept(jingle, endpoint_of(jingle)).sources.stripped()
    msid = "3be2d272-video-0-1 221f9045-9fb1-42de-b76b-14d7dae0a14f-1"
    assert stripped.to_compact()[:2] == [
        [
            {"s": 1456452469, "n": "3be2d272-v0", "m": msid},
            {"s": 78669980, "n": "3be2d272-v0", "m": msid},
        ],
        [["f", 1456452469, 78669980]],
    ]


def test_two_tracks_under_one_msid_are_refused() -> None:
    accept = fromstring(
        f"<jingle xmlns='{xml.JINGLE}'><content name='video'><description xmlns='{xml.RTP}' media='video'>"
        + "".join(
            f"<source xmlns='{xml.SSMA}' ssrc='{ssrc}' name='aaaaaaaa-v{ssrc}'><parameter name='msid' value='s t'/>"
            "</source>"
            for ssrc in (1, 2)
        )
        + f"</description><transport xmlns='{xml.ICE_UDP}' ufrag='u' pwd='p'>"
        f"<fingerprint xmlns='{xml.DTLS}' hash='sha-256' setup='active'>AA</fingerprint></transport></content></jingle>"
    )
    with pytest.raises(RefusedError, match="MSID conflict"):
        read_accept(accept, "aaaaaaaa")


@needs_recordings
def test_capability_hashes_of_the_recordings_are_true() -> None:
    checked = 0
    for frame in xmpp_frames(RECORDINGS):
        query = fromstring(frame.text).find(f"{{{xml.DISCO_INFO}}}query") if "disco#info" in frame.text else None
        if not frame.from_server and query is not None and "#" in query.get("node", "") and len(query):
            assert query.get("node", "").partition("#")[2] == Capabilities.read(query).ver, frame.file
            checked += 1
    assert checked > 10


def test_capability_hash_of_the_standard() -> None:
    # XEP-0115, section 5.2.
    features = {"caps", "disco#info", "disco#items", "muc"}
    exodus = Capabilities(("client/pc//Exodus 0.9.1",), frozenset(f"http://jabber.org/protocol/{f}" for f in features))
    assert exodus.ver == "QgayPKawpkPSDYmwT/WM94uAlu0="


def test_stripping_keeps_sources_without_simulcast() -> None:
    sources = tuple(Source(ssrc, "a-v0", "s t", "video") for ssrc in (1, 2))
    plain = SourceSet(sources, (Group("FID", (1, 2)),))
    assert plain.stripped() == plain


def test_stripping_keeps_the_lowest_layer_of_simulcast() -> None:
    layers = SourceSet(
        tuple(Source(ssrc, "a-v0", "s t", "video") for ssrc in range(1, 7)),
        (Group("SIM", (1, 3, 5)), Group("FID", (1, 2)), Group("FID", (3, 4)), Group("FID", (5, 6))),
    )
    assert layers.stripped() == SourceSet(layers.sources[:2], (Group("FID", (1, 2)),))


def test_wants_start_at_nothing_and_follow_messages() -> None:
    settings = ReceiverSettings()
    assert settings.wanted_heights_px(["a-v0"]) == {"a-v0": 0}
    settings = settings.updated({"defaultConstraints": {"maxHeight": 360}, "constraints": {"b-v0": {"maxHeight": 720}}})
    assert settings.wanted_heights_px(["a-v0", "b-v0"]) == {"a-v0": 360, "b-v0": 720}
    settings = settings.updated({"lastN": 1, "selectedSources": ["b-v0"]})
    assert settings.wanted_heights_px(["a-v0", "b-v0"]) == {"a-v0": 0, "b-v0": 720}
    assert settings.updated({"lastN": 0}).wanted_heights_px(["b-v0"]) == {"b-v0": 0}


def test_the_tallest_want_wins_and_no_limit_is_taller() -> None:
    assert [tallest(wants) for wants in ([], [0, 180], [360, 720], [720, -1])] == [0, 180, 720, -1]


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "[]",
        '{"colibriClass":"Unheard"}',
        '{"colibriClass":"ReceiverVideoConstraints","constraints":{"a-v0":720}}',
        '{"colibriClass":"ReceiverVideoConstraints","lastn":-1}',
        '{"colibriClass":"SourceVideoTypeMessage","sourceName":"a-v0","videoType":"CAMERA"}',
        '{"colibriClass":"EndpointMessage","msgPayload":{}}',
    ],
)
def test_malformed_channel_messages_are_named(text: str) -> None:
    with pytest.raises(MalformedMessageError):
        parse_message(text)


def vp8_packet(*, key: bool, begins: bool = True) -> bytes:
    descriptor = 0x10 if begins else 0
    return bytes([0x80, 100, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, descriptor, 0 if key else 1, 0, 0])


def test_keyframes_are_told_from_others() -> None:
    assert starts_keyframe(vp8_packet(key=True))
    assert not starts_keyframe(vp8_packet(key=False))
    assert not starts_keyframe(vp8_packet(key=True, begins=False))
    h264 = bytes([0x80, 107, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9])
    assert starts_keyframe(h264 + bytes([0x7C, 0x85, 0, 0]))
    assert not starts_keyframe(h264 + bytes([0x7C, 0x05, 0, 0]))
    assert not starts_keyframe(h264 + bytes([0x41, 0, 0, 0]))


def test_probes_are_padding_on_an_ssrc_of_nobody() -> None:
    assert RtpHeader.read(probe_packet(77, 1)) == RtpHeader(41, 77)
    assert RtpHeader.read(b"\x80") is None
