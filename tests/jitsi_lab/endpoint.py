"""One member as the bridge knows it: media path, channel, what it sends and what it wants."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiortc.rtp import RTCP_PSFB_PLI, RtcpPsfbPacket

from jitsi_lab.allocation import ReceiverSettings
from jitsi_lab.channel import BridgeChannel, MalformedMessageError
from jitsi_lab.data_channel import SCTP_PORT, DataChannelEnd
from jitsi_lab.projection import Projection, SimulcastSource
from jitsi_lab.rtp_bytes import probe_packet, starts_keyframe
from jitsi_lab.sources import Source, SourceSet
from jitsi_lab.transport import MediaTransport, TransportDescription

KEYFRAME_RETRY_S = 0.5
PROBES = 5

EndpointPacket = Callable[["Endpoint", bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Stream:
    """What the bridge does with one SSRC.

    Args:
        source: What it is.
        main: The SSRC of the layer: its own, or for a retransmission that of the media.
        forwarded: Whether receivers know the SSRC; of simulcast only the lowest.
    """

    source: Source
    main: int
    forwarded: bool


class Endpoint:
    """One member.

    Args:
        endpoint_id: Jitsi's endpoint id.
        address: IPv4 address to be reached at.
        on_rtp: Takes each decrypted RTP packet.
        on_rtcp: Takes each decrypted compound RTCP packet.
    """

    def __init__(self, endpoint_id: str, address: str, on_rtp: EndpointPacket, on_rtcp: EndpointPacket) -> None:
        self.id = endpoint_id
        self.password = secrets.token_urlsafe(18)
        self.transport = MediaTransport(address, lambda data: on_rtp(self, data), lambda data: on_rtcp(self, data))
        self.channel: BridgeChannel | None = None
        self.data: DataChannelEnd | None = None
        self.settings = ReceiverSettings()
        self.payload_types: frozenset[int] = frozenset()
        self.force_muted: set[str] = set()
        self.streams: dict[int, Stream] = {}
        self.forwarded_names: tuple[str, ...] = ()
        self.wanted_px: dict[str, int] = {}
        self.simulcast: dict[int, SimulcastSource] = {}
        self.projections: dict[int, Projection] = {}  # by the lowest SSRC of others' sources
        self._idle_names: set[str] = set()  # sources whose video type is `none`
        self._told_heights_px: dict[str, int] = {}
        self._decodable: set[int] = set()  # SSRCs of others whose keyframe this member got
        self._keyframe_asked_at_s: dict[int, float] = {}

    async def describe(self) -> TransportDescription:
        """Open the socket; what a session-initiate says about it."""
        return await self.transport.gather()

    async def connect(self, remote: TransportDescription, placeholder_ssrc: int) -> None:
        """Open the media path and probe it as the real bridge does, on an SSRC that belongs to nobody."""
        if self.data is not None:
            await self.data.listen()
        await self.transport.connect(remote)
        for number in range(PROBES):
            await self.transport.send(probe_packet(placeholder_ssrc, number))

    @property
    def sctp_port(self) -> int | None:
        """Where the data channel is, for the offer."""
        return SCTP_PORT if self.data is not None else None

    async def close_channels(self) -> None:
        """Close the channel as at the end of a session; a data channel ends with the media path."""
        if self.channel is not None:
            await self.channel.close()
        if self.data is not None:
            await self.data.close()

    def abort_channels(self) -> None:
        """Cut the channel in use without a farewell."""
        if self.channel is not None:
            self.channel.abort()

    def publish(self, sources: SourceSet) -> None:
        """Set what this member sends; RTP of other SSRCs is dropped."""
        forwarded = sources.stripped().ssrcs
        main = {g.ssrcs[1]: g.ssrcs[0] for g in sources.groups if g.semantics == "FID" and len(g.ssrcs) == 2}
        self.streams = {s.ssrc: Stream(s, main.get(s.ssrc, s.ssrc), s.ssrc in forwarded) for s in sources.sources}
        groups = [group.ssrcs for group in sources.groups if group.semantics == "SIM"]
        known = {tuple(layer.ssrc for layer in each.layers): each for each in self.simulcast.values()}
        made = [known.get(group) or SimulcastSource(group) for group in groups]
        self.simulcast = {layer.ssrc: source for source in made for layer in source.layers}

    @property
    def video_names(self) -> list[str]:
        """Names of the video sources that this member sends now, each once, in order."""
        names = (s.source.name for s in self.streams.values() if s.source.kind == "video")
        return [name for name in dict.fromkeys(names) if name not in self._idle_names]

    def greet(self, channel: BridgeChannel) -> None:
        """Take a new channel into use; what was told on an old one has to be told again."""
        self.channel = channel
        self._told_heights_px = {}

    async def tell_height(self, name: str, height_px: int) -> None:
        """Tell how tall one of the member's sources is wanted, when that has changed."""
        if self.channel is not None and self._told_heights_px.get(name) != height_px:
            self._told_heights_px[name] = height_px
            await self.channel.send("SenderSourceConstraints", sourceName=name, maxHeight=height_px)

    def set_video_type(self, name: str, video_type: str) -> None:
        """Take note that a source is a camera, a screen or, while muted, nothing.

        Raises:
            MalformedMessageError: The source is somebody else's.
        """
        if not name.startswith(f"{self.id}-v"):
            raise MalformedMessageError(f"video type of somebody else's source {name!r}")
        if video_type == "none":
            self._idle_names.add(name)
        else:
            self._idle_names.discard(name)

    async def ask_keyframe(self, ssrc: int) -> None:
        """Send this member a Picture Loss Indication (RFC 4585, section 6.3.1)."""
        await self.transport.send(bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=0, media_ssrc=ssrc)))

    def projection(self, source: SimulcastSource) -> Projection:
        """Somebody's layers as this member sees them."""
        return self.projections.setdefault(source.layers[0].ssrc, Projection(source))

    def stop_watching(self, ssrc: int) -> None:
        """Forget that `ssrc` could be decoded: after a pause it cannot."""
        self._decodable.discard(ssrc)
        if ssrc in self.projections:
            self.projections[ssrc].rest()

    def can_decode(self, ssrc: int, packet: bytes) -> bool:
        """Whether this member got a keyframe of `ssrc`, or gets one with this packet."""
        if ssrc not in self._decodable and packet and starts_keyframe(packet):
            self._decodable.add(ssrc)
        return ssrc in self._decodable

    def should_ask_keyframe(self, ssrc: int) -> bool:
        """Whether it is time to ask the sender of `ssrc` for a keyframe, on behalf of this member."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self._keyframe_asked_at_s.get(ssrc, float("-inf")) < KEYFRAME_RETRY_S:
            return False
        self._keyframe_asked_at_s[ssrc] = now_s
        return True
