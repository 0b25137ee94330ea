"""SDP to the Jingle answer: what jicofo checks."""

from __future__ import annotations

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from jicofo_rules import refusal
from jitsi_wire import DATA, golden, jingle, needs_recordings

from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.jingle import SessionInitiate, parse_jingle
from eyeline.integrations.jitsi.sdp import offer_sdp
from eyeline.integrations.jitsi.sdp_answer import accept_from_answer
from eyeline.integrations.jitsi.session_accept import SessionAccept
from eyeline.integrations.jitsi.sources import Source, VideoType

ANSWER = (DATA / "answer.sdp").read_text()


def offer() -> SessionInitiate:
    action = parse_jingle(golden("session-initiate.xml"))
    assert isinstance(action, SessionInitiate)
    return action


def accepted(answer_sdp: str = ANSWER) -> SessionAccept:
    return accept_from_answer(answer_sdp, offer(), "abcd1234", responder="u@meet.test/r")


def test_sources_are_named_after_us_and_share_one_msid() -> None:
    audio, video = accepted().contents
    assert audio.sources == (
        Source("abcd1234", "abcd1234-a0", 4085500252, None, MediaKind.AUDIO, "abcd1234-audio-0-1 1111-audio-1"),
    )
    msid = "abcd1234-video-0-1 2222-video-1"
    camera = VideoType.CAMERA
    assert video.sources == (Source("abcd1234", "abcd1234-v0", 1163376302, 2124569214, MediaKind.VIDEO, msid, camera),)


def test_formats_and_transport_are_those_of_the_answer() -> None:
    video = accepted().contents[1]
    assert [(each.id, each.name, each.repairs) for each in video.description.payload_types] == [
        (100, "VP8", None),
        (96, "rtx", 100),
    ]
    assert video.transport is not None
    assert [(each.hash, each.setup) for each in video.transport.fingerprints] == [("sha-256", "active")]
    assert [(each.type, each.related_ip, each.related_port) for each in video.transport.candidates] == [
        ("host", "", 0),
        ("relay", "192.0.2.2", 42388),
    ]


def test_the_xml_is_what_jicofo_takes() -> None:
    element = accepted().to_element()
    assert refusal(element) == ""
    assert element.attrib == {
        "action": "session-accept",
        "sid": "5qk0test1",
        "initiator": "focus@auth.meet.test/focus",
        "responder": "u@meet.test/r",
    }
    group = element.find(ns.qname(ns.GROUPING, "group"))
    assert group is not None
    assert [each.get("name") for each in group] == ["audio", "video"]
    assert parse_jingle(element) == accepted()


def test_a_retransmission_with_a_msid_of_its_own_would_be_refused() -> None:
    element = accepted().to_element()
    parameters = list(element.iter(ns.qname(ns.SSMA, "parameter")))
    parameters[-1].set("value", "abcd1234-video-0-1 another-1")
    assert "different MSIDs" in refusal(element)


def test_a_data_channel_is_accepted_with_the_transport_of_the_others() -> None:
    offer = parse_jingle(golden("session-initiate-data-channel.xml"))
    assert isinstance(offer, SessionInitiate)
    answer = accept_from_answer(ANSWER, offer, "abcd1234")
    element = answer.to_element()
    assert refusal(element) == ""
    assert parse_jingle(element) == answer
    group = element.find(ns.qname(ns.GROUPING, "group"))
    assert group is not None
    assert [each.get("name") for each in group] == ["audio", "video", "data"]
    sctp_map = element.find(f".//{ns.qname(ns.DTLS_SCTP, 'sctpmap')}")
    assert sctp_map is not None
    assert sctp_map.attrib == {"number": "5000", "protocol": "webrtc-datachannel", "streams": "0"}


def test_a_line_on_which_nothing_is_sent_has_no_source() -> None:
    silent = ANSWER.replace("a=sendonly", "a=inactive", 1)
    audio, video = accepted(silent).contents
    assert audio.sources == ()
    assert len(video.sources) == 1


def test_an_answer_without_credentials_is_an_error_of_the_library() -> None:
    with pytest.raises(ValueError, match="without ICE"):
        accepted(ANSWER.replace("a=ice-pwd:XQT6QEKRjFDDTnOqxIUuDH\n", ""))


@needs_recordings
async def test_the_answer_to_every_recorded_offer_is_one_that_jicofo_takes() -> None:
    for file, element in jingle("session-initiate"):
        action = parse_jingle(element)
        assert isinstance(action, SessionInitiate)
        if action.bridge_url is None:
            continue
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        try:
            for kind in ("audio", "video"):
                connection.addTransceiver(kind, "sendonly")
            await connection.setRemoteDescription(RTCSessionDescription(offer_sdp(action), "offer"))
            answer = await connection.createAnswer()
        finally:
            await connection.close()
        accept = accept_from_answer(answer.sdp, action, "abcd1234").to_element()
        assert refusal(accept) == "", file
        offers_repair = any(each.repairs for each in action.contents[1].description.payload_types)
        names = [each.get("name") for each in accept.iter(ns.qname(ns.RTP, "payload-type"))]
        assert names == ["opus", "VP8", *(["rtx"] if offers_repair else [])], file
        groups = list(accept.iter(ns.qname(ns.SSMA, "ssrc-group")))
        assert len(groups) == int(offers_repair), file
