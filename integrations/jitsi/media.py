"""The media of one Jingle session: one peer connection of aiortc, from the offer to its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from xml.etree.ElementTree import Element

from aiortc import InvalidStateError, MediaStreamTrack, RTCDataChannel, RTCSessionDescription
from aiortc.exceptions import InternalError, InvalidAccessError, OperationError

from eyeline.config.errors import EyelineError
from eyeline.integrations.errors import MediaPathError, ProtocolError
from eyeline.integrations.events import MediaKind, MeetingEvent, VideoSending
from eyeline.integrations.jitsi.ice_servers import report_relay, rtc_configuration
from eyeline.integrations.jitsi.jingle import SessionInitiate, SourceAdd, SourceRemove
from eyeline.integrations.jitsi.media_path import MediaPath, PathState
from eyeline.integrations.jitsi.relay_track import RelayTrack
from eyeline.integrations.jitsi.remote_media import RemoteMedia
from eyeline.integrations.jitsi.screen_line import ScreenLine
from eyeline.integrations.jitsi.sdp import RemoteLine, is_usable, offer_sdp
from eyeline.integrations.jitsi.sdp_answer import accept_from_answer, source_name
from eyeline.integrations.jitsi.services import IceServer
from eyeline.integrations.jitsi.session_accept import SessionAccept
from eyeline.integrations.jitsi.sources import Source
from eyeline.integrations.jitsi.transport import Candidate
from eyeline.processing.rtc.aiortc_internals import LivePeerConnection, LiveSender
from eyeline.processing.rtc.outgoing_stream import StreamSsrcs

logger = logging.getLogger(__name__)


class MediaSession:
    """Sends our tracks to the bridge and, when asked to, receives those of others. Made in the event loop, used once.

    Nothing of others is decoded unless `receive_video` or `receive_audio` asks for it.

    Args:
        endpoint_id: Ours; names our sources.
        video: What is sent, or `None`. Stays its caller's: it is read but never stopped.
        audio: As `video`.
        ice_servers: Of these, the first STUN and the first TURN server are used.
        receive_video: Whether pictures of others become tracks.
        receive_audio: Whether sound of others becomes tracks.
        simulcast: Whether the picture is sent in three sizes, where libvpx is to be had.
        relay_only: Whether media go through the TURN server alone.
        on_event: Told `TrackAdded`, `TrackRemoved` and `VideoSending`.
    """

    def __init__(
        self,
        *,
        endpoint_id: str,
        video: MediaStreamTrack | None,
        audio: MediaStreamTrack | None,
        ice_servers: Sequence[IceServer],
        receive_video: bool = False,
        receive_audio: bool = False,
        simulcast: bool = False,
        relay_only: bool = False,
        on_event: Callable[[MeetingEvent], None],
    ) -> None:
        tracks = {MediaKind.AUDIO: audio, MediaKind.VIDEO: video}
        received = {MediaKind.AUDIO: receive_audio, MediaKind.VIDEO: receive_video}
        self._endpoint_id = endpoint_id
        self._ice_servers = ice_servers
        self._simulcast = simulcast
        self._on_event = on_event
        self._relays = {kind: RelayTrack(track) for kind, track in tracks.items() if track is not None}
        self._wanted = {kind for kind, asked in received.items() if asked}
        self._offer: SessionInitiate | None = None
        self._answer: SessionAccept | None = None
        self._remote: RemoteMedia | None = None
        self._connection = LivePeerConnection(rtc_configuration(ice_servers, relay_only=relay_only))
        self._path = MediaPath(self._connection)
        self._negotiating = asyncio.Lock()
        self._camera: LiveSender | None = None
        self._layers: Sequence[StreamSsrcs] = ()
        self._wanted_px: int | None = None
        self._screen = ScreenLine(self._connection, endpoint_id, on_event)

    @property
    def state(self) -> PathState:
        """Whether media can flow."""
        return self._path.state

    @property
    def bridge_url(self) -> str | None:
        """WebSocket of the bridge channel, once an offer named it."""
        return self._offer.bridge_url if self._offer else None

    @property
    def offers_data_channel(self) -> bool:
        """Whether the bridge can be talked to by a data channel, once an offer said so."""
        return self._offer is not None and self._offer.data is not None

    def create_data_channel(self, label: str, protocol: str) -> RTCDataChannel:
        """Open a channel beside the media; to be called when the offer has one.

        Raises:
            aiortc.InvalidStateError: The session was closed meanwhile.
        """
        if self.state is PathState.GONE:
            raise InvalidStateError("the session is over")
        return self._connection.createDataChannel(label, protocol=protocol)

    @property
    def local_sources(self) -> tuple[Source, ...]:
        """What we send, once accepted."""
        own = [each for content in self._answer.contents for each in content.sources] if self._answer else []
        return (*own, self._screen.source) if self._screen.source else tuple(own)

    @property
    def shows_screen(self) -> bool:
        """Whether a screen is sent beside the camera."""
        return self._screen.shown

    def set_muted(self, kind: MediaKind, muted: bool) -> None:
        """Stop or resume RTP of one kind, without renegotiation; may be called before `accept`."""
        relay = self._relays.get(kind)
        if relay is not None:
            relay.set_muted(muted)

    def want_video(self, source: str, max_height_px: int | None) -> None:
        """Have a picture sent for those who look: no taller than this, 0 for not at all, `None` for any height.

        Layers of simulcast begin with keyframes of their own where more is wanted; a single stream needs to be told.
        """
        if source == self._screen.name:
            self._screen.want(max_height_px)
            return
        grows = _grows(self._wanted_px, max_height_px)
        self._wanted_px = max_height_px
        if self._camera is not None:
            self._camera.wanted(max_height_px)
            if grows and len(self._camera.layers) == 1:
                self._camera.request_keyframe()

    async def share_screen(self, track: MediaStreamTrack) -> Element | None:
        """Send a screen beside the camera.

        Returns:
            `<jingle action='source-add'/>`, to be sent to the focus, the first time.

        Raises:
            MediaPathError: The session was closed meanwhile, or has no picture.
            ProtocolError: aiortc refuses.
        """
        async with self._negotiating:
            offer = self._offer
            if offer is None or self._remote is None or self.state is PathState.GONE:
                raise _closed_meanwhile()
            if not any(content.kind is MediaKind.VIDEO for content in offer.contents):
                raise MediaPathError("The meeting has no pictures, so no screen can be shared.")
            if not self._screen.show(track, len(self._remote.lines)):
                return None
            await self._negotiate(offer, self._remote.lines)
            with _translated():
                return self._screen.negotiated(self._connection.localDescription.sdp, offer)

    def hide_screen(self) -> None:
        """Send the screen no more."""
        self._screen.hide()

    async def accept(self, offer: SessionInitiate, *, responder: str = "") -> Element:
        """Take an offer and begin to connect. Tracks for the sources in it are added at once.

        Args:
            offer: From the focus.
            responder: Our full address, named in the answer when given.

        Returns:
            `<jingle action='session-accept'/>`, to be sent to the focus.

        Raises:
            MediaPathError: The offer lacks our codecs, or the session was closed meanwhile.
            ProtocolError: The offer cannot be used.
        """
        async with self._negotiating:
            if self._offer is not None:
                raise RuntimeError("a media session takes one offer")
            self._offer = offer
            with _translated():
                self._remote = remote = self._prepare(offer)
            # aiortc loses all video but the first line of an offer that opens the transport,
            # so the sources of others wait for a second one
            await self._negotiate(offer, ())
            with _translated():
                answer_sdp = self._connection.localDescription.sdp
                self._answer = accept_from_answer(
                    answer_sdp, offer, self._endpoint_id, responder=responder, layers=self._layers
                )
            report_relay(self._ice_servers, self._gathered())
            await self._receive(offer, remote, offer.sources)
            return self._answer.to_element()

    async def add_sources(self, action: SourceAdd) -> None:
        """Receive sources of others, as far as it was asked for.

        Raises:
            MediaPathError: The session was closed meanwhile.
            ProtocolError: aiortc cannot receive them.
        """
        async with self._negotiating:
            if self._offer and self._remote and self.state is not PathState.GONE:
                await self._receive(self._offer, self._remote, action.sources)

    async def remove_sources(self, action: SourceRemove) -> None:
        """End the tracks of sources that are gone.

        Raises:
            MediaPathError: The session was closed meanwhile.
            ProtocolError: aiortc refuses.
        """
        async with self._negotiating:
            if not self._offer or not self._remote or self.state is PathState.GONE:
                return
            if await self._remote.end(action.sources):
                await self._negotiate(self._offer, self._remote.lines)

    async def connected(self, timeout_s: float = 12.0) -> None:
        """Wait until media can flow.

        Raises:
            MediaPathError: It could not be opened, or not in time.
        """
        try:
            async with asyncio.timeout(timeout_s):
                state = await self._path.decided()
        except TimeoutError:
            raise MediaPathError(
                f"The bridge{self._bridge_address()} did not answer within {timeout_s:.0f} s.", hint=self._hint()
            ) from None
        if state is PathState.GONE:
            raise MediaPathError(f"No media path to the bridge{self._bridge_address()} opened.", hint=self._hint())

    async def wait_closed(self) -> None:
        """Wait until media can flow no more, whatever the cause. Loss of the bridge shows after about 30 s."""
        await self._path.gone()

    async def close(self) -> None:
        """End the connection and every received track, in bounded time. The given tracks live on."""
        self._path.end()
        self._screen.hide()
        if self._remote is not None:
            self._remote.end_all()
        await self._connection.close()

    def _prepare(self, offer: SessionInitiate) -> RemoteMedia:
        """Make one transceiver for each content, of which the first of its kind sends, and get ready to receive."""
        unsent = dict(self._relays)
        for content in offer.contents:
            track = unsent.pop(content.kind, None)
            made = self._connection.addTransceiver(track or content.kind.value, "sendonly" if track else "inactive")
            if track and content.kind is MediaKind.VIDEO and isinstance(made.sender, LiveSender):
                self._camera = made.sender
                self._layers = self._prepare_video(made.sender)
        offered = {content.kind for content in offer.contents}
        return RemoteMedia(
            self._connection, own_id=self._endpoint_id, kinds=self._wanted & offered, on_event=self._on_event
        )

    def _prepare_video(self, sender: LiveSender) -> Sequence[StreamSsrcs]:
        name = source_name(self._endpoint_id, MediaKind.VIDEO)
        sender.on_step = lambda step: self._on_event(VideoSending(name, step.heights_px, step.limit.value))
        if self._simulcast:
            try:
                sender.use_simulcast()
            except EyelineError as error:
                logger.warning("The picture is sent in one size only. %s", error)
        return sender.layers

    async def _receive(self, offer: SessionInitiate, remote: RemoteMedia, sources: Sequence[Source]) -> None:
        opened = remote.open(sources)
        if not opened:
            return
        try:
            await self._negotiate(offer, remote.lines)
        except EyelineError:
            remote.give_up(opened)
            raise
        remote.start(opened)

    async def _negotiate(self, offer: SessionInitiate, remote_lines: Sequence[RemoteLine]) -> None:
        with _translated():
            sdp = offer_sdp(offer, remote_lines, screen_after=self._screen.after)
            description = RTCSessionDescription(sdp, "offer")
            await self._connection.setRemoteDescription(description)
            await self._connection.setLocalDescription()
        if self.state is PathState.GONE:
            raise _closed_meanwhile()

    def _gathered(self) -> tuple[Candidate, ...]:
        transports = (content.transport for content in self._answer.contents) if self._answer else ()
        return tuple(candidate for transport in transports if transport for candidate in transport.candidates)

    def _bridge_address(self) -> str:
        candidates = self._offer.transport.candidates if self._offer else ()
        usable = [f"{each.ip}:{each.port}" for each in candidates if is_usable(each)]
        return f" at {usable[0]} (UDP)" if usable else ""

    def _hint(self) -> str:
        if any(candidate.type == "relay" for candidate in self._gathered()):
            return "Neither the direct way nor the TURN relay works; ask whoever runs the server."
        return "A firewall may block UDP: allow it, or use a network or a server with TURN."


def _grows(height_px: int | None, new_height_px: int | None) -> bool:
    """Whether more of the picture is wanted than before; `None` is all of it."""
    return height_px is not None and (new_height_px is None or new_height_px > height_px)


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of aiortc in our words."""
    try:
        yield
    except InvalidStateError as error:
        raise _closed_meanwhile() from error
    except (InternalError, InvalidAccessError, OperationError, ValueError, AssertionError, OSError) as error:
        raise ProtocolError(f"The bridge's offer cannot be used: {str(error) or type(error).__name__}.") from error


def _closed_meanwhile() -> MediaPathError:
    return MediaPathError("The media session was closed while it was set up.")
