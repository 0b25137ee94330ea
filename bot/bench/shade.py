"""A viewer that notes how bright a corner of each picture is, where nobody stands."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Final, Self

import numpy as np
from aiortc import MediaStreamTrack, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from eyeline.bot.bench.receiver import luma_of
from eyeline.processing.rtc.aiortc_internals import LivePeerConnection

_CORNER: Final = 16


class ShadeReceiver:
    """The role. Answers one offer."""

    async def __aenter__(self) -> Self:
        self._connection = LivePeerConnection()
        self._connection.on("track", self._take)
        self._tasks: list[asyncio.Task[None]] = []
        self._pictures: list[tuple[float, int]] = []
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await self._connection.close()

    async def answer(self, sdp: str) -> str:
        """The answer to an offer."""
        await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        await self._connection.setLocalDescription(await self._connection.createAnswer())
        return self._connection.localDescription.sdp

    async def take(self) -> list[tuple[float, int]]:
        """When pictures were decoded since the last call, in monotonic seconds, and how bright their corner was."""
        taken, self._pictures = self._pictures, []
        return taken

    def _take(self, track: MediaStreamTrack) -> None:
        if track.kind == "video":
            self._tasks.append(asyncio.create_task(self._watch(track), name="viewer"))

    async def _watch(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            if isinstance(frame, VideoFrame):
                luma = luma_of(frame)
                at_px = luma.shape[1] // 40
                corner = luma[at_px : at_px + _CORNER, at_px : at_px + _CORNER]
                self._pictures.append((time.monotonic(), int(np.median(corner))))
