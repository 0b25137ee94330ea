"""A screen shared beside the camera: the second picture source of an endpoint, `abcd1234-v1`."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCRtpTransceiver
from aiortc.sdp import SessionDescription

from eyeline.integrations.events import MediaKind, MeetingEvent, VideoSending
from eyeline.integrations.jitsi.content import Content
from eyeline.integrations.jitsi.jingle import JINGLE, SessionInitiate
from eyeline.integrations.jitsi.relay_track import RelayTrack
from eyeline.integrations.jitsi.rtp_description import RtpDescription
from eyeline.integrations.jitsi.sdp import SCREEN_MID
from eyeline.integrations.jitsi.sources import Source, VideoType
from eyeline.processing.rtc.aiortc_internals import LiveSender


class ScreenLine:
    """The line of one connection on which a screen is sent. It appears with the first screen and stays.

    Args:
        connection: Not owned.
        endpoint_id: Ours; names the source.
        on_event: Told `VideoSending`.
    """

    def __init__(
        self, connection: RTCPeerConnection, endpoint_id: str, on_event: Callable[[MeetingEvent], None]
    ) -> None:
        self.after: int | None = None
        self.source: Source | None = None
        self._connection = connection
        self._endpoint_id = endpoint_id
        self._name = f"{endpoint_id}-v1"
        self._on_event = on_event
        self._transceiver: RTCRtpTransceiver | None = None
        self._relay: RelayTrack | None = None

    @property
    def name(self) -> str:
        """Of the source."""
        return self._name

    @property
    def shown(self) -> bool:
        """Whether a screen is sent."""
        return self._relay is not None

    def show(self, track: MediaStreamTrack, lines_before: int) -> bool:
        """Send a screen; whether that is to be negotiated, since it is the first.

        Args:
            track: Stays its caller's.
            lines_before: How many lines of others there are: lines never move, so ours comes after them.
        """
        self.hide()
        self._relay = RelayTrack(track)
        if self._transceiver is not None:
            self._transceiver.sender.replaceTrack(self._relay)
            return False
        self._transceiver = self._connection.addTransceiver(self._relay, "sendonly")
        self.after = lines_before
        sender = self._transceiver.sender
        if isinstance(sender, LiveSender):
            sender.on_step = lambda step: self._on_event(VideoSending(self._name, step.heights_px, step.limit.value))
        return True

    def hide(self) -> None:
        """Send the screen no more; the line waits for the next."""
        if self._relay is not None and self._transceiver is not None:
            self._transceiver.sender.replaceTrack(None)
            self._relay.stop()
        self._relay = None

    def want(self, max_height_px: int | None) -> None:
        """Somebody has use for a screen so tall; 0 for none, `None` for any."""
        sender = self._transceiver.sender if self._transceiver is not None else None
        if isinstance(sender, LiveSender):
            sender.wanted(max_height_px)
            if max_height_px != 0:
                sender.request_keyframe()

    def negotiated(self, answer_sdp: str, offer: SessionInitiate) -> Element:
        """What the focus is to be told once the line was negotiated: `<jingle action='source-add'/>`."""
        line = next(each for each in SessionDescription.parse(answer_sdp).media if each.rtp.muxId == SCREEN_MID)
        repair = next((group.items[1] for group in line.ssrc_group if group.semantic == "FID"), None)
        track_id = (line.msid or "").rpartition(" ")[2]
        self.source = Source(
            owner=self._endpoint_id,
            name=self._name,
            ssrc=line.ssrc[0].ssrc,
            rtx_ssrc=None if repair is None else int(repair),
            kind=MediaKind.VIDEO,
            msid=f"{self._endpoint_id}-video-1-2 {track_id}-2",
            video_type=VideoType.DESKTOP,
        )
        content = next(each for each in offer.contents if each.kind is MediaKind.VIDEO)
        added = Content(content.name, RtpDescription(MediaKind.VIDEO, (), ()), (self.source,))
        jingle = Element(JINGLE, {"action": "source-add", "sid": offer.sid})
        jingle.append(added.to_element("responder"))
        return jingle
