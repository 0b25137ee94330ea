"""A sender of layers and a receiver of one of them, in one process, over a path that can be throttled."""

from __future__ import annotations

import asyncio
import itertools
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

from aiortc import MediaStreamTrack, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from eyeline.bot.bench.beat import Beat
from eyeline.bot.bench.clip import Clip
from eyeline.bot.bench.errors import BenchError
from eyeline.bot.bench.layer_router import LayerRouter
from eyeline.bot.bench.relay import Relay, Weather
from eyeline.processing.frame import VIDEO_CLOCK_HZ, VIDEO_TIME_BASE, I420Image
from eyeline.processing.rtc.aiortc_internals import LivePeerConnection, LiveReceiver, LiveSender, replace_router
from eyeline.processing.rtc.effort import Effort
from eyeline.processing.rtc.encode_load import LoadStep
from eyeline.processing.rtc.simulcast_layers import layer_sizes
from eyeline.processing.rtc.video_step import VideoStep

_PATIENCE_S: Final = 30.0
_PAUSE_S: Final = 1.1
_MOST_MISSED: Final = 3
_WIDE_BPS: Final = 2_600_000
_NARROW_BPS: Final = 800_000
_BACK_MS: Final = 150.0


class ClipTrack(MediaStreamTrack):
    """The clip over and over; its frames' times are those of the monotonic clock."""

    kind = "video"
    captured_offset_s = 0.0

    def __init__(self, clip: Clip) -> None:
        super().__init__()
        self._size_px = (clip.width_px, clip.height_px)
        self._pictures = clip.open()
        self._beat = Beat()
        self._number = 0

    async def recv(self) -> VideoFrame:
        """The next picture, when its time has come."""
        if self.readyState != "live":
            raise MediaStreamError
        await self._beat.wait()
        packed = self._pictures[self._number % len(self._pictures)]
        self._number += 1
        frame = I420Image(*self._size_px, packed.reshape(-1)).as_video_frame()
        frame.pts, frame.time_base = round(time.monotonic() * VIDEO_CLOCK_HZ), VIDEO_TIME_BASE
        return frame


class LayeredPair:
    """The role.

    Args:
        clip: Arguments of the `Clip`.
    """

    def __init__(self, clip: dict[str, Any]) -> None:
        self._clip = Clip.of(clip)
        self._heights_px = [height_px for _, height_px in layer_sizes(self._clip.width_px, self._clip.height_px)]
        self._sent_px: tuple[int, ...] = ()
        self._seen: list[tuple[float, int]] = []  # when, and how tall

    async def __aenter__(self) -> Self:
        self._relay = Relay(Weather())
        self._sending, self._receiving = LivePeerConnection(), LivePeerConnection()
        transceiver = self._sending.addTransceiver(ClipTrack(self._clip), direction="sendonly")
        codecs = RTCRtpSender.getCapabilities("video").codecs
        transceiver.setCodecPreferences([codec for codec in codecs if codec.name in ("VP8", "rtx")])
        receiver = self._receiving.addTransceiver("video", "recvonly").receiver
        if not isinstance(transceiver.sender, LiveSender) or not isinstance(receiver, LiveReceiver):
            raise TypeError("a live connection is made of our parts")
        self._sender = transceiver.sender
        self._sender.use_simulcast()
        self._sender.on_step = self._stepped
        self._router = LayerRouter([layer.ssrc for layer in self._sender.layers])
        replace_router(receiver.transport, self._router)
        await self._sending.setLocalDescription(await self._sending.createOffer())
        offer = await self._relay.offered(self._sending.localDescription.sdp)
        await self._receiving.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await self._receiving.setLocalDescription(await self._receiving.createAnswer())
        answer = self._relay.answered(self._receiving.localDescription.sdp)
        await self._sending.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        self._reader = asyncio.create_task(self._read(receiver.track), name="layered viewer")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self._sending.close()
        await self._receiving.close()
        await self._relay.__aexit__(kind, error, trace)

    async def switch(self, switches: int, settle_s: float) -> dict[str, Any]:
        """Look at other sizes in turn, after a while in which the rate settles.

        Returns:
            `switch_ms`, how long each took until the first decoded picture of the new size, how many sizes were
            `missed` since they did not come within 10 s (a busy machine sends fewer; after three it is given up), and
            `longest_gap_ms` between pictures meanwhile.

        Raises:
            BenchError: Not even the first picture came.
        """
        await self._looks_at(len(self._heights_px) - 1)
        await asyncio.sleep(settle_s)
        begun_s, took_ms, missed = time.monotonic(), [], 0
        for number in range(switches):
            try:
                took_ms.append(await self._looks_at((0, 2, 1, 2)[number % 4]))
            except BenchError:
                missed += 1
            if missed == _MOST_MISSED:
                break
            await asyncio.sleep(_PAUSE_S)
        return {"switch_ms": took_ms, "missed": missed, "longest_gap_ms": self._longest_gap_ms(begun_s)}

    async def narrow(self, before_s: float, after_s: float) -> dict[str, Any]:
        """Let less through after a while.

        Returns:
            `longest_gap_ms` between pictures from then on, `latency_back_s`, after which no picture had been on its way
            for more than 150 ms, `heights_px` that were sent at the end, and the `lost` packets.
        """
        self._relay.change(Weather(delay_s=0.01, rate_bps=_WIDE_BPS))
        await self._looks_at(len(self._heights_px) - 1)
        await asyncio.sleep(before_s)
        lost = self._relay.directions[0].lost
        narrowed_s = time.monotonic()
        self._relay.change(Weather(delay_s=0.01, rate_bps=_NARROW_BPS))
        await asyncio.sleep(after_s)
        late_s = [at_s - narrowed_s for at_s, way_ms in self._router.ways if at_s >= narrowed_s and way_ms > _BACK_MS]
        return {
            "longest_gap_ms": self._longest_gap_ms(narrowed_s),
            "latency_back_s": max(late_s, default=0.0),
            "heights_px": list(self._sent_px),
            "lost": self._relay.directions[0].lost - lost,
        }

    async def _looks_at(self, layer: int) -> float:
        """Have another layer passed on, and wait for its picture; how long that took in ms."""
        begun_s, height_px = time.monotonic(), self._heights_px[layer]
        self._router.target = layer
        self._sender.request_keyframe()  # as a bridge does for a receiver that is to have another layer
        seen = len(self._seen)
        while not any(tall == height_px for _, tall in self._seen[seen:]):
            if time.monotonic() - begun_s > _PATIENCE_S:
                raise BenchError(f"Pictures of {height_px} lines did not come.")
            await asyncio.sleep(0.002)
        at_s = next(at_s for at_s, tall in self._seen[seen:] if tall == height_px)
        return (at_s - begun_s) * 1000

    def _stepped(self, step: VideoStep) -> None:
        """What is sent has changed: the bridge's target follows what there is.

        It shall change for what is looked at and for the path, not for what else this machine does.
        """
        self._sender.hold_load(LoadStep(Effort.MEDIUM))
        self._sent_px = step.heights_px
        if step.heights_px:
            self._router.target = min(self._router.target, len(step.heights_px) - 1)

    def _longest_gap_ms(self, since_s: float) -> float:
        times_s = [at_s for at_s, _ in self._seen if at_s >= since_s]
        return max((1000 * (after - before) for before, after in itertools.pairwise(times_s)), default=0.0)

    async def _read(self, track: MediaStreamTrack) -> None:
        with suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, VideoFrame):
                    self._seen.append((time.monotonic(), frame.height))
