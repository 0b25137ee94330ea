"""Receiving: from the sources that jicofo announces to the tracks that are reported."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCRtpReceiver

from eyeline.integrations.events import MediaKind, MeetingEvent, TrackAdded, TrackRemoved
from eyeline.integrations.jitsi.remote_lines import RemoteLines
from eyeline.integrations.jitsi.sdp import RemoteLine, remote_mid
from eyeline.integrations.jitsi.sources import Source
from eyeline.integrations.jitsi.ssrc_router import SsrcRouter


class RemoteMedia:
    """The received side of one peer connection, whose own lines are prepared already.

    Args:
        connection: Not owned.
        own_id: Our endpoint id.
        kinds: What is received; nothing else gets a line.
        on_event: Told `TrackAdded` and `TrackRemoved`.
    """

    def __init__(
        self,
        connection: RTCPeerConnection,
        *,
        own_id: str,
        kinds: Collection[MediaKind],
        on_event: Callable[[MeetingEvent], None],
    ) -> None:
        self._connection = connection
        self._on_event = on_event
        self._lines = RemoteLines(own_id, kinds)
        self._tracks: dict[int, MediaStreamTrack] = {}
        # the first line's transport carries the whole bundle
        self._router = SsrcRouter.install(connection.getTransceivers()[0].receiver.transport)

    @property
    def lines(self) -> Sequence[RemoteLine]:
        """To be offered to aiortc after our own."""
        return self._lines.lines

    def open(self, sources: Sequence[Source]) -> list[int]:
        """Open lines for the sources that are wanted; to be negotiated, then started."""
        opened = self._lines.add(sources)
        for index in opened:
            self._router.announce(self.lines[index].source)
        return opened

    def start(self, opened: Sequence[int]) -> None:
        """Report the tracks of lines that were negotiated, but for those that ended meanwhile."""
        for index in opened:
            line = self.lines[index]
            if line.active:
                track = self._tracks[index] = self._receiver(index).track
                self._on_event(TrackAdded(line.source.owner, line.source.name, line.source.kind, track))

    def give_up(self, opened: Sequence[int]) -> None:
        """Close lines that could not be negotiated."""
        for index in self._lines.remove([self.lines[index].source for index in opened]):
            self._report_end(index)

    async def end(self, sources: Sequence[Source]) -> bool:
        """End the tracks of sources; whether that is to be negotiated."""
        closed = self._lines.remove(sources)
        for index in closed:
            if self._report_end(index):
                await self._receiver(index).stop()
        return bool(closed)

    def end_all(self) -> None:
        """End every track; the receivers end with the connection."""
        for index in self._lines.remove_all():
            self._report_end(index)

    def _report_end(self, index: int) -> bool:
        """Whether there was a track: a line whose negotiation failed has none."""
        source = self.lines[index].source
        self._router.withdraw(source)
        track = self._tracks.pop(index, None)
        if track is None:
            return False
        track.stop()
        self._on_event(TrackRemoved(source.owner, source.name))
        return True

    def _receiver(self, index: int) -> RTCRtpReceiver:
        mid = remote_mid(index)
        return next(each.receiver for each in self._connection.getTransceivers() if each.mid == mid)
