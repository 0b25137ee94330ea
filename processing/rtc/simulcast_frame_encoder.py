"""The layers of simulcast away from the event loop: one thread scales and encodes all of them."""

from __future__ import annotations

import logging
import time
from fractions import Fraction
from typing import Final

from aiortc.mediastreams import convert_timebase
from av import VideoFrame
from av.packet import Packet

from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.frame_encoder import EncodedFrame, EncoderInput
from eyeline.processing.rtc.layer_tuning import LayerTuning
from eyeline.processing.rtc.live_video_encoder import as_i420
from eyeline.processing.rtc.own_thread import OwnThread
from eyeline.processing.rtc.simulcast_encoder import LayerPlan, SimulcastEncoder

logger = logging.getLogger(__name__)

_CLOCK: Final = Fraction(1, 90_000)
_FAILURES_BORNE: Final = 3


class SimulcastFrameEncoder:
    """Encodes each picture of a track in every layer that somebody looks at and that gets through.

    A failure costs one picture, and all layers begin anew; failures in succession end the stream.

    Attributes:
        tuning: To be told what receivers say.
    """

    def __init__(self) -> None:
        self.tuning = LayerTuning()
        self._encoder = SimulcastEncoder()
        self._thread = OwnThread("video-encoder")
        self._failures = 0

    def pts(self, data: EncoderInput) -> int:
        """The pts of a picture at 90 kHz.

        Raises:
            ValueError: It has none.
        """
        pts, time_base = data.pts, data.time_base
        if pts is None or time_base is None:
            raise ValueError("a frame without a time cannot be sent")
        return convert_timebase(pts, time_base, _CLOCK)

    async def encode(self, data: EncoderInput, pts: int, *, keyframe: bool) -> list[EncodedFrame]:
        """Encode a picture in all layers, tallest first; one that is encoded already goes into the lowest.

        Args:
            data: The picture.
            pts: As the method of that name gives it.
            keyframe: Whether it has to be one.

        Raises:
            EncoderError: It cannot be encoded, several times in succession.
        """
        if isinstance(data, Packet):
            return [EncodedFrame(self._encoder.pack(bytes(data)), pts, is_keyframe=data.is_keyframe)]
        if not isinstance(data, VideoFrame):
            raise EncoderError("Only pictures can be sent in layers.")
        plan = self.tuning.plan(data.width, data.height, time.monotonic())
        if not plan.sizes:
            return []
        try:
            encoded = await self._thread.run(self._encode, data, pts, plan, keyframe)
        except Exception:
            self._failures += 1
            if self._failures >= _FAILURES_BORNE:
                raise
            logger.warning("the layers of a picture could not be encoded; they begin anew", exc_info=True)
            return []
        self._failures = 0
        if encoded:
            self.tuning.encoded(encoded[-1].encode_s, time.monotonic())
        return encoded

    def close(self) -> None:
        """Release the codecs once they are done with their picture; nothing is waited for."""
        self._thread.then(self._encoder.close)
        self._thread.close()

    def _encode(self, frame: VideoFrame, pts: int, plan: LayerPlan, keyframe: bool) -> list[EncodedFrame]:
        begun_s = time.perf_counter()
        coded = self._encoder.encode(as_i420(frame), pts / _CLOCK.denominator, plan, keyframe=keyframe)
        encode_s = time.perf_counter() - begun_s
        return [
            EncodedFrame(
                each.payloads,
                pts,
                is_keyframe=each.is_keyframe,
                encode_s=encode_s,
                begins_size=each.begins,
                stream=each.layer,
            )
            for each in coded
        ]
