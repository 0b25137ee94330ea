"""A stream of the network as a camera: RTSP, HTTP, HLS, MJPEG over HTTP."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from typing import Any

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from eyeline.processing.errors import SourceError
from eyeline.processing.frame import CapturedFrame
from eyeline.processing.sources.clip import StoredFrame, TimeLine, start_of
from eyeline.processing.sources.decoding import MAX_PIXELS, VideoDecoder
from eyeline.processing.sources.fitting import Box, FrameFitter
from eyeline.processing.sources.libav_errors import source_errors
from eyeline.processing.sources.live import LiveLag
from eyeline.processing.sources.pace import FrameRateLimit
from eyeline.processing.sources.player import Player
from eyeline.processing.sources.reader import FrameReader
from eyeline.processing.sources.spec import StreamSpec

OPEN_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 3.0

# A playlist or a redirect must not make libav open files of this machine.
_PROTOCOLS = "rtp,rtsp,rtsps,srtp,udp,tcp,tls,http,https,httpproxy,crypto,data"
_OPTIONS = {
    "protocol_whitelist": _PROTOCOLS,
    "rtsp_flags": "prefer_tcp",
    "analyzeduration": "2000000",
    "max_pixels": str(MAX_PIXELS),
}
_IN_SEGMENTS = frozenset({"hls", "dash"})
_WITHOUT_TIMESTAMPS = frozenset({"mpjpeg", "mjpeg", "jpeg_pipe", "h264", "hevc", "mpegvideo"})


class StreamReader:
    """Reads one connection until it breaks.

    What is live is never paced: a frame is shown when it comes, and one that was held up on the way is not shown at
    all. What comes in segments of seconds (HLS) or is a stored video is played at its own pace.
    """

    def __init__(self, spec: StreamSpec, box: Box) -> None:
        self._spec = spec
        self._what = f"The stream {spec}"
        self._box = box
        self._container: InputContainer | None = None
        self._inner: FrameReader | None = None

    def open(self) -> None:
        """Connect and find out what is sent.

        Raises:
            SourceError: It cannot be reached, is refused, or is no video.
        """
        with source_errors(self._what):
            container = av.open(self._spec.url, options=_OPTIONS, timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S))
        self._container = container
        if not container.streams.video:
            raise SourceError(f"{self._what} has no picture.")
        stream = container.streams.video[0]
        decoder = VideoDecoder(stream, self._what)
        if _is_stored(container):
            frames = _stored_frames(container, stream, decoder, self._what)
            self._inner = Player(frames, fitter=FrameFitter(self._box), limit=FrameRateLimit(self._box.fps))
        else:
            self._inner = _LiveReader(container, stream, decoder, self._what, self._box)
        self._inner.open()

    def read(self) -> CapturedFrame | None:
        """The newest frame."""
        return self._inner.read() if self._inner else None

    def skip(self) -> bool:
        """Read on without making a picture."""
        return self._inner.skip() if self._inner else False

    def close(self) -> None:
        """Disconnect."""
        if self._inner is not None:
            self._inner.close()
        if self._container is not None:
            self._container.close()


class _LiveReader:
    def __init__(
        self, container: InputContainer, stream: VideoStream, decoder: VideoDecoder, what: str, box: Box
    ) -> None:
        self._container = container
        self._packets: Iterator[Packet[Any]] = iter(())
        self._stream = stream
        self._decoder = decoder
        self._what = what
        self._fitter = FrameFitter(box)
        self._limit = FrameRateLimit(box.fps)
        self._lag = None if container.format.name in _WITHOUT_TIMESTAMPS else LiveLag()

    def open(self) -> None:
        self._packets = self._container.demux(self._stream)

    def read(self) -> CapturedFrame | None:
        frame = self._newest()
        if frame is None:
            return None
        now_s = time.monotonic()
        media_s: float | None = frame.time  # the stubs promise a number
        if self._lag is not None and media_s is not None and self._lag.is_stale(media_s, now_s):
            return None
        if not self._limit.admits(now_s):
            return None
        return CapturedFrame(self._fitter.fit(frame, self._stream.sample_aspect_ratio), now_s)

    def skip(self) -> bool:
        return self._newest() is not None

    def close(self) -> None:
        pass

    def _newest(self) -> av.VideoFrame | None:
        with source_errors(self._what):
            packet = _next_packet(self._packets, self._what)
            frames = self._decoder.decode(packet)
        return frames[-1] if frames else None


def _is_stored(container: InputContainer) -> bool:
    """Whether it comes faster than it is to be shown."""
    names = set(container.format.name.split(","))
    if "rtsp" in names:
        return False  # the server paces, even what it has stored
    return bool(names & _IN_SEGMENTS) or bool(container.duration)


def _stored_frames(
    container: InputContainer, stream: VideoStream, decoder: VideoDecoder, what: str
) -> Generator[StoredFrame, None, None]:
    line = TimeLine(stream, start_of(container))
    packets = container.demux(stream)
    while True:
        with source_errors(what):
            packet = _next_packet(packets, what)
            frames = decoder.decode(packet)
        for frame in frames:
            yield StoredFrame(frame, line.place(frame), stream.sample_aspect_ratio)


def _next_packet(packets: Iterator[Packet[Any]], what: str) -> Packet[Any]:
    packet = next(packets, None)
    if packet is None:
        raise SourceError(f"{what} ended.", hint="Check the other side.")
    return packet
