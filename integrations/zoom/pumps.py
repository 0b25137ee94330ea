"""What carries our picture and our sound to one bridge process."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from aiortc import MediaStreamTrack

from eyeline.config.errors import MediaError
from eyeline.integrations.events import MediaKind
from eyeline.integrations.zoom.audio_pump import AudioPump
from eyeline.integrations.zoom.bridge.messages import RingPlace, SetAudioMuted, SetVideoMuted, VideoSize
from eyeline.integrations.zoom.bridge.pictures import PictureWriter
from eyeline.integrations.zoom.channels import BridgeChannels
from eyeline.integrations.zoom.video_pump import LARGEST_PX, RING_BYTES, VideoPump
from eyeline.processing.byte_ring import RingError


class Pumps:
    """Both; a context manager that owns the ring of pictures.

    Args:
        channels: Of the bridge.
        video: Our picture, or `None`.
        audio: Our sound, or `None`.
        max_height_px: The tallest picture that is sent.

    Raises:
        MediaError: There is not enough shared memory.
    """

    def __init__(
        self,
        channels: BridgeChannels,
        video: MediaStreamTrack | None,
        audio: MediaStreamTrack | None,
        *,
        max_height_px: int = LARGEST_PX[1],
    ) -> None:
        try:
            self._ring = PictureWriter.create(RING_BYTES)
        except RingError as error:
            raise MediaError(f"Pictures cannot be handed to Zoom: {error}.", hint="eyeline doctor zoom") from error
        self._video = VideoPump(video, self._ring, channels.wake, max_height_px) if video is not None else None
        self._audio = AudioPump(audio, channels.send_sound) if audio is not None else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ring.close()

    @property
    def has_video(self) -> bool:
        """Whether we publish a picture."""
        return self._video is not None

    @property
    def has_audio(self) -> bool:
        """Whether we publish sound."""
        return self._audio is not None

    @property
    def place(self) -> RingPlace:
        """Of the ring, for the bridge."""
        return self._ring.place

    async def run(self) -> None:
        """Carry until the tracks end; to be cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for pump in (self._video, self._audio):
                if pump is not None:
                    tasks.create_task(pump.run(), name=f"zoom {type(pump).__name__}")

    def resize(self, size: VideoSize) -> VideoSize:
        """See `VideoPump.resize`."""
        return size if self._video is None else self._video.resize(size)

    def want(self, kind: MediaKind, wanted: bool) -> None:
        """Whether a medium is taken from now on."""
        pump = self._video if kind is MediaKind.VIDEO else self._audio
        if pump is not None:
            pump.want(wanted)


def mute_command(kind: MediaKind, muted: bool) -> SetVideoMuted | SetAudioMuted:
    """What tells the bridge."""
    return SetVideoMuted(muted) if kind is MediaKind.VIDEO else SetAudioMuted(muted)
