"""H.264 encoding by x264 itself: what its C interface can do and libav's does not pass on.

Blocks of which it is known that they did not change need not be looked at, and pictures are read where they lie. When a
library is loaded, its defaults are compared with what is known of them and two pictures are encoded, so that a build of
another layout is found out before it is used.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_int
from functools import cache
from typing import Final

from av import VideoFrame

from eyeline.processing.rtc.coded_picture import CodedPicture
from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.native_library import first_usable, library_names
from eyeline.processing.rtc.plane_pointers import PlanePointers
from eyeline.processing.rtc.unchanged_blocks import UnchangedBlocks
from eyeline.processing.rtc.x264_abi import Libx264, X264Nal, X264Parameters, X264Picture
from eyeline.processing.rtc.x264_setup import FPS, PROFILE, SETTINGS, TUNE, X264Setup

_AUTO: Final = 0
_IDR: Final = 1
_I420: Final = 2
_SILENT: Final = "-1"
_SEI: Final = 6


class Libx264Encoder:
    """One H.264 stream, for one thread at a time.

    Args:
        setup: Of the stream.
        skips_still: Whether to find out which blocks did not change, and not to look at these.
        library: The best there is, unless it is given.

    Raises:
        EncoderError: There is no x264 of a known build, or it refuses.
    """

    def __init__(self, setup: X264Setup, *, skips_still: bool = True, library: Libx264 | None = None) -> None:
        self._handle: int | None = None
        self._library = library or load_libx264()
        self._parameters = _parameters(self._library, setup)
        self._blocks: UnchangedBlocks | None = None
        if skips_still:
            self._blocks = UnchangedBlocks(setup.width_px, setup.height_px)
            self._parameters.b_mb_info = 1
        self._picture, self._coded = X264Picture(), X264Picture()
        self._library.picture_init(self._picture)
        self._picture.i_csp, self._picture.i_plane = _I420, 3
        self._nals, self._count = POINTER(X264Nal)(), c_int()
        self._handle = self._library.open(self._parameters)
        if not self._handle:
            raise EncoderError(f"x264 does not open an encoder for pictures of {setup.width_px}x{setup.height_px}.")

    def __del__(self) -> None:
        self.close()

    def set_bitrate(self, bitrate_bps: int) -> None:
        """Aim at another rate from the next picture on.

        Raises:
            EncoderError: x264 refuses.
        """
        self._library.set(self._parameters, "bitrate", str(bitrate_bps // 1000))
        if self._library.reconfigure(self._opened(), self._parameters):
            raise EncoderError(f"x264 does not take a rate of {bitrate_bps} bit/s.")

    def encode(self, frame: VideoFrame, number: int, *, keyframe: bool) -> CodedPicture | None:
        """Encode one picture. Other threads run meanwhile.

        Args:
            frame: In `yuv420p` and of the encoder's size; only read, and only during the call.
            number: Larger than at the call before.
            keyframe: Whether it must be one. None is made unasked but the first.

        Returns:
            The picture as a byte stream (ITU-T H.264, annex B); `None` when nothing came out.

        Raises:
            EncoderError: x264 refuses.
        """
        planes = frame.planes
        pointers = PlanePointers([plane.buffer_ptr for plane in planes], [plane.line_size for plane in planes])
        picture = self._picture
        for index in range(3):
            picture.plane[index] = pointers.addresses[index]
            picture.i_stride[index] = pointers.strides[index]
        picture.i_type = _IDR if keyframe else _AUTO
        picture.i_pts = number
        # x264 makes sure by itself that what it leaves as it is was encoded as well as it would be now
        unchanged = None if self._blocks is None else self._blocks.unchanged(pointers)
        picture.mb_info = None if unchanged is None else unchanged.ctypes.data
        octets = self._library.encode(self._opened(), self._nals, self._count, picture, self._coded)
        if octets < 0:
            raise EncoderError("x264 does not encode a picture.")
        if not octets:
            return None
        return CodedPicture(ctypes.string_at(self._nals[0].p_payload, octets), bool(self._coded.b_keyframe))

    def close(self) -> None:
        """Free the encoder; may be called again."""
        handle, self._handle = getattr(self, "_handle", None), None
        if handle:
            self._library.close(handle)

    def _opened(self) -> int:
        if self._handle is None:
            raise EncoderError("The encoder is closed.")
        return self._handle


@cache
def load_libx264() -> Libx264:
    """The first library that passes every check.

    Raises:
        EncoderError: There is none.
    """
    library = first_usable(library_names("x264"), _checked_library)
    if library is None:
        raise EncoderError(
            "No x264 of a known build was found.", hint="Install PyAV from its wheel, or libx264 from your system."
        )
    return library


def _checked_library(name: str) -> Libx264:
    library = Libx264(name)
    _try_out(library)
    return library


def _parameters(library: Libx264, setup: X264Setup) -> X264Parameters:
    parameters = library.preset(setup.preset, TUNE)
    parameters.i_width, parameters.i_height = setup.width_px, setup.height_px
    highest_kbps = str(setup.highest_bps // 1000)
    of_stream = {
        "log": _SILENT,
        "fps": str(FPS),
        "level": setup.level,
        "bitrate": highest_kbps,
        "vbv-maxrate": highest_kbps,
        "vbv-bufsize": str(setup.buffer_bits // 1000),
    }
    for name, value in {**of_stream, **SETTINGS}.items():
        library.set(parameters, name, value)
    library.keep_to(parameters, PROFILE)
    return parameters


def _try_out(library: Libx264) -> None:
    """Encode two pictures and see that they are what was asked for.

    Raises:
        EncoderError: They are not.
    """
    size_px = (48, 32)
    frame = VideoFrame(*size_px, "yuv420p")
    encoder = Libx264Encoder(X264Setup(*size_px, "superfast", 100_000, 25_000), library=library)
    try:
        coded = [encoder.encode(frame, number, keyframe=not number) for number in range(2)]
    finally:
        encoder.close()
    if [each and (each.is_keyframe, _nal_types(each.data)) for each in coded] != [(True, [7, 8, 5]), (False, [1])]:
        raise EncoderError("This x264 does not encode what it is given.")


def _nal_types(data: bytes) -> list[int]:
    """Of parameter sets and slices (H.264, table 7-1)."""
    types = [unit[0] & 0x1F for unit in data.split(b"\0\0\1")[1:]]
    return [each for each in types if each != _SEI]
