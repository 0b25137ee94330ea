"""Opus decoding with what libav leaves out: in-band error correction and concealment.

A small binding to libopus, the one inside PyAV's wheel or the system's. `open_opus_decoder` falls back to libav's
decoder where no libopus can be loaded; then a lost packet fades out instead of being concealed.
"""

from __future__ import annotations

import ctypes
import logging
from functools import cache
from types import TracebackType
from typing import Protocol, Self

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from numpy.typing import NDArray

from eyeline.config.errors import MediaError
from eyeline.processing.rtc.native_library import first_usable, library_names
from eyeline.processing.rtc.opus_packet import MAX_PACKET_SAMPLES, OPUS_RATE_HZ

log = logging.getLogger(__name__)

Pcm = NDArray[np.int16]

_STEP_SAMPLES = OPUS_RATE_HZ // 400  # concealment comes in multiples of 2.5 ms
_FADE_SAMPLES = OPUS_RATE_HZ // 200


class OpusError(MediaError):
    """An Opus packet cannot be decoded, or there is no decoder."""

    code = "opus"


class OpusDecoder(Protocol):
    """One stream's decoder. All sound is `int16` of shape `(samples, channels)` at 48 kHz. Not for two threads at once.

    Every method raises `OpusError` for what cannot be decoded; the stream may go on after that.
    """

    def decode(self, payload: bytes) -> Pcm:
        """Decode one packet."""
        ...

    def decode_fec(self, payload: bytes, samples: int) -> Pcm:
        """The sound before a packet, from the copy inside of it; concealed when it holds none."""
        ...

    def conceal(self, samples: int) -> Pcm:
        """What may have been in a packet that is missing; fades out when called again and again."""
        ...

    def close(self) -> None:
        """Free the decoder."""
        ...


class LibopusDecoder:
    """libopus itself; a context manager.

    Args:
        channels: 1 or 2, of what comes out, whatever the packets hold.

    Raises:
        OpusError: libopus is not on this machine.
    """

    def __init__(self, channels: int) -> None:
        self._library = load_libopus()
        self._channels = channels
        failure = ctypes.c_int()
        self._pcm = np.empty((MAX_PACKET_SAMPLES, channels), np.int16)
        self._pcm_address = self._pcm.ctypes.data
        self._state = self._library.opus_decoder_create(OPUS_RATE_HZ, channels, ctypes.byref(failure))
        if not self._state:
            raise OpusError(f"No Opus decoder could be made: {self._words(failure.value)}.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def decode(self, payload: bytes) -> Pcm:
        """Decode one packet.

        Raises:
            OpusError: It is damaged.
        """
        if not payload:
            raise OpusError("An Opus packet is empty.")
        return self._decode(payload, MAX_PACKET_SAMPLES, fec=False)

    def decode_fec(self, payload: bytes, samples: int) -> Pcm:
        """The sound before a packet, as long as what is missing; concealed when the packet has no copy of it.

        Raises:
            OpusError: The packet is damaged.
        """
        return self._decode(payload, _whole_steps(samples), fec=True)[:samples]

    def conceal(self, samples: int) -> Pcm:
        """Go on with the sound, fading out.

        Raises:
            OpusError: The decoder is closed.
        """
        return self._decode(None, _whole_steps(samples), fec=False)[:samples]

    def close(self) -> None:
        """Free the decoder; may be called again."""
        state, self._state = getattr(self, "_state", None), None
        if state:
            self._library.opus_decoder_destroy(state)

    def _decode(self, payload: bytes | None, samples: int, *, fec: bool) -> Pcm:
        if not self._state:
            raise OpusError("The Opus decoder is closed.")
        size = len(payload) if payload is not None else 0
        made = self._library.opus_decode(self._state, payload, size, self._pcm_address, samples, int(fec))
        if made < 0:
            raise OpusError(f"An Opus packet cannot be decoded: {self._words(made)}.")
        return self._pcm[:made].copy()

    def _words(self, failure: int) -> str:
        words: bytes = self._library.opus_strerror(failure)
        return words.decode()


class LibavOpusDecoder:
    """libav's decoder, which knows neither error correction nor concealment: what is lost fades to silence.

    Args:
        channels: 1 or 2.
    """

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._codec = AudioCodecContext.create("opus", "r")
        self._codec.sample_rate = OPUS_RATE_HZ
        self._codec.layout = "stereo" if channels == 2 else "mono"
        self._resampler = av.AudioResampler("s16", "stereo" if channels == 2 else "mono", OPUS_RATE_HZ)
        self._last = np.zeros((1, channels), np.int16)

    def decode(self, payload: bytes) -> Pcm:
        """Decode one packet.

        Raises:
            OpusError: It is damaged.
        """
        try:
            frames = [
                out for frame in self._codec.decode(av.Packet(payload)) for out in self._resampler.resample(frame)
            ]
        except av.FFmpegError as error:
            raise OpusError(f"An Opus packet cannot be decoded: {error.strerror}.") from None
        parts = [np.asarray(frame.to_ndarray(), np.int16).reshape(-1, self._channels) for frame in frames]
        pcm = np.concatenate(parts) if parts else np.empty((0, self._channels), np.int16)
        self._last = pcm[-1:] if len(pcm) else self._last
        return pcm

    def decode_fec(self, payload: bytes, samples: int) -> Pcm:
        """Conceal: libav does not read the copy."""
        del payload
        return self.conceal(samples)

    def conceal(self, samples: int) -> Pcm:
        """Let the last sample fade out, so that nothing clicks."""
        gain = np.clip(1 - np.arange(1, samples + 1) / _FADE_SAMPLES, 0, 1)[:, None]
        pcm = (self._last * gain).astype(np.int16)
        self._last = np.zeros((1, self._channels), np.int16)
        return pcm

    def close(self) -> None:
        """Nothing to free by hand."""


def open_opus_decoder(channels: int) -> OpusDecoder:
    """The best decoder of this machine."""
    try:
        return LibopusDecoder(channels)
    except OpusError as error:
        log.warning("%s Lost packets will be heard.", error)
        return LibavOpusDecoder(channels)


def _whole_steps(samples: int) -> int:
    return -(-samples // _STEP_SAMPLES) * _STEP_SAMPLES


@cache
def load_libopus() -> ctypes.CDLL:
    """libopus, with what decoding needs declared.

    Raises:
        OpusError: It is not on this machine.
    """
    library = first_usable(library_names("opus"), _declared)
    if library is None:
        raise OpusError("libopus was not found.", hint="Install PyAV from its wheel, or libopus from your system.")
    return library


def _declared(name: str) -> ctypes.CDLL:
    library = ctypes.CDLL(name)
    _declare(library)
    return library


def _declare(library: ctypes.CDLL) -> None:
    create, decode = library.opus_decoder_create, library.opus_decode
    create.restype = ctypes.c_void_p
    create.argtypes = [ctypes.c_int32, ctypes.c_int, ctypes.POINTER(ctypes.c_int)]
    decode.restype = ctypes.c_int
    decode.argtypes = [
        ctypes.c_void_p,
        ctypes.c_char_p,
        ctypes.c_int32,
        ctypes.c_void_p,
        ctypes.c_int,
        ctypes.c_int,
    ]
    library.opus_decoder_destroy.restype = None
    library.opus_decoder_destroy.argtypes = [ctypes.c_void_p]
    library.opus_strerror.restype = ctypes.c_char_p
    library.opus_strerror.argtypes = [ctypes.c_int]
