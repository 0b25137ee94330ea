"""The proxy that everybody writes first: plain aiortc, `recv` that awaits the source's, work in an executor."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from av import VideoFrame
from av.video.frame import PictureType

from eyeline.bot.bench.work import burn
from eyeline.bot.loop_lag import LoopLag


class NaiveTrack(MediaStreamTrack):
    """Another track with work on every picture; every picture is waited for.

    Args:
        source: The other track.
        work_ms: CPU time for a picture.
    """

    kind = "video"

    def __init__(self, source: MediaStreamTrack, work_ms: float) -> None:
        super().__init__()
        self._source = source
        self._work_ms = work_ms

    async def recv(self) -> VideoFrame:
        """The next picture of the source, worked on."""
        frame = await self._source.recv()
        if not isinstance(frame, VideoFrame):
            raise TypeError("a track of video gives pictures")
        await asyncio.get_running_loop().run_in_executor(None, burn, self._work_ms)
        frame.pict_type = PictureType.NONE  # or aiortc makes a keyframe of each of the source's
        return frame


class NaiveProxy:
    """The role, as `bot.Bot`.

    Args:
        work_ms: CPU time for a picture.
    """

    def __init__(self, work_ms: float) -> None:
        self._work_ms = work_ms

    async def __aenter__(self) -> Self:
        self._person, self._viewer = RTCPeerConnection(), RTCPeerConnection()
        self._person.on("track", self._take)
        self._lag = LoopLag()
        await self._lag.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(self._person.close(), self._viewer.close())
        await self._lag.__aexit__(kind, error, trace)

    async def answer(self, sdp: str) -> str:
        """The answer to the person's offer."""
        await self._person.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        await self._person.setLocalDescription(await self._person.createAnswer())
        return self._person.localDescription.sdp

    async def offer(self) -> str:
        """The offer to the viewer."""
        await self._viewer.setLocalDescription(await self._viewer.createOffer())
        return self._viewer.localDescription.sdp

    async def accept(self, sdp: str) -> None:
        """Begin to send to the viewer."""
        await self._viewer.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def begin(self) -> None:
        """The measurement begins."""
        self._lag.forget()

    async def counts(self) -> dict[str, Any]:
        """What happened so far."""
        lag = self._lag.percentiles()
        return {"loop_lag_ms": lag.to_json() if lag else None}

    def _take(self, track: MediaStreamTrack) -> None:
        self._viewer.addTrack(NaiveTrack(track, self._work_ms) if track.kind == "video" else track)
