from __future__ import annotations

import pytest
from aiortc import RTCPeerConnection
from aiortc.sdp import SessionDescription

from eyeline.processing.rtc.opus_offer import with_in_band_fec


async def test_aiortcs_own_descriptions_wish_for_it() -> None:
    connection = RTCPeerConnection()
    connection.addTransceiver("audio")
    connection.addTransceiver("video")
    before = (await connection.createOffer()).sdp
    await connection.close()
    lines = SessionDescription.parse(with_in_band_fec(before)).media
    opus = next(codec for codec in lines[0].rtp.codecs if codec.name == "opus")
    assert opus.parameters == {"minptime": 10, "useinbandfec": 1}
    others = [codec for codec in [*lines[0].rtp.codecs, *lines[1].rtp.codecs] if codec is not opus]
    assert not any("useinbandfec" in codec.parameters for codec in others)


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_what_is_said_stays(end: str) -> None:
    lines = ["m=audio 9 X 111", "a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=20", "a=rtpmap:0 PCMU/8000", ""]
    sdp = end.join(lines)
    once = with_in_band_fec(sdp)
    assert once == sdp.replace("minptime=20", "minptime=20;useinbandfec=1")
    assert with_in_band_fec(once) == once


def test_without_opus_nothing_changes() -> None:
    sdp = "m=video 9 X 97\r\na=rtpmap:97 VP8/90000\r\n"
    assert with_in_band_fec(sdp) == sdp
