"""The bot as it runs for a person, with work of a known cost for a picture: ingest, picture worker, sender."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from aiortc import RTCRtpSender, RTCRtpTransceiver, RTCSessionDescription

from eyeline.bot.bench.chain import chain_effects, chain_spec
from eyeline.bot.bench.octets import octets_sent
from eyeline.bot.bench.work import WorkSpec
from eyeline.bot.loop_lag import LoopLag
from eyeline.processing.card import StillCard
from eyeline.processing.effects import EffectState, NoBackground
from eyeline.processing.frame import CapturedFrame
from eyeline.processing.outgoing_audio import OutgoingAudio
from eyeline.processing.outgoing_video import OutgoingVideo
from eyeline.processing.rtc.aiortc_internals import LivePeerConnection, LiveSender
from eyeline.processing.sources.blocks import AudioBlock
from eyeline.processing.sources.fitting import Box
from eyeline.processing.sources.webrtc import IngestSession
from eyeline.processing.tracks import OutgoingAudioTrack, OutgoingVideoTrack
from eyeline.processing.worker.in_process import PictureThread
from eyeline.processing.worker.maker import OpenPicture
from eyeline.processing.worker.process import PictureProcess


class Bot:
    """The role: answers a person's offer, offers to a viewer.

    Args:
        work_ms: CPU time for a picture.
        codec: `VP8` or `H264`, towards the viewer.
        size_px: Width and height of the picture.
        worker: `process` or `thread`, as the setting `video.worker` has it.
        effects: Background and gaze, for the real picture instead of such work.
    """

    def __init__(
        self,
        work_ms: float,
        codec: str,
        size_px: tuple[int, int],
        worker: str = "process",
        effects: dict[str, str] | None = None,
    ) -> None:
        self._work: OpenPicture = chain_spec() if effects else WorkSpec(work_ms)
        self._effects = chain_effects(**effects) if effects else EffectState(NoBackground())
        self._codec = codec
        self._size_px = (size_px[0], size_px[1])
        self._worker = worker
        self._taken = 0
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            video = OutgoingVideo(StillCard("bench"), size_px=self._size_px)
            stack.callback(video.close)
            self._maker = self._picture_maker(video)
            stack.push_async_callback(asyncio.to_thread, self._maker.close)
            self._maker.__enter__()
            await asyncio.to_thread(self._maker.set_effects, self._effects)
            audio = OutgoingAudio()
            self._ingest = await stack.enter_async_context(IngestSession(("video", "audio")))
            box = Box(*self._size_px, 30)
            await stack.enter_async_context(self._ingest.video(box, on_frame=self._take))
            await stack.enter_async_context(self._ingest.audio(on_block=lambda block: _put(audio, block)))
            self._lag = await stack.enter_async_context(LoopLag())
            self._sender = self._outgoing(video, audio)
            stack.push_async_callback(self._connection.close)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def answer(self, sdp: str) -> str:
        """The answer to the person's offer."""
        return (await self._ingest.answer(sdp)).sdp

    async def offer(self) -> str:
        """The offer to the viewer."""
        await self._connection.setLocalDescription(await self._connection.createOffer())
        return self._connection.localDescription.sdp

    async def accept(self, sdp: str) -> None:
        """Begin to send to the viewer."""
        await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def begin(self) -> None:
        """The measurement begins: forget how late the event loop was while connections were made."""
        self._lag.forget()

    async def counts(self) -> dict[str, Any]:
        """What happened so far."""
        sender = self._sender.sender
        sent = sender.statistics if isinstance(sender, LiveSender) else None
        lag = self._lag.percentiles()
        return {
            "processed": self._maker.processed,
            "dropped": self._maker.dropped,
            "restarts": self._maker.restarts,
            "decoded": self._taken,
            "encoded": sent.frames if sent else 0,
            "keyframes": sent.keyframes if sent else 0,
            "keyframe_requests": sent.keyframe_requests if sent else 0,
            "retransmissions": sent.retransmissions if sent else 0,
            "octets": await octets_sent(sender),
            "unasked_keyframes": sent.unasked_keyframes if sent else 0,
            "loop_lag_ms": lag.to_json() if lag else None,
            "tier": self._maker.status.tier.value,
            "gaze": str(self._maker.status.gaze),
            "stages_ms": asdict(self._maker.times),
        }

    def _take(self, frame: CapturedFrame) -> None:
        self._taken += 1
        self._maker.offer(frame)

    def _picture_maker(self, video: OutgoingVideo) -> PictureProcess | PictureThread:
        if self._worker == "thread":
            return PictureThread(self._work, on_picture=video.show)
        return PictureProcess(self._work, max_size_px=self._size_px, on_picture=video.show)

    def _outgoing(self, video: OutgoingVideo, audio: OutgoingAudio) -> RTCRtpTransceiver:
        self._connection = LivePeerConnection()
        picture = OutgoingVideoTrack(video)
        transceiver = self._connection.addTransceiver(picture, direction="sendonly")
        codecs = RTCRtpSender.getCapabilities("video").codecs
        transceiver.setCodecPreferences([codec for codec in codecs if codec.name in (self._codec, "rtx")])
        self._connection.addTransceiver(OutgoingAudioTrack(audio, picture), direction="sendonly")
        return transceiver


def _put(audio: OutgoingAudio, block: AudioBlock) -> None:
    audio.put(block.samples, block.captured_at_s)
