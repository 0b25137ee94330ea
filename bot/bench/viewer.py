"""The end of a connection that looks: answers an offer, and watches each track that comes."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

import numpy as np
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame
from numpy.typing import NDArray

from eyeline.processing.rtc.aiortc_internals import LivePeerConnection


class Viewer:
    """Answers one offer. Those who inherit from it say what they do with what comes.

    Args:
        plain: Whether to receive as aiortc does, without our parts.
    """

    def __init__(self, *, plain: bool = False) -> None:
        self._plain = plain

    async def __aenter__(self) -> Self:
        self._connection = RTCPeerConnection() if self._plain else LivePeerConnection()
        self._connection.on("track", self._take)
        self._tasks: list[asyncio.Task[None]] = []
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

    def see(self, frame: VideoFrame) -> None:
        """Take the next picture."""

    def hear(self, frame: Any) -> None:
        """Take what is heard next."""

    def _take(self, track: MediaStreamTrack) -> None:
        take = self.see if track.kind == "video" else self.hear
        self._tasks.append(asyncio.create_task(_watch(track, take), name=f"{track.kind} of the bench"))


def luma_of(frame: VideoFrame) -> NDArray[np.uint8]:
    """The luma plane of a decoded picture, not copied: shape `(height, width)`."""
    plane: Any = frame.planes[0]
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]


async def _watch(track: MediaStreamTrack, take: Any) -> None:
    while True:
        try:
            frame = await track.recv()
        except MediaStreamError:
            return
        take(frame)
