"""What turns blocks of 20 ms into Opus packets: libopus itself, or libav's way to it."""

from __future__ import annotations

import ctypes
import logging
from fractions import Fraction
from functools import cache
from typing import Final, Protocol

import av
from av import AudioFrame
from av.audio.codeccontext import AudioCodecContext

from eyeline.processing.rtc.opus import OpusError, load_libopus
from eyeline.processing.rtc.opus_packet import OPUS_RATE_HZ

log = logging.getLogger(__name__)

PACKET_MS: Final = 20
PACKET_SAMPLES: Final = PACKET_MS * OPUS_RATE_HZ // 1000
TIME_BASE: Final = Fraction(1, OPUS_RATE_HZ)

_BITRATES_BPS: Final = {1: 40_000, 2: 64_000}
_EXPECTED_LOSS_PERCENT: Final = 10
_COMPLEXITY: Final = 5  # of 10: a fifth less time, and speech sounds the same
_MOST_BYTES: Final = 1276  # RFC 6716, section 3.2.1, with its table of contents

_VOIP: Final = 2048
_SET_BITRATE: Final = 4002
_SET_VBR: Final = 4006
_SET_COMPLEXITY: Final = 4010
_SET_INBAND_FEC: Final = 4012
_SET_PACKET_LOSS_PERCENT: Final = 4014
_SET_VBR_CONSTRAINT: Final = 4020

_LIBAV_OPTIONS: Final = {
    "application": "voip",
    "frame_duration": str(PACKET_MS),
    "compression_level": str(_COMPLEXITY),
    "fec": "1",
    "packet_loss": str(_EXPECTED_LOSS_PERCENT),
}


class OpusCoder(Protocol):
    """An encoder of one stream, for one thread at a time."""

    def encode(self, block: AudioFrame) -> list[bytes]:
        """Encode 20 ms in packed 16-bit samples at 48 kHz, of as many channels as the coder has.

        Raises:
            OpusError: They cannot be encoded.
        """
        ...


def open_opus_coder(channels: int) -> OpusCoder:
    """The leanest coder of this machine.

    Raises:
        OpusError: There is none.
    """
    try:
        return LibopusCoder(channels)
    except OpusError as error:
        log.warning("%s Sound takes more of the processor.", error)
        return LibavOpusCoder(channels)


class LibopusCoder:
    """libopus itself, which reads sound where it lies.

    libav converts what it is given, whether or not there is something to convert, and that takes as long as a third of
    the encoding.

    Args:
        channels: 1 or 2.

    Raises:
        OpusError: libopus is not on this machine, or it refuses.
    """

    def __init__(self, channels: int) -> None:
        self._state: int | None = None
        self._library = _encoding_library()
        failure = ctypes.c_int()
        self._state = self._library.opus_encoder_create(OPUS_RATE_HZ, channels, _VOIP, ctypes.byref(failure))
        if not self._state:
            raise OpusError(f"No Opus encoder could be made: {self._words(failure.value)}.")
        self._packet = ctypes.create_string_buffer(_MOST_BYTES)
        for setting, value in (
            (_SET_BITRATE, _BITRATES_BPS[channels]),
            (_SET_VBR, 1),
            (_SET_VBR_CONSTRAINT, 0),
            (_SET_COMPLEXITY, _COMPLEXITY),
            (_SET_INBAND_FEC, 1),
            (_SET_PACKET_LOSS_PERCENT, _EXPECTED_LOSS_PERCENT),
        ):
            self._checked(self._library.opus_encoder_ctl(self._state, setting, ctypes.c_int32(value)))

    def __del__(self) -> None:
        state, self._state = self._state, None
        if state:
            self._library.opus_encoder_destroy(state)

    def encode(self, block: AudioFrame) -> list[bytes]:
        """Encode 20 ms.

        Raises:
            OpusError: libopus refuses.
        """
        samples = block.planes[0].buffer_ptr
        size = self._library.opus_encode(self._state, samples, PACKET_SAMPLES, self._packet, _MOST_BYTES)
        self._checked(size)
        return [ctypes.string_at(self._packet, size)]

    def _checked(self, answer: int) -> None:
        if answer < 0:
            raise OpusError(f"Sound cannot be encoded as Opus: {self._words(answer)}.")

    def _words(self, failure: int) -> str:
        words: bytes = self._library.opus_strerror(failure)
        return words.decode()


class LibavOpusCoder:
    """libav's way to libopus.

    Args:
        channels: 1 or 2.
    """

    def __init__(self, channels: int) -> None:
        self._codec = AudioCodecContext.create("libopus", "w")
        self._codec.sample_rate, self._codec.format = OPUS_RATE_HZ, "s16"
        self._codec.layout = "mono" if channels == 1 else "stereo"
        self._codec.bit_rate, self._codec.time_base = _BITRATES_BPS[channels], TIME_BASE
        self._codec.options = dict(_LIBAV_OPTIONS)

    def encode(self, block: AudioFrame) -> list[bytes]:
        """Encode 20 ms.

        Raises:
            OpusError: libav refuses.
        """
        try:
            return [bytes(packet) for packet in self._codec.encode(block)]
        except (av.FFmpegError, ValueError) as error:
            raise OpusError(f"Sound cannot be encoded as Opus: {error}.") from None


@cache
def _encoding_library() -> ctypes.CDLL:
    library = load_libopus()
    try:
        create, encode, control = library.opus_encoder_create, library.opus_encode, library.opus_encoder_ctl
        destroy = library.opus_encoder_destroy
    except AttributeError as error:
        raise OpusError(f"This libopus cannot encode: {error}.") from None
    create.restype = ctypes.c_void_p
    create.argtypes = [ctypes.c_int32, ctypes.c_int, ctypes.c_int, ctypes.POINTER(ctypes.c_int)]
    encode.restype = ctypes.c_int32
    encode.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int32]
    control.restype = ctypes.c_int
    control.argtypes = [ctypes.c_void_p, ctypes.c_int]  # what follows is variadic
    destroy.restype = None
    destroy.argtypes = [ctypes.c_void_p]
    return library
