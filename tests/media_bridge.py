"""A second aiortc peer that plays the bridge's part towards one member: offers, controls ICE, takes and gives RTP."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import Sequence
from fractions import Fraction
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCIceCandidate,
    RTCIceParameters,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import GroupDescription, MediaDescription, SessionDescription, SsrcDescription
from av import AudioFrame, VideoFrame

from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.jingle import JINGLE, SourceAdd, SourceRemove, parse_jingle
from eyeline.integrations.jitsi.sdp_answer import accept_from_answer
from eyeline.integrations.jitsi.session_accept import SessionAccept
from eyeline.integrations.jitsi.sources import Source, dump_sources

FRAME_S = 1 / 15
RED, GREEN, BLUE = (81, 90, 240), (145, 54, 34), (41, 240, 110)


def has_media_address() -> bool:
    """Whether the machine has an address that ICE uses; loopback is none."""
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)}
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        probe.connect(("192.0.2.1", 9))  # sends nothing; asks the routing table only
        addresses.add(probe.getsockname()[0])
    except OSError:
        pass
    finally:
        probe.close()
    return any(not str(address).startswith(("127.", "::1", "fe80:")) for address in addresses)


class ColorTrack(MediaStreamTrack):
    """One colour of 160x120, at 15 pictures a second, for ever."""

    kind = "video"

    def __init__(self, yuv: tuple[int, int, int]) -> None:
        super().__init__()
        self.read = 0
        self._yuv = yuv

    async def recv(self) -> VideoFrame:
        if self.readyState != "live":
            raise MediaStreamError
        await asyncio.sleep(FRAME_S)
        frame = VideoFrame(160, 120, "yuv420p")
        for plane, value in zip(frame.planes, self._yuv, strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts, frame.time_base = self.read * 6000, Fraction(1, 90_000)
        self.read += 1
        return frame


class ToneTrack(MediaStreamTrack):
    """A tone, 20 ms at a time."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._samples = 0

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        await asyncio.sleep(0.02)
        times = (self._samples + np.arange(960)) / 48_000
        wave = (8000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)
        frame = AudioFrame.from_ndarray(np.repeat(wave, 2).reshape(1, -1), "s16", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, self._samples, Fraction(1, 48_000)
        self._samples += 960
        return frame


def mean_yuv(frame: VideoFrame) -> tuple[float, float, float]:
    """The mean colour of a decoded picture."""
    packed = frame.to_ndarray(format="yuv420p")
    luma = packed[: frame.height]
    chroma = packed[frame.height :].reshape(2, -1)
    return float(luma.mean()), float(chroma[0].mean()), float(chroma[1].mean())


def looks_like(frame: VideoFrame, yuv: tuple[int, int, int]) -> bool:
    """Whether a decoded picture has a colour, but for what coding takes."""
    return all(abs(seen - meant) < 12 for seen, meant in zip(mean_yuv(frame), yuv, strict=True))


class MediaBridge:
    """One bridge endpoint: takes the member's sound and picture, gives the tracks of `others`.

    Args:
        others: Tracks of other members, by source name; every one is sent whether announced or not.
    """

    def __init__(self, others: dict[str, MediaStreamTrack] | None = None) -> None:
        configuration = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        self.connection = RTCPeerConnection(configuration)
        self.audio = self.connection.addTransceiver("audio", "recvonly")
        self.video = self.connection.addTransceiver("video", "recvonly")
        self._others = others or {}
        for track in self._others.values():
            self.connection.addTransceiver(track, "sendonly")
        self.sid = "6fbdtest"
        self._local: SessionDescription | None = None

    async def offer(self, announced: Sequence[str] = (), *, bridge_url: str = "") -> Element:
        """`<jingle action='session-initiate'/>`, in which the sources of these names are listed."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        self._local = SessionDescription.parse(self.connection.localDescription.sdp)
        shape = parse_jingle(_shape(self.sid))
        assert not isinstance(shape, SessionAccept)
        spoken = accept_from_answer(self.connection.localDescription.sdp, shape, "bridge")  # type: ignore[arg-type]
        jingle = Element(JINGLE, {"action": "session-initiate", "sid": self.sid, "initiator": "focus@auth.test/focus"})
        jingle.extend(content.to_element("initiator") for content in spoken.contents)
        if bridge_url:
            for transport in jingle.iter(ns.qname(ns.ICE_UDP, "transport")):
                SubElement(transport, ns.qname(ns.COLIBRI, "web-socket"), {"url": bridge_url})
        SubElement(jingle, ns.qname(ns.FOCUS, "bridge-session"), {"id": "b-1"})
        message = SubElement(jingle, ns.qname(ns.JITMEET, "json-message"))
        message.text = dump_sources([self.placeholder(), *(self.source(name) for name in announced)])
        return jingle

    async def answered(self, accept: Element) -> SessionAccept:
        """Take the member's answer."""
        answer = parse_jingle(accept)
        assert isinstance(answer, SessionAccept)
        assert self._local is not None
        description = SessionDescription()
        description.origin, description.type = "- 0 0 IN IP4 0.0.0.0", "answer"
        description.media = [_answer_line(line, answer, index) for index, line in enumerate(self._local.media)]
        description.group = [GroupDescription("BUNDLE", [line.rtp.muxId for line in description.media])]
        await self.connection.setRemoteDescription(RTCSessionDescription(str(description), "answer"))
        return answer

    def placeholder(self) -> Source:
        """The bridge's own source."""
        return Source("jvb", "jvb-v0", 4161507580, None, MediaKind.VIDEO, "mixedmslabel mixedlabelvideo0")

    def source(self, name: str) -> Source:
        """What jicofo would announce of one of the others."""
        assert self._local is not None
        index = list(self._others).index(name) + 2
        line = self._local.media[index]
        ssrcs = [each.ssrc for each in line.ssrc]
        rtx = ssrcs[1] if len(ssrcs) > 1 else None
        return Source(name.partition("-")[0], name, ssrcs[0], rtx, MediaKind(line.kind), f"s t{index}")

    def source_add(self, *names: str) -> SourceAdd:
        """The others began to send."""
        return SourceAdd(self.sid, tuple(self.source(name) for name in names))

    def source_remove(self, *names: str) -> SourceRemove:
        """The others ceased to send."""
        return SourceRemove(self.sid, tuple(self.source(name) for name in names))

    async def packets(self, kind: MediaKind) -> int:
        """RTP packets received of the member's media of a kind."""
        transceiver = self.video if kind is MediaKind.VIDEO else self.audio
        stats: Any = await transceiver.receiver.getStats()
        return sum(each.packetsReceived for each in stats.values() if each.type == "inbound-rtp")

    def lose(self, every: int, payload_type: int) -> None:
        """Lose one of so many packets of a format on the way to the member."""
        transport = self.video.receiver.transport
        send, count = transport._send_rtp, itertools.count(1)

        async def send_most(data: bytes) -> None:
            if data[1] & 0x7F != payload_type or next(count) % every:
                await send(data)

        transport._send_rtp = send_most  # type: ignore[method-assign]

    async def close(self) -> None:
        """Hang up."""
        await self.connection.close()


def _shape(sid: str) -> Element:
    """An offer that says no more than what the contents are called."""
    jingle = Element(JINGLE, {"action": "session-initiate", "sid": sid})
    for kind in ("audio", "video"):
        content = SubElement(jingle, ns.qname(ns.JINGLE, "content"), {"name": kind})
        SubElement(content, ns.qname(ns.RTP, "description"), {"media": kind})
        transport = SubElement(content, ns.qname(ns.ICE_UDP, "transport"), {"ufrag": "u", "pwd": "p"})
        SubElement(transport, ns.qname(ns.DTLS, "fingerprint"), {"hash": "sha-256", "setup": "actpass"}).text = "00"
    return jingle


def _answer_line(offered: MediaDescription, answer: SessionAccept, index: int) -> MediaDescription:
    content = next(each for each in answer.contents if each.kind.value == offered.kind)
    sent = content.transport
    assert sent is not None
    spoken = {payload_type.id for payload_type in content.description.payload_types}
    line = MediaDescription(offered.kind, 9, offered.profile, [pt for pt in offered.fmt if pt in spoken])
    line.rtp.codecs = [codec for codec in offered.rtp.codecs if codec.payloadType in spoken]
    line.rtp.headerExtensions = offered.rtp.headerExtensions
    line.rtp.muxId = offered.rtp.muxId
    line.rtcp_host, line.rtcp_port, line.rtcp_mux = "0.0.0.0", 9, True
    line.direction = "recvonly" if index > 1 else "sendonly" if content.sources else "inactive"
    if index < 2:
        line.ssrc = [
            SsrcDescription(ssrc, cname="member")
            for source in content.sources
            for ssrc in (source.ssrc, source.rtx_ssrc)
            if ssrc is not None
        ]
    _copy_transport(line, answer)
    return line


def _copy_transport(line: MediaDescription, answer: SessionAccept) -> None:
    sent = answer.contents[0].transport
    assert sent is not None
    line.ice = RTCIceParameters(usernameFragment=sent.ufrag, password=sent.pwd)
    line.ice_candidates = [
        RTCIceCandidate(
            component=each.component,
            foundation=each.foundation,
            ip=each.ip,
            port=each.port,
            priority=each.priority,
            protocol=each.protocol,
            type=each.type,
        )
        for each in sent.candidates
    ]
    line.ice_candidates_complete = True
    line.dtls = RTCDtlsParameters([RTCDtlsFingerprint(each.hash, each.value) for each in sent.fingerprints], "client")
