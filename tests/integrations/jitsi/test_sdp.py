"""Jingle to SDP: the text, and whether aiortc takes it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import SessionDescription
from hypothesis import assume, given
from hypothesis import strategies as st
from jitsi_wire import damage, golden, jingle, needs_recordings, patient

from eyeline.integrations.errors import MediaPathError, ProtocolError
from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi.jingle import SessionInitiate, SourceAdd, parse_jingle
from eyeline.integrations.jitsi.sdp import RemoteLine, offer_sdp, remote_mid
from eyeline.integrations.jitsi.sources import Source

CAMERA = Source("eeee5555", "eeee5555-v0", 11, 12, MediaKind.VIDEO)
VOICE = Source("eeee5555", "eeee5555-a0", 13, None, MediaKind.AUDIO)


def offer() -> SessionInitiate:
    action = parse_jingle(golden("session-initiate.xml"))
    assert isinstance(action, SessionInitiate)
    return action


def described(*lines: RemoteLine) -> SessionDescription:
    return SessionDescription.parse(offer_sdp(offer(), lines))


def test_the_offer_is_written_as_expected() -> None:
    lines = offer_sdp(offer(), [RemoteLine(CAMERA)]).splitlines()
    video = lines.index("m=video 9 UDP/TLS/RTP/SAVPF 100 96")
    remote = lines.index("m=video 9 UDP/TLS/RTP/SAVPF 100 96 107 99")
    assert lines[:6] == [
        "v=0",
        "o=- 0 0 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE audio video remote-0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    ]
    for wanted in (
        "a=recvonly",
        "a=mid:video",
        "a=rtcp-mux",
        "a=rtpmap:100 VP8/90000",
        "a=rtcp-fb:100 goog-remb",
        "a=fmtp:96 apt=100",
        "a=ice-ufrag:fr1g",
        "a=ice-pwd:frigpasswordfrigpassword",
        "a=setup:actpass",
        "a=candidate:2 1 udp 1694498815 203.0.113.9 10000 typ srflx raddr 198.51.100.7 rport 10000",
        "a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    ):
        assert wanted in lines[video:remote]
    for wanted in (
        "a=sendonly",
        "a=mid:remote-0",
        "a=ssrc-group:FID 11 12",
        "a=ssrc:11 cname:eeee5555",
        "a=ssrc:12 cname:eeee5555",
        "a=fmtp:107 profile-level-id=42e01f;level-asymmetry-allowed=1;packetization-mode=1",
        "a=fmtp:99 apt=107",
    ):
        assert wanted in lines[remote:]


def test_codecs_that_nobody_decodes_are_not_offered() -> None:
    text = offer_sdp(offer(), [RemoteLine(CAMERA), RemoteLine(VOICE)])
    for unknown in ("AV1", "VP9", "telephone-event", "apt=41", "apt=101", "ssltcp"):
        assert unknown not in text


def test_a_source_that_went_leaves_its_line_in_place() -> None:
    before = described(RemoteLine(CAMERA), RemoteLine(VOICE))
    after = described(RemoteLine(CAMERA, active=False), RemoteLine(VOICE))
    assert [(line.kind, line.rtp.muxId) for line in before.media] == [
        (line.kind, line.rtp.muxId) for line in after.media
    ]
    assert after.media[2].direction == "inactive"
    assert after.media[2].ssrc == []
    assert str(after.media[3]) == str(before.media[3])


def test_a_name_is_never_resolved() -> None:
    asked = offer()
    spy = replace(asked.transport.candidates[0], ip="who-am-i.test")
    text = offer_sdp(replace(asked, transport=replace(asked.transport, candidates=(spy,))))
    assert "who-am-i" not in text


@pytest.mark.parametrize(("kind", "codec"), [(MediaKind.AUDIO, "OPUS"), (MediaKind.VIDEO, "VP8")])
def test_a_meeting_without_our_codec_is_told_apart(kind: MediaKind, codec: str) -> None:
    asked = offer()
    contents = tuple(
        replace(each, description=replace(each.description, payload_types=())) if each.kind is kind else each
        for each in asked.contents
    )
    with pytest.raises(MediaPathError, match=codec):
        offer_sdp(replace(asked, contents=contents))


async def taken_by_aiortc(text: str) -> list[str]:
    """The direction of every line, once aiortc took the offer as one that it answers."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        for kind in ("audio", "video"):
            connection.addTransceiver(kind, "sendonly")
        await connection.setRemoteDescription(RTCSessionDescription(text, "offer"))
        answer = SessionDescription.parse((await connection.createAnswer()).sdp)
        return [line.direction or "" for line in answer.media]
    finally:
        await connection.close()


async def test_aiortc_takes_the_golden_offer() -> None:
    lines = [RemoteLine(CAMERA), RemoteLine(VOICE), RemoteLine(CAMERA, active=False)]
    directions = await taken_by_aiortc(offer_sdp(offer(), lines))
    assert directions == ["sendonly", "sendonly", "recvonly", "recvonly", "inactive"]


async def test_aiortc_takes_an_offer_with_a_data_channel() -> None:
    action = parse_jingle(golden("session-initiate-data-channel.xml"))
    assert isinstance(action, SessionInitiate)
    text = offer_sdp(action, [RemoteLine(CAMERA)])
    kinds = [line.split()[0] for line in text.splitlines() if line.startswith("m=")]
    assert kinds == ["m=audio", "m=video", "m=application", "m=video"]
    assert "a=sctp-port:5000" in text
    assert await taken_by_aiortc(text) == ["sendonly", "sendonly", "", "recvonly"]


@needs_recordings
async def test_aiortc_takes_every_recorded_offer_of_a_bridge() -> None:
    added = [parse_jingle(element) for _, element in jingle("source-add")]
    lines = [RemoteLine(source) for each in added if isinstance(each, SourceAdd) for source in each.sources][:4]
    for file, element in jingle("session-initiate"):
        action = parse_jingle(element)
        assert isinstance(action, SessionInitiate)
        if action.bridge_url is None:
            continue  # from an occupant, past the bridge: declined, never described
        assert (await taken_by_aiortc(offer_sdp(action)))[:2] == ["sendonly", "sendonly"], file
    directions = await taken_by_aiortc(offer_sdp(action, lines))
    assert directions == ["sendonly", "sendonly", *["recvonly"] * len(lines)]


@patient
@given(st.data())
def test_a_damaged_offer_writes_no_line_of_its_own(data: st.DataObject) -> None:
    element = golden("session-initiate.xml")
    for _ in range(data.draw(st.integers(1, 4))):
        damage(data, element)
    try:
        action = parse_jingle(element)
        assume(isinstance(action, SessionInitiate))
        assert isinstance(action, SessionInitiate)
        text = offer_sdp(action, [RemoteLine(CAMERA)] if action.contents[-1].kind is MediaKind.VIDEO else [])
    except (ProtocolError, MediaPathError):
        return
    lines = text.splitlines()
    assert all(re.match("[vostacm]=", line) for line in lines)
    assert sum(line.startswith("m=") for line in lines) <= 3
    assert sum(line.startswith("a=candidate:") for line in lines) <= 3 * len(action.transport.candidates)


def test_lines_have_different_mids() -> None:
    assert len({remote_mid(index) for index in range(100)}) == 100
