"""Jingle: golden stanzas, the recordings of a real jicofo, and what is malformed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jicofo_rules import refusal
from jitsi_wire import damage, golden, jingle, needs_recordings, patient

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.data_content import DataContent
from eyeline.integrations.jitsi.jingle import (
    SessionInitiate,
    SessionTerminate,
    SourceAdd,
    SourceRemove,
    TransportInfo,
    UnknownAction,
    build_decline,
    build_terminate,
    parse_jingle,
)
from eyeline.integrations.jitsi.rtp_description import Feedback
from eyeline.integrations.jitsi.session_accept import SessionAccept
from eyeline.integrations.jitsi.sources import Source, VideoType
from eyeline.integrations.jitsi.xml import parse_frame, serialize

GOLDEN = ("session-initiate.xml", "session-initiate-data-channel.xml", "source-add.xml", "source-add-without-json.xml")


def offer() -> SessionInitiate:
    action = parse_jingle(golden("session-initiate.xml"))
    assert isinstance(action, SessionInitiate)
    return action


def test_an_offer_is_read() -> None:
    action = offer()
    assert (action.sid, action.initiator) == ("5qk0test1", "focus@auth.meet.test/focus")
    assert action.bridge_session_id == "75fc7cc3-5069-4b1b-bfe2-120509164266"
    assert action.bridge_url == "wss://meet.test/colibri-ws/jvb1/77aa/abcd1234?pwd=s3cret"
    assert action.bundle == ("audio", "video")
    assert [content.kind for content in action.contents] == [MediaKind.AUDIO, MediaKind.VIDEO]
    assert action.transport.fingerprints[0].setup == "actpass"
    assert [(each.type, each.protocol, each.related_port) for each in action.transport.candidates] == [
        ("host", "udp", 0),
        ("srflx", "udp", 10000),
        ("host", "ssltcp", 0),
    ]


def test_a_data_channel_is_read() -> None:
    action = parse_jingle(golden("session-initiate-data-channel.xml"))
    assert isinstance(action, SessionInitiate)
    assert action.bridge_url is None
    assert action.data == DataContent("data", 5000)
    assert [content.name for content in action.contents] == ["audio", "video"]
    assert action.bundle == ("audio", "video", "data")


@pytest.mark.parametrize(
    ("attribute", "value", "complaint"),
    [("number", "70000", "number"), ("number", "", "number"), ("name", "audio", "name")],
)
def test_a_malformed_data_channel_is_refused(attribute: str, value: str, complaint: str) -> None:
    element = golden("session-initiate-data-channel.xml")
    content = list(element.iterfind(ns.qname(ns.JINGLE, "content")))[2]
    changed = content if attribute == "name" else next(content.iter(ns.qname(ns.DTLS_SCTP, "sctpmap")))
    changed.set(attribute, value)
    with pytest.raises(ProtocolError, match=complaint):
        parse_jingle(element)


def test_formats_are_read() -> None:
    video = offer().contents[1].description
    vp8, h264, rtx = (next(each for each in video.payload_types if each.id == number) for number in (100, 107, 96))
    assert (vp8.name, vp8.clock_rate_hz) == ("VP8", 90_000)
    assert Feedback("nack", "pli") in vp8.feedback
    assert h264.fmtp == {"profile-level-id": "42e01f", "level-asymmetry-allowed": "1", "packetization-mode": "1"}
    assert (rtx.repairs, vp8.repairs) == (100, None)
    assert {each.id for each in video.header_extensions} == {10, 3}


def test_sources_of_the_offer_include_the_placeholders() -> None:
    assert [(each.name, each.is_placeholder) for each in offer().sources] == [
        ("jvb-v0", True),
        ("jvb-a0", True),
        ("eeee5555-v0", False),
    ]


def test_sources_are_the_same_from_json_and_from_xml() -> None:
    compact, plain = (parse_jingle(golden(name)) for name in GOLDEN[-2:])
    assert isinstance(compact, SourceAdd)
    assert isinstance(plain, SourceAdd)
    msid = "f916731e-video-0-1 71e2-1"
    camera = Source("f916731e", "f916731e-v0", 917252318, 3996610614, MediaKind.VIDEO, msid)
    sound = Source("f916731e", "f916731e-a0", 2156556084, None, MediaKind.AUDIO, "f916731e-audio-0-1 1ca8-1")
    assert compact.sources[0] == camera
    assert compact.sources[2] == plain.sources[1] == sound
    assert plain.sources[0].video_type is VideoType.DESKTOP
    assert plain.sources[0].rtx_ssrc == camera.rtx_ssrc


def test_removal_is_read_like_addition() -> None:
    element = golden("source-add.xml")
    element.set("action", "source-remove")
    added = parse_jingle(golden("source-add.xml"))
    assert isinstance(added, SourceAdd)
    assert parse_jingle(element) == SourceRemove(added.sid, added.sources)


def test_an_end_is_written_and_read() -> None:
    ours = build_terminate("s1", "connectivity-error", "ICE FAILED", "b-1", restart=True)
    assert parse_jingle(ours) == SessionTerminate("s1", "connectivity-error", "ICE FAILED", "b-1", restart=True)
    assert parse_jingle(build_terminate("s1", "success")) == SessionTerminate("s1", "success")
    assert parse_jingle(build_decline("s2")) == SessionTerminate("s2", "decline")
    assert build_terminate("s1", "success", "", "b-1").find(".//*[@restart]") is None


def test_an_end_is_written_as_on_the_wire() -> None:
    assert serialize(build_terminate("s1", "connectivity-error", "ICE FAILED", "b-1", restart=True)) == (
        '<jingle xmlns="urn:xmpp:jingle:1" action="session-terminate" sid="s1">'
        "<reason><connectivity-error/><text>ICE FAILED</text></reason>"
        '<bridge-session xmlns="http://jitsi.org/protocol/focus" id="b-1" restart="true"/></jingle>'
    )


def test_candidates_may_come_later() -> None:
    element = golden("session-initiate.xml")
    element.set("action", "transport-info")
    action = parse_jingle(element)
    assert isinstance(action, TransportInfo)
    assert len(action.transport.candidates) == 3


def test_an_unknown_action_is_no_error() -> None:
    assert parse_jingle(parse_frame("<jingle xmlns='urn:xmpp:jingle:1' action='dance' sid='1'/>")) == UnknownAction(
        "1", "dance"
    )


def test_a_data_channel_is_passed_over() -> None:
    element = golden("session-initiate.xml")
    data = parse_frame("<content xmlns='urn:xmpp:jingle:1' name='data' creator='initiator' senders='both'/>")
    element.append(data)
    action = parse_jingle(element)
    assert isinstance(action, SessionInitiate)
    assert [content.name for content in action.contents] == ["audio", "video"]


@pytest.mark.parametrize(
    ("where", "attribute", "value", "named"),
    [
        (".", "sid", None, "'sid'"),
        (".", "action", None, "'action'"),
        (".//{*}content", "name", None, "'name'"),
        (".//{*}description", "media", None, "'media'"),
        (".//{*}description", "media", "smell", "smell"),
        (".//{*}payload-type", "id", None, "'id'"),
        (".//{*}payload-type", "id", "128", "128"),
        (".//{*}payload-type", "id", "-1", "-1"),
        (".//{*}payload-type", "name", "a b", "a b"),
        (".//{*}payload-type", "name", "x\r\na=evil", "'name'"),
        (".//{*}payload-type", "clockrate", "fast", "fast"),
        (".//{*}parameter", "value", "1\r\na=candidate:evil", "'value'"),
        (".//{*}rtp-hdrext", "uri", "u\nv", "'uri'"),
        (".//{*}rtp-hdrext", "id", None, "'id'"),
        (".//{*}transport", "ufrag", None, "'ufrag'"),
        (".//{*}transport", "pwd", "", "'pwd'"),
        (".//{*}candidate", "ip", None, "'ip'"),
        (".//{*}candidate", "port", "65536", "65536"),
        (".//{*}candidate", "priority", "99999999999", "99999999999"),
        (".//{*}fingerprint", "hash", None, "'hash'"),
        (".//{*}fingerprint", "setup", "holdconn", "holdconn"),
        (".//{*}web-socket", "url", "https://meet.test/", "bridge channel"),
        (".//{*}web-socket", "url", "wss://[", "bridge channel"),
        (".//{*}web-socket", "url", "wss:///x", "bridge channel"),
    ],
)
def test_what_is_malformed_is_named_in_one_line(where: str, attribute: str, value: str | None, named: str) -> None:
    element = golden("session-initiate.xml")
    found = element if where == "." else element.find(where)
    assert found is not None
    if value is None:
        del found.attrib[attribute]
    else:
        found.set(attribute, value)
    with pytest.raises(ProtocolError) as caught:
        parse_jingle(element)
    assert named in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("missing", ["fingerprint", "transport", "content"])
def test_an_offer_needs_contents_and_a_transport(missing: str) -> None:
    element = golden("session-initiate.xml")
    for parent in list(element.iter()):
        for child in [each for each in parent if each.tag.endswith("}" + missing) and "grouping" not in each.tag]:
            parent.remove(child)
    with pytest.raises(ProtocolError, match="without"):
        parse_jingle(element)


def test_two_contents_of_one_name_are_refused() -> None:
    element = golden("session-initiate.xml")
    for content in element.findall("{urn:xmpp:jingle:1}content"):
        content.set("name", "audio")
    with pytest.raises(ProtocolError, match="one name"):
        parse_jingle(element)


def test_anything_but_jingle_is_refused() -> None:
    with pytest.raises(ProtocolError):
        parse_jingle(parse_frame("<query xmlns='jabber:iq:version'/>"))


@patient
@given(st.data())
def test_a_damaged_stanza_is_read_or_refused(data: st.DataObject) -> None:
    element = golden(data.draw(st.sampled_from(GOLDEN)))
    for _ in range(data.draw(st.integers(1, 4))):
        damage(data, element)
    message = ""
    try:
        parse_jingle(element)
    except ProtocolError as error:
        message = error.message
    assert "\n" not in message


@needs_recordings
def test_every_recorded_offer_is_read() -> None:
    offers = [(file, parse_jingle(element)) for file, element in jingle("session-initiate")]
    assert len(offers) >= 70
    for file, action in offers:
        assert isinstance(action, SessionInitiate), file
        assert {content.kind for content in action.contents} == set(MediaKind), file
        if action.initiator.startswith("focus@"):
            assert action.bridge_url, file
            assert action.bridge_session_id, file
            assert action.transport.candidates, file
            assert any(source.is_placeholder for source in action.sources), file


@needs_recordings
def test_every_recorded_change_of_sources_is_read() -> None:
    changes = [parse_jingle(element) for action in ("source-add", "source-remove") for _, element in jingle(action)]
    assert len(changes) >= 60
    for change in changes:
        assert isinstance(change, SourceAdd | SourceRemove)
        assert change.sources
        for source in change.sources:
            assert source.name.startswith(source.owner)
            assert (source.rtx_ssrc is not None) == (source.kind is MediaKind.VIDEO)


@needs_recordings
def test_every_recorded_end_is_read() -> None:
    ends = [parse_jingle(element) for _, element in jingle("session-terminate")]
    reasons = {end.reason for end in ends if isinstance(end, SessionTerminate)}
    assert reasons == {"success", "decline", "connectivity-error", "expired"}
    assert any(isinstance(end, SessionTerminate) and end.text == "moving" for end in ends)
    assert any(isinstance(end, SessionTerminate) and end.restart and end.bridge_session_id for end in ends)


@needs_recordings
def test_every_recorded_answer_is_read_and_written_with_nothing_lost() -> None:
    answers = list(jingle("session-accept"))
    assert len(answers) >= 60
    for file, element in answers:
        answer = parse_jingle(element)
        assert isinstance(answer, SessionAccept), file
        assert {source.kind for content in answer.contents for source in content.sources} <= set(MediaKind)
        assert parse_jingle(answer.to_element()) == answer, file


@needs_recordings
def test_our_reading_of_jicofos_rules_agrees_with_what_it_refused() -> None:
    refused = {file for file, element in jingle("session-accept") if "different MSIDs" in refusal(element)}
    assert refused == {"11-session-accept-rejected/012-xmpp-py.txt"}
    others = [refusal(element) for file, element in jingle("session-accept") if file not in refused]
    assert set(others) == {""}
