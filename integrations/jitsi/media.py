"""The media of one Jingle session: one peer connection of aiortc, from the offer to its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from xml.etree.ElementTree import Element

from aiortc import InvalidStateError, MediaStreamTrack, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription
from aiortc.exceptions import InternalError, InvalidAccessError, OperationError

from eyeline.integrations.errors import MediaPathError, ProtocolError
from eyeline.integrations.events import MediaKind, MeetingEvent, TrackAdded, TrackRemoved
from eyeline.integrations.jitsi.ice_servers import report_relay, rtc_configuration
from eyeline.integrations.jitsi.jingle import SessionInitiate, SourceAdd, SourceRemove
from eyeline.integrations.jitsi.media_path import MediaPath, PathState
from eyeline.integrations.jitsi.received_track import ReceivedTrack
from eyeline.integrations.jitsi.relay_track import RelayTrack
from eyeline.integrations.jitsi.remote_lines import RemoteLines
from eyeline.integrations.jitsi.sdp import is_usable, offer_sdp, remote_mid
from eyeline.integrations.jitsi.sdp_answer import accept_from_answer
from eyeline.integrations.jitsi.services import IceServer
from eyeline.integrations.jitsi.session_accept import SessionAccept
from eyeline.integrations.jitsi.sources import Source
from eyeline.integrations.jitsi.ssrc_router import SsrcRouter
from eyeline.integrations.jitsi.transport import Candidate

logger = logging.getLogger(__name__)

_CLOSE_S = 5.0


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
        on_event: Told `TrackAdded` and `TrackRemoved`.
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
        on_event: Callable[[MeetingEvent], None],
    ) -> None:
        tracks = {MediaKind.AUDIO: audio, MediaKind.VIDEO: video}
        received = {MediaKind.AUDIO: receive_audio, MediaKind.VIDEO: receive_video}
        self._endpoint_id = endpoint_id
        self._ice_servers = ice_servers
        self._on_event = on_event
        self._relays = {kind: RelayTrack(track) for kind, track in tracks.items() if track is not None}
        self._wanted = {kind for kind, asked in received.items() if asked}
        self._remote = RemoteLines(endpoint_id, ())
        self._tracks: dict[int, ReceivedTrack] = {}
        self._offer: SessionInitiate | None = None
        self._answer: SessionAccept | None = None
        self._router: SsrcRouter | None = None
        self._connection = RTCPeerConnection(rtc_configuration(ice_servers))
        self._path = MediaPath(self._connection)
        self._negotiating = asyncio.Lock()
        self._closing: asyncio.Task[None] | None = None

    @property
    def state(self) -> PathState:
        """Whether media can flow."""
        return self._path.state

    @property
    def bridge_url(self) -> str | None:
        """WebSocket of the bridge channel, once an offer named it."""
        return self._offer.bridge_url if self._offer else None

    @property
    def local_sources(self) -> tuple[Source, ...]:
        """What we send, once accepted."""
        return tuple(each for content in self._answer.contents for each in content.sources) if self._answer else ()

    def set_muted(self, kind: MediaKind, muted: bool) -> None:
        """Stop or resume RTP of one kind, without renegotiation; may be called before `accept`."""
        relay = self._relays.get(kind)
        if relay is not None:
            relay.set_muted(muted)

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
                self._add_lines(offer)
                # aiortc loses all video but the first line of an offer that opens the transport,
                # so the sources of others wait for a second one
                await self._negotiate(offer)
                answer_sdp = self._connection.localDescription.sdp
                self._answer = accept_from_answer(answer_sdp, offer, self._endpoint_id, responder=responder)
            report_relay(self._ice_servers, self._gathered())
            await self._open_lines(offer, offer.sources)
        return self._answer.to_element()

    async def add_sources(self, action: SourceAdd) -> None:
        """Receive sources of others, as far as it was asked for.

        Raises:
            ProtocolError: aiortc cannot receive them.
        """
        async with self._negotiating:
            if self._offer is not None and self.state is not PathState.GONE:
                await self._open_lines(self._offer, action.sources)

    async def remove_sources(self, action: SourceRemove) -> None:
        """End the tracks of sources that are gone.

        Raises:
            ProtocolError: aiortc refuses.
        """
        async with self._negotiating:
            closed = self._remote.remove(action.sources)
            for index in closed:
                await self._end_track(index)
            if closed and self._offer is not None and self.state is not PathState.GONE:
                with _translated():
                    await self._negotiate(self._offer)

    async def connected(self, timeout_s: float = 15.0) -> None:
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
        for index in self._remote.remove_all():
            self._report_end(index)
        if self._closing is None:
            self._closing = asyncio.create_task(self._connection.close())
        done, _ = await asyncio.wait({self._closing}, timeout=_CLOSE_S)
        if not done:
            logger.warning("aiortc did not close within %.0f s and is left behind", _CLOSE_S)
            self._closing.cancel()
        elif not self._closing.cancelled() and (error := self._closing.exception()) is not None:
            logger.warning("aiortc failed to close: %r", error)

    def _add_lines(self, offer: SessionInitiate) -> None:
        """Prepare one transceiver for each content; the first of its kind sends."""
        waiting = dict(self._relays)
        for content in offer.contents:
            track = waiting.pop(content.kind, None)
            direction = "inactive" if track is None else "sendonly"
            transceiver = self._connection.addTransceiver(track or content.kind.value, direction)
            if self._router is None:
                # the first line's transport carries the whole bundle
                self._router = SsrcRouter.install(transceiver.receiver.transport)
        offered = {content.kind for content in offer.contents}
        self._remote = RemoteLines(self._endpoint_id, self._wanted & offered)

    async def _negotiate(self, offer: SessionInitiate) -> None:
        description = offer_sdp(offer, self._remote.lines)
        await self._connection.setRemoteDescription(RTCSessionDescription(description, "offer"))
        await self._connection.setLocalDescription()

    async def _open_lines(self, offer: SessionInitiate, sources: Sequence[Source]) -> None:
        opened = self._remote.add(sources)
        if not opened:
            return
        if self._router is not None:
            for index in opened:
                self._router.announce(self._remote.lines[index].source)
        with _translated():
            await self._negotiate(offer)
        for index in opened:
            self._report_track(index)

    def _report_track(self, index: int) -> None:
        source = self._remote.lines[index].source
        track = self._tracks[index] = ReceivedTrack(self._receiver(index).track)
        self._on_event(TrackAdded(source.owner, source.name, source.kind, track))

    async def _end_track(self, index: int) -> None:
        self._report_end(index)
        await self._receiver(index).stop()

    def _report_end(self, index: int) -> None:
        source = self._remote.lines[index].source
        if self._router is not None:
            self._router.withdraw(source)
        self._tracks.pop(index).stop()
        self._on_event(TrackRemoved(source.owner, source.name))

    def _receiver(self, index: int) -> RTCRtpReceiver:
        mid = remote_mid(index)
        return next(each.receiver for each in self._connection.getTransceivers() if each.mid == mid)

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


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of aiortc in our words."""
    try:
        yield
    except InvalidStateError as error:
        raise MediaPathError("The media session was closed while it was set up.") from error
    except (InternalError, InvalidAccessError, OperationError, ValueError, AssertionError, OSError) as error:
        raise ProtocolError(f"The bridge's offer cannot be used: {str(error) or type(error).__name__}.") from error
