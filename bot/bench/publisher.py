"""Our way out, from a processed picture to packets: what `eyeline bench publish` measures."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Any, Final, Self

from aiortc import RTCRtpSender, RTCSessionDescription

from eyeline.bot.bench.beat import Beat
from eyeline.bot.bench.clip import FPS, Clip
from eyeline.bot.bench.errors import BenchError
from eyeline.bot.bench.octets import octets_sent
from eyeline.bot.bench.work import WorkSpec
from eyeline.processing.card import StillCard
from eyeline.processing.effects import EffectState, NoBackground
from eyeline.processing.frame import CapturedFrame, I420Image
from eyeline.processing.outgoing_video import OutgoingVideo
from eyeline.processing.rtc.aiortc_internals import LivePeerConnection, LiveSender
from eyeline.processing.rtc.effort import Effort
from eyeline.processing.rtc.encode_load import LoadStep
from eyeline.processing.tracks import OutgoingVideoTrack

_STEPS_BPS: Final = (600_000, 1_800_000, 900_000, 2_500_000, 300_000, 2_500_000)


class Publisher:
    """The role: shows the clip on an `OutgoingVideo`, and sends it to a viewer that it offers to.

    Args:
        clip: Arguments of the `Clip`.
        codec: `VP8` or `H264`.
        bitrate_bps: What the viewer says it can take.
        simulcast: Whether to send three sizes side by side.
    """

    def __init__(self, clip: dict[str, Any], codec: str, bitrate_bps: int, simulcast: bool = False) -> None:
        self._clip = Clip.of(clip)
        self._codec = codec
        self._bitrate_bps = bitrate_bps
        self._simulcast = simulcast

    async def __aenter__(self) -> Self:
        self._pictures = self._clip.open()
        self._picture = WorkSpec(0)()
        self._picture.apply(self._picture.prepare(EffectState(NoBackground())))
        self._video = OutgoingVideo(StillCard("bench"), size_px=(self._clip.width_px, self._clip.height_px))
        self._track = OutgoingVideoTrack(self._video)
        self._track.limit(0)
        self._connection = LivePeerConnection()
        transceiver = self._connection.addTransceiver(self._track, direction="sendonly")
        codecs = RTCRtpSender.getCapabilities("video").codecs
        transceiver.setCodecPreferences([codec for codec in codecs if codec.name in (self._codec, "rtx")])
        if not isinstance(transceiver.sender, LiveSender):
            raise TypeError("a live connection has live senders")
        self._sender = transceiver.sender
        if self._simulcast:
            self._sender.use_simulcast()
        self._number = 0
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connection.close()
        self._video.close()
        self._picture.close()

    async def offer(self) -> str:
        """The offer to the viewer."""
        await self._connection.setLocalDescription(await self._connection.createOffer())
        return self._connection.localDescription.sdp

    async def accept(self, sdp: str) -> None:
        """Begin to send to the viewer."""
        await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def warm_up(self, seconds: float) -> None:
        """Send until the rate is reached that the viewer takes."""
        await self._show(seconds)

    async def measure(self, seconds: float, warm_up_s: float) -> dict[str, Any]:
        """Send for a while.

        Returns:
            `cpu_s` of this process, `frames` and `octets` (of payload) sent in that time, and with which `effort` at
            its end (encoders use less where they are too slow).

        Raises:
            BenchError: Hardly a picture was sent.
        """
        (used,) = await self.measure_turns([seconds], warm_up_s)
        return used

    async def measure_turns(self, turns_s: list[float], warm_up_s: float) -> list[dict[str, Any]]:
        """As `measure`, several times without a pause in between.

        Raises:
            BenchError: Hardly a picture was sent.
        """
        await self._show(warm_up_s, ends=False)
        turns = [await self._turn(seconds) for seconds in turns_s]
        await self._show(0)
        return turns

    async def _turn(self, seconds: float) -> dict[str, Any]:
        octets, frames, cpu_s = await octets_sent(self._sender), self._sender.statistics.frames, time.process_time()
        await self._show(seconds, ends=False)
        cpu_s = time.process_time() - cpu_s
        frames = self._sender.statistics.frames - frames
        octets = await octets_sent(self._sender) - octets
        if frames < seconds:
            raise BenchError(f"Only {frames} pictures were sent in {seconds:.0f} s.")
        step = self._sender.load_step
        return {"cpu_s": cpu_s, "frames": frames, "octets": octets, "effort": int(step.effort if step else Effort.FULL)}

    async def hold_effort(self) -> None:
        """Take the time that the best picture takes, so that what is compared is the same work."""
        self._sender.hold_load(LoadStep(Effort.FULL))

    async def measure_source(self, seconds: float) -> dict[str, Any]:
        """The same pictures, shown and not sent: `cpu_s` and `frames`."""
        cpu_s, number = time.process_time(), self._number
        await self._show(seconds, sends=False)
        return {"cpu_s": time.process_time() - cpu_s, "frames": self._number - number}

    async def change_rate(self, seconds_each: float) -> dict[str, int]:
        """Have the viewer change its mind about what it takes, several times.

        Returns:
            `unasked_keyframes` of all that was sent so far, and how many times the rate `changes`.
        """
        for bitrate_bps in _STEPS_BPS:
            self._sender.estimated(bitrate_bps)
            await self._show(seconds_each, ends=False, estimates=False)
        await self._show(0)
        return {"unasked_keyframes": self._sender.statistics.unasked_keyframes, "changes": len(_STEPS_BPS)}

    async def _show(self, seconds: float, *, sends: bool = True, ends: bool = True, estimates: bool = True) -> None:
        """Show the clip for a while; at its end nothing more is sent."""
        self._track.limit(None if sends else 0)
        beat, until_s = Beat(), time.monotonic() + seconds
        while time.monotonic() < until_s:
            await beat.wait()
            if estimates and self._number % FPS == 0:
                self._sender.estimated(self._bitrate_bps)
            packed = self._pictures[self._number % len(self._pictures)]
            self._number += 1
            image = I420Image(self._clip.width_px, self._clip.height_px, packed.reshape(-1))
            self._video.show(self._picture.process(CapturedFrame(image, time.monotonic())))
        if ends:
            self._track.limit(0)
            await asyncio.sleep(0.1)
