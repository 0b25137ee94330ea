"""What a watcher sees and hears: one peer connection, and the newest of everything that it decodes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter, deque
from dataclasses import replace
from xml.etree.ElementTree import Element

import av
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription
from aiortc.exceptions import InvalidStateError
from aiortc.mediastreams import MediaStreamError
from aiortc.stats import RTCInboundRtpStreamStats
from numpy.typing import NDArray

from jitsi_lab.watcher_sdp import OfferWriter, RemoteSource, accept_from

OWN_LINES = 2
KEYFRAME_PATIENCE_S = 0.5
CLOSE_TIMEOUT_S = 20.0
REMEMBERED = 10_000


class Screen:
    """The newest picture and the sound of all who are received; outlives a media session.

    Attributes:
        frames_decoded: Pictures, by endpoint id.
        samples: Sound samples of one channel, by endpoint id.
        levels: Root mean square of the newest 20 ms, 0 to 1, by endpoint id.
        decoded: The newest pictures: when they were decoded, in monotonic seconds, and whose they were.
    """

    def __init__(self) -> None:
        self.frames_decoded: Counter[str] = Counter()
        self.samples: Counter[str] = Counter()
        self.levels: dict[str, float] = {}
        self.decoded: deque[tuple[float, str]] = deque(maxlen=REMEMBERED)
        self._frames: dict[str, av.VideoFrame] = {}
        self._newest = ""
        self._changed = asyncio.Condition()

    async def show(self, owner: str, track: MediaStreamTrack) -> None:
        """Consume a track until it ends. Every frame is taken at once: what nobody asks for is dropped."""
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, av.VideoFrame):
                    async with self._changed:
                        self._frames[owner] = frame
                        self._newest = owner
                        self.frames_decoded[owner] += 1
                        self.decoded.append((time.monotonic(), owner))
                        self._changed.notify_all()
                elif isinstance(frame, av.AudioFrame):
                    samples = frame.to_ndarray().astype(np.float64) / 32768
                    self.samples[owner] += frame.samples
                    self.levels[owner] = float(np.sqrt(np.mean(samples**2)))

    async def next_frame(self, owner: str | None, timeout_s: float) -> NDArray[np.uint8]:
        """The next picture that is decoded, of one member or of anybody, as BGR `uint8` (height, width, 3).

        Raises:
            TimeoutError: None was.
        """
        async with asyncio.timeout(timeout_s), self._changed:
            seen = self._count(owner)
            await self._changed.wait_for(lambda: self._count(owner) > seen)
            frame = self._frames[owner or self._newest]
        return await asyncio.to_thread(lambda: np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))

    def _count(self, owner: str | None) -> int:
        return self.frames_decoded.total() if owner is None else self.frames_decoded[owner]


class WatcherMedia:
    """One media session: from a session-initiate to its end.

    Args:
        jingle: The session-initiate.
        screen: Where received media go.
        audio: Sound to publish, if any.
        video: Picture to publish, if any.
    """

    def __init__(
        self, jingle: Element, screen: Screen, audio: MediaStreamTrack | None, video: MediaStreamTrack | None
    ) -> None:
        self._jingle = jingle
        self._screen = screen
        self._tracks = (audio, video)
        self._offers = OfferWriter(jingle)
        self._remote: list[RemoteSource] = []
        self._consumers: list[asyncio.Task[None]] = []
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peer.on("track", self._on_track)

    @property
    def state(self) -> str:
        """Connection state of the peer connection."""
        return self._peer.connectionState

    async def describe(self) -> str:
        """Its state and what it received, in words, for a failing test."""
        lines = [
            f"{t.mid} {t.kind} {t.currentDirection} ICE {t.receiver.transport.transport.state}"
            f" DTLS {t.receiver.transport.state}"
            for t in self._peer.getTransceivers()
        ]
        received = {
            each.ssrc: each.packetsReceived
            for each in (await self._peer.getStats()).values()
            if isinstance(each, RTCInboundRtpStreamStats)
        }
        return f"{self.state}, signalling {self._peer.signalingState}, lines {lines}, packets by SSRC {received}"

    async def accept(self, endpoint_id: str, responder: str) -> Element:
        """Gather and write the session-accept.

        The first offer has no lines of others: aiortc would leave these on a transport that bundling discards.
        """
        await self._peer.setRemoteDescription(RTCSessionDescription(self._offers.write([]), "offer"))
        for transceiver, track in zip(self._peer.getTransceivers(), self._tracks, strict=True):
            if track is not None:
                transceiver.sender.replaceTrack(track)
                transceiver.direction = "sendonly"
        await self._peer.setLocalDescription(await self._peer.createAnswer())
        return accept_from(self._peer.localDescription.sdp, self._jingle, endpoint_id, responder)

    async def add(self, sources: list[RemoteSource]) -> None:
        """Receive more sources."""
        self._remote += sources
        await self._negotiate()

    async def remove(self, names: set[str]) -> None:
        """Receive some sources no more; their lines stay, as lines never go away."""
        self._remote = [replace(source, ssrcs=()) if source.name in names else source for source in self._remote]
        await self._negotiate()

    async def _negotiate(self) -> None:
        if self._peer.signalingState == "closed":
            return  # the bridge has ended the connection; the focus is about to say so
        offer = self._offers.write(self._remote)
        try:
            await self._peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            await self._peer.setLocalDescription(await self._peer.createAnswer())
        except InvalidStateError as error:
            if "is closed" not in str(error):  # which may happen meanwhile, and aiortc then forgets its state
                raise

    def _on_track(self, track: MediaStreamTrack) -> None:
        receiver, line = next((t.receiver, t.mid) for t in self._peer.getTransceivers() if t.receiver.track is track)
        source = self._remote[int(line or 0) - OWN_LINES]
        self._consumers.append(asyncio.create_task(self._screen.show(source.owner, track)))
        if source.kind == "video":
            self._consumers.append(asyncio.create_task(self._ask_first_keyframe(source, receiver)))

    async def _ask_first_keyframe(self, source: RemoteSource, receiver: RTCRtpReceiver) -> None:
        """Ask until a picture comes.

        The keyframe that a source begins with may arrive before its SSRC is known here, and is lost then; aiortc asks
        for another only after loss that it can see.
        """
        decoded = self._screen.frames_decoded
        before = decoded[source.owner]
        while decoded[source.owner] == before:
            await asyncio.sleep(KEYFRAME_PATIENCE_S)
            await receiver._send_rtcp_pli(source.ssrcs[0])

    async def close(self) -> None:
        """End it."""
        with contextlib.suppress(TimeoutError):  # aiortc waits for ever where a close of its own has failed before
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._peer.close()
        for consumer in self._consumers:
            consumer.cancel()
        await asyncio.gather(*self._consumers, return_exceptions=True)
