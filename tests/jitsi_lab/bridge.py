"""A stand-in for the Jitsi Videobridge: one media path and one channel per member, RTP relayed in between.

Real: ICE, DTLS, SRTP, the WebSocket. Simplified: see the package's docstring. It judges its clients: what a correct one
never sends is written down in `Bridge.ledger.complaints`, and a good test ends with an empty list.
"""

from __future__ import annotations

import secrets

from aiohttp import web
from aiortc.rtp import RTCP_PSFB_APP, RtcpPsfbPacket, pack_remb_fci

from jitsi_lab.bridge_conference import BridgeConference
from jitsi_lab.channel import BridgeChannel, MalformedMessageError, Message, SocketChannel, parse_message
from jitsi_lab.data_channel import DataChannelEnd
from jitsi_lab.endpoint import Endpoint
from jitsi_lab.ledger import Ledger
from jitsi_lab.relay import Relay
from jitsi_lab.sources import SourceSet


class Bridge:
    """All conferences of one bridge.

    Args:
        address: IPv4 address that members reach it at; see `local_media_address`.
    """

    def __init__(self, address: str) -> None:
        self.id = "lab"
        self.alive = True
        self.ledger = Ledger()
        self._address = address
        self._conferences: dict[str, BridgeConference] = {}

    @property
    def complaints(self) -> list[str]:
        """What a correct client would not have sent."""
        return self.ledger.complaints

    # What the focus asks for.

    def conference(self, room: str) -> BridgeConference:
        """The conference of a room, made when there is none."""
        if room not in self._conferences:
            self._conferences[room] = BridgeConference()
        return self._conferences[room]

    async def allocate(self, room: str, endpoint_id: str, *, sctp: bool = False) -> Endpoint:
        """Make room for a member, ending an older session of the same member.

        Args:
            room: Its address.
            endpoint_id: The member's.
            sctp: Whether it may have a data channel.

        Raises:
            ConnectionError: The bridge is dead.
        """
        if not self.alive:
            raise ConnectionError("the bridge is dead")
        conference = self.conference(room)
        if endpoint_id in conference.endpoints:
            await self.expire(room, conference.endpoints[endpoint_id])
        relay = Relay(conference, self.ledger)
        endpoint = Endpoint(endpoint_id, self._address, relay.on_rtp, relay.on_rtcp)
        if sctp:
            endpoint.data = DataChannelEnd(
                endpoint.transport.dtls,
                opened=lambda channel: self._serve(conference, endpoint, channel),
                complain=lambda fault: self.complaints.append(f"data channel of {endpoint_id}: {fault}"),
            )
        conference.endpoints[endpoint_id] = endpoint
        return endpoint

    async def publish(self, room: str, endpoint: Endpoint, sources: SourceSet) -> None:
        """Set what a member sends, and allocate video anew."""
        endpoint.publish(sources)
        await self.conference(room).allocate_video()

    async def expire(self, room: str, endpoint: Endpoint) -> None:
        """End a member's session here: the channel closes with 1001, the media path with DTLS's farewell."""
        conference = self.conference(room)
        conference.remove(endpoint)
        await endpoint.close_channels()
        await endpoint.transport.close()
        await conference.allocate_video()

    # What tests ask for.

    def endpoint(self, endpoint_id: str) -> Endpoint:
        """A member by id.

        Raises:
            KeyError: No such member here.
        """
        return self._conference_with(endpoint_id).endpoints[endpoint_id]

    def describe(self, *endpoint_ids: str | None) -> str:
        """The media paths of members, in words, for a failing test."""
        members = [e for c in self._conferences.values() for e in c.endpoints.values() if e.id in endpoint_ids]
        return ", ".join(f"{e.id}: {e.transport.state}, gets {e.forwarded_names}" for e in members) or "knows neither"

    def _conference_with(self, endpoint_id: str) -> BridgeConference:
        for conference in self._conferences.values():
            if endpoint_id in conference.endpoints:
                return conference
        raise KeyError(endpoint_id)

    async def constrain(self, endpoint_id: str, source: str, max_height_px: int) -> None:
        """Tell a sender how tall its picture is wanted, from now on whatever the receivers want."""
        conference = self._conference_with(endpoint_id)
        conference.pinned_px[source] = max_height_px
        await conference.allocate_video()

    async def release(self, endpoint_id: str, source: str) -> None:
        """Have a sender told again what the receivers want."""
        conference = self._conference_with(endpoint_id)
        conference.pinned_px.pop(source, None)
        await conference.allocate_video()

    def drop_channel(self, endpoint_id: str) -> None:
        """Cut a member's channel without a close frame; the member sees 1006."""
        self.endpoint(endpoint_id).abort_channels()

    async def send_remb(self, endpoint_id: str, bitrate_bps: int) -> None:
        """Tell a sender how much fits through (REMB), for all of its SSRCs together."""
        endpoint = self.endpoint(endpoint_id)
        estimate = pack_remb_fci(bitrate_bps, list(endpoint.streams))
        await endpoint.transport.send(bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=0, media_ssrc=0, fci=estimate)))

    async def kill(self) -> None:
        """Die as of `kill -9`: channels cut, media silent, nobody told. Cannot be undone: make another bridge."""
        self.alive = False
        endpoints = [e for conference in self._conferences.values() for e in conference.endpoints.values()]
        self._conferences.clear()
        for endpoint in endpoints:
            endpoint.abort_channels()
            await endpoint.transport.abort()

    async def close(self) -> None:
        """End all sessions."""
        for room, conference in list(self._conferences.items()):
            for endpoint in list(conference.endpoints.values()):
                await self.expire(room, endpoint)

    # The channel.

    async def serve_channel(self, request: web.Request) -> web.StreamResponse:
        """The handler of `/colibri-ws/{bridge}/{conference}/{endpoint}?pwd=..`.

        Raises:
            web.HTTPException: There is no such member, or the password is wrong.
        """
        conference, endpoint = self._channel_owner(request)
        channel = SocketChannel(request)
        await channel.open()
        if isinstance(endpoint.channel, SocketChannel):
            await endpoint.channel.close()
        await self._serve(conference, endpoint, channel)
        return channel.response

    async def _serve(self, conference: BridgeConference, endpoint: Endpoint, channel: BridgeChannel) -> None:
        endpoint.greet(channel)
        await channel.send("ServerHello")
        await channel.send("ForwardedSources", forwardedSources=list(endpoint.forwarded_names))
        await conference.allocate_video()
        await self._read(conference, endpoint, channel)

    def _channel_owner(self, request: web.Request) -> tuple[BridgeConference, Endpoint]:
        path = request.match_info
        conference = next((c for c in self._conferences.values() if c.id == path["conference"]), None)
        if conference is None or path["bridge"] != self.id or path["endpoint"] not in conference.endpoints:
            raise web.HTTPNotFound
        endpoint = conference.endpoints[path["endpoint"]]
        if not secrets.compare_digest(request.query.get("pwd", ""), endpoint.password):
            raise web.HTTPForbidden
        return conference, endpoint

    async def _read(self, conference: BridgeConference, endpoint: Endpoint, channel: BridgeChannel) -> None:
        while (text := await channel.read()) is not None:
            endpoint.channel = channel  # the one that was heard last is answered on
            try:
                await self._on_message(conference, endpoint, parse_message(text))
            except MalformedMessageError as error:
                self.complaints.append(f"channel of {endpoint.id}: {error}")
        if endpoint.channel is channel:
            endpoint.channel = None

    async def _on_message(self, conference: BridgeConference, endpoint: Endpoint, message: Message) -> None:
        match message["colibriClass"]:
            case "ReceiverVideoConstraints":
                endpoint.settings = endpoint.settings.updated(message)
                await conference.allocate_video()
            case "SourceVideoTypeMessage":
                endpoint.set_video_type(message["sourceName"], message["videoType"])
                await conference.allocate_video()
            case "EndpointMessage":
                await conference.relay(endpoint, message, to=message["to"])
            case "EndpointStats":
                await conference.relay(endpoint, message, to="")
