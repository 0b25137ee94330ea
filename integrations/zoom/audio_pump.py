"""From our audio track to the bridge: 16-bit sound at 48 kHz, mono or stereo, while Zoom takes it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Final, Protocol

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

log = logging.getLogger(__name__)

RATE_HZ: Final = 48_000


class SendSound(Protocol):
    """Hands sound to the bridge."""

    def __call__(self, samples: bytes, *, rate_hz: int, channels: int) -> bool:
        """See `BridgeChannels.send_sound`."""


class AudioPump:
    """Reads the track all the time, since sound that is not wanted now is of no use later.

    Args:
        track: Ours; read and never stopped.
        send: Takes what is wanted, or drops it.
    """

    def __init__(self, track: MediaStreamTrack, send: SendSound) -> None:
        self._track = track
        self._send = send
        self._wanted = False
        self._resampler: tuple[str, av.AudioResampler] | None = None
        self.dropped = 0

    def want(self, wanted: bool) -> None:
        """Whether sound is taken from now on."""
        self._wanted = wanted

    async def run(self) -> None:
        """Hand sound over until the track ends; to be cancelled."""
        try:
            while True:
                frame = await self._track.recv()
                if not self._wanted or not isinstance(frame, av.AudioFrame):
                    continue
                for each in self._plain(frame):
                    channels = each.layout.nb_channels
                    taken = self._send(_samples(each, channels), rate_hz=RATE_HZ, channels=channels)
                    self.dropped += not taken
        except MediaStreamError:
            log.debug("our audio track ended")

    def _plain(self, frame: av.AudioFrame) -> Iterator[av.AudioFrame]:
        """The sound as Zoom takes it; most often it is so already."""
        if frame.format.name == "s16" and frame.sample_rate == RATE_HZ and frame.layout.nb_channels <= 2:
            yield frame
            return
        form = f"{frame.format.name} {frame.sample_rate} {frame.layout.name}"
        if self._resampler is None or self._resampler[0] != form:
            layout = "mono" if frame.layout.nb_channels == 1 else "stereo"
            self._resampler = form, av.AudioResampler("s16", layout, RATE_HZ)
        frame.pts = None  # gaps are the track's affair
        yield from self._resampler[1].resample(frame)


def _samples(frame: av.AudioFrame, channels: int) -> bytes:
    """Without the padding that libav may add."""
    return bytes(frame.planes[0])[: frame.samples * channels * 2]
