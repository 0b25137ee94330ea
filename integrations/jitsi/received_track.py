"""A track of somebody else, which ends when it is told to."""

from __future__ import annotations

import asyncio
from typing import Any

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import Packet
from av.frame import Frame


class ReceivedTrack(MediaStreamTrack):
    """Passes on what a receiver decodes until it is stopped.

    A receiver of aiortc that never got as far as decoding never ends its track either: whoever waits for a frame would
    wait for ever. Stopping this track ends the wait.

    Args:
        decoded: The receiver's own track.
    """

    def __init__(self, decoded: MediaStreamTrack) -> None:
        super().__init__()
        self.kind = decoded.kind
        self._decoded = decoded
        self._stopped: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def recv(self) -> Frame | Packet[Any]:
        """The next frame.

        Raises:
            MediaStreamError: The track ended.
        """
        if self.readyState != "live":
            raise MediaStreamError
        reading = asyncio.ensure_future(self._decoded.recv())
        try:
            await asyncio.wait((reading, self._stopped), return_when=asyncio.FIRST_COMPLETED)
        finally:
            reading.cancel()
        if not reading.done():
            raise MediaStreamError
        return reading.result()

    def stop(self) -> None:
        """End the track."""
        super().stop()
        if not self._stopped.done():
            self._stopped.set_result(None)
