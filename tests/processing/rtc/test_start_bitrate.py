"""The hint of a start for the sender."""

from __future__ import annotations

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import SessionDescription

from eyeline.processing.rtc.start_bitrate import with_start_bitrate

CHROMIUM = "\r\n".join(
    [
        "v=0",
        "o=- 46 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;useinbandfec=1",
        "a=rtpmap:63 red/48000/2",
        "a=fmtp:63 111/111",
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97 103 104 116 117 118",
        "a=mid:1",
        "a=rtpmap:96 VP8/90000",
        "a=rtcp-fb:96 goog-remb",
        "a=rtpmap:97 rtx/90000",
        "a=fmtp:97 apt=96",
        "a=rtpmap:103 H264/90000",
        "a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
        "a=rtpmap:104 rtx/90000",
        "a=fmtp:104 apt=103",
        "a=rtpmap:116 red/90000",
        "a=rtpmap:117 rtx/90000",
        "a=fmtp:117 apt=116",
        "a=rtpmap:118 ulpfec/90000",
        "",
    ]
)


def test_every_codec_of_a_browsers_video_gets_the_hint_and_nothing_else() -> None:
    before, after = CHROMIUM.split("\r\n"), with_start_bitrate(CHROMIUM, 2000).split("\r\n")
    added = [line for line in after if line not in before]
    assert added == [
        "a=fmtp:96 x-google-start-bitrate=2000",
        "a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f;x-google-start-bitrate=2000",
    ]
    assert after.index(added[0]) == after.index("a=rtpmap:96 VP8/90000") + 1
    assert len(after) == len(before) + 1


def test_limits_can_be_given_too() -> None:
    hinted = with_start_bitrate(CHROMIUM, 2000, least_kbps=300, most_kbps=4000)
    assert "a=fmtp:96 x-google-start-bitrate=2000;x-google-min-bitrate=300;x-google-max-bitrate=4000\r\n" in hinted


async def test_an_answer_of_aiortc_keeps_its_meaning() -> None:
    offerer, answerer = (RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
    offerer.addTransceiver("audio")
    offerer.addTransceiver("video")
    await offerer.setLocalDescription(await offerer.createOffer())
    await answerer.setRemoteDescription(offerer.localDescription)
    await answerer.setLocalDescription(await answerer.createAnswer())
    plain = answerer.localDescription.sdp
    hinted = with_start_bitrate(plain, 1500)
    await offerer.setRemoteDescription(RTCSessionDescription(hinted, "answer"))
    media = SessionDescription.parse(hinted).media
    codecs = [codec for codec in media[1].rtp.codecs if codec.name != "rtx"]
    assert {codec.name for codec in codecs} == {"VP8", "H264"}
    assert all(codec.parameters["x-google-start-bitrate"] in (1500, "1500") for codec in codecs)
    audio = plain[plain.index("m=audio") : plain.index("m=video")]
    assert audio in hinted
    await offerer.close()
    await answerer.close()


def test_a_description_without_video_stays_as_it_is() -> None:
    audio_only = CHROMIUM[: CHROMIUM.index("m=video")]
    assert with_start_bitrate(audio_only, 2000) == audio_only


def test_bare_line_ends_are_kept() -> None:
    hinted = with_start_bitrate(CHROMIUM.replace("\r\n", "\n"), 2000)
    assert "\r" not in hinted
    assert "a=fmtp:96 x-google-start-bitrate=2000\n" in hinted
