"""Encoding away from the event loop, in a thread that belongs to one sender."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Protocol, TypeAlias

from aiortc.codecs.base import Encoder
from aiortc.mediastreams import convert_timebase
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av import AudioFrame
from av.frame import Frame
from av.packet import Packet

from eyeline.processing.rtc.audio_level import audio_level_dbov
from eyeline.processing.rtc.encoder_tuning import EncoderTuning
from eyeline.processing.rtc.encoders import live_encoder
from eyeline.processing.rtc.own_thread import OwnThread
from eyeline.processing.rtc.tuning import Tuning

logger = logging.getLogger(__name__)

_FAILURES_BORNE: Final = 3
_OPUS_SAMPLES: Final = 960  # aiortc's encoder makes packets of 20 ms, whatever it is given

EncoderInput: TypeAlias = "Frame | Packet[Any]"


@dataclass(frozen=True, slots=True)
class EncodedFrame:
    """What one frame became.

    Args:
        payloads: Of its RTP packets.
        pts: In units of the RTP clock.
        pts_step: From one payload to the next.
        is_keyframe: Whether it is a picture that needs no other; for packets, what they say.
        audio_level_dbov: Of sound that was encoded here.
        encode_s: How long encoding took.
        begins_size: Whether it is the first of its size, which is a keyframe whether or not one was asked for.
        stream: Number of the stream that it is sent on; more than 0 only with simulcast.
    """

    payloads: list[bytes]
    pts: int
    pts_step: int = 0
    is_keyframe: bool = False
    audio_level_dbov: int | None = None
    encode_s: float = 0.0
    begins_size: bool = False
    stream: int = 0


class StreamEncoder(Protocol):
    """What a sender encodes with."""

    @property
    def tuning(self) -> Tuning:
        """To be told what receivers say."""
        ...

    def pts(self, data: EncoderInput) -> int:
        """The pts of a frame in units of the RTP clock; `ValueError` when it has none."""
        ...

    async def encode(self, data: EncoderInput, pts: int, *, keyframe: bool) -> Sequence[EncodedFrame]:
        """Encode a frame with such a `pts` for every stream, in the order in which they are to leave."""
        ...

    def close(self) -> None:
        """Release it once it is done with its frame; nothing is waited for."""
        ...


class FrameEncoder:
    """One codec with a thread of its own, so that neither other encoders nor anything else is waited for.

    An encoder that fails at a frame is replaced; one whose successors fail as well ends the stream.

    Args:
        codec: Negotiated.
        kind: `audio` or `video`.

    Attributes:
        tuning: Of pictures; to be told what receivers say.
    """

    def __init__(self, codec: RTCRtpCodecParameters, kind: str) -> None:
        self.tuning = EncoderTuning()
        self._codec = codec
        self._clock = Fraction(1, codec.clockRate)
        self._thread = OwnThread(f"{kind}-encoder")
        self._encoder: Encoder | None = None
        self._pts_shift: int | None = None
        self._failures = 0

    def pts(self, data: EncoderInput) -> int:
        """The pts of a frame in units of the RTP clock.

        Raises:
            ValueError: It has none.
        """
        pts, time_base = data.pts, data.time_base  # read once: libav makes a new `Fraction` each time
        if pts is None or time_base is None:
            raise ValueError("a frame without a time cannot be sent")
        return convert_timebase(pts, time_base, self._clock)

    async def encode(self, data: EncoderInput, pts: int, *, keyframe: bool) -> tuple[EncodedFrame, ...]:
        """Encode a frame, or pack one that is encoded already; empty when nothing came out of it.

        Args:
            data: The frame.
            pts: As the method of that name gives it.
            keyframe: Whether it has to be one.

        Raises:
            Exception: Whatever the encoder raised, several times in succession.
        """
        if self.tuning.pauses:
            return ()
        if self._encoder is None:
            self._encoder = live_encoder(self._codec)
            self._pts_shift = None
        try:
            if isinstance(data, Packet):
                payloads, _ = self._encoder.pack(data)
                return (EncodedFrame(payloads, pts, is_keyframe=data.is_keyframe),) if payloads else ()
            self.tuning.apply(self._encoder, data, time.monotonic())
            encoded = await self._thread.run(self._encode, self._encoder, data, pts, keyframe)
        except Exception:
            self._replace()
            self._failures += 1
            if self._failures >= _FAILURES_BORNE:
                raise
            logger.warning("the %s encoder failed and is replaced", self._codec.name, exc_info=True)
            return ()
        self._failures = 0
        if encoded is None:
            return ()
        self.tuning.encoded(encoded.encode_s, time.monotonic())
        return (encoded,)

    def close(self) -> None:
        """Release the encoder once it is done with its frame; nothing is waited for."""
        self._replace()
        self._thread.close()

    def _encode(self, encoder: Encoder, frame: Frame, pts: int, keyframe: bool) -> EncodedFrame | None:
        begun_s = time.perf_counter()
        is_sound = isinstance(frame, AudioFrame)
        level_dbov = audio_level_dbov(frame) if isinstance(frame, AudioFrame) else None
        payloads, timestamp = encoder.encode(frame, keyframe)
        if not payloads:
            return None
        if is_sound:
            # aiortc's encoders of sound begin at 0, and hold back what does not fill a packet
            if self._pts_shift is None:
                self._pts_shift = pts - timestamp
            pts = timestamp + self._pts_shift
        return EncodedFrame(
            payloads,
            pts,
            pts_step=_OPUS_SAMPLES if self._codec.name.lower() == "opus" else 0,
            is_keyframe=not is_sound and bool(getattr(encoder, "last_is_keyframe", keyframe)),
            audio_level_dbov=level_dbov,
            encode_s=time.perf_counter() - begun_s,
            begins_size=bool(getattr(encoder, "last_begins_size", False)),
        )

    def _replace(self) -> None:
        encoder, self._encoder = self._encoder, None
        close = getattr(encoder, "close", None)
        if close is not None:
            self._thread.then(close)
