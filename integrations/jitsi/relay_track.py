"""A track for one session over a track that outlives it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import Packet
from av.frame import Frame

logger = logging.getLogger(__name__)

_MUTED_PAUSE_S = 0.005  # a source that never waits must not occupy the event loop while it is muted


class RelayTrack(MediaStreamTrack):
    """Passes a source's frames on, or keeps them back while muted.

    aiortc stops a sender's track when its connection ends; this one is stopped instead of the source, which its owner
    may publish again. While muted the source is still read, so that nothing queues up in it and its clock runs on, but
    no frame leaves: aiortc waits and sends no RTP, without any renegotiation.

    Args:
        source: What is passed on; never stopped here.
    """

    def __init__(self, source: MediaStreamTrack) -> None:
        super().__init__()
        self.kind = source.kind
        self._source = source
        self._muted = False

    @property
    def muted(self) -> bool:
        """Whether frames are kept back."""
        return self._muted

    @property
    def captured_offset_s(self) -> float | None:
        """As the source's, for sender reports; `None` where it has none."""
        offset_s: float | None = getattr(self._source, "captured_offset_s", None)
        return offset_s

    def set_muted(self, muted: bool) -> None:
        """Keep frames back, or let them through; a frame that is on its way when muted is kept back as well."""
        self._muted = muted

    async def recv(self) -> Frame | Packet[Any]:
        """The source's next frame that may leave.

        Raises:
            MediaStreamError: The source or this track ended.
        """
        while True:
            if self.readyState != "live":
                raise MediaStreamError
            frame = await self._read()
            if not self._muted:
                return frame
            await asyncio.sleep(_MUTED_PAUSE_S)

    async def _read(self) -> Frame | Packet[Any]:
        try:
            return await self._source.recv()
        except MediaStreamError:
            raise
        except Exception as error:
            # aiortc would end its sender with this error and nobody would see where it came from
            logger.exception("The %s track failed; nothing more is sent on it", self.kind)
            raise MediaStreamError from error
