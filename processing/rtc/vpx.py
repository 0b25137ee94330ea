"""VP8 encoding by libvpx itself: what its C interface can do and libav's does not pass on.

A rate can be changed while encoding, without the keyframe that opening a new encoder costs, and pictures are read where
they lie. Versions that are not known are refused. When a library is loaded, its defaults are compared with what is
known of them and one picture is encoded, so that a build of another layout is found out before it is used.
"""

from __future__ import annotations

import ctypes
from ctypes import c_int, c_uint, c_uint8, c_void_p
from functools import cache
from typing import Any, Final

from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.native_library import first_usable, library_names
from eyeline.processing.rtc.plane_pointers import PlanePointers
from eyeline.processing.rtc.still_blocks import BLOCK_PX, Blocks, StillBlocks
from eyeline.processing.rtc.temporal_layers import BASE_SHARE, LAYERS, PERIOD
from eyeline.processing.rtc.vpx_abi import OK, Libvpx, VpxActiveMap, VpxConfig, VpxContext, VpxImage

TICKS_HZ: Final = 90_000

_CBR: Final = 1
_KEYFRAMES_WHEN_ASKED: Final = 0
_FORCE_KEYFRAME: Final = 1
_IS_KEYFRAME: Final = 1
_FRAME_PACKET: Final = 0
_REALTIME: Final = 1
_I420: Final = 0x102
_BT601: Final = 1

_SET_ACTIVE_MAP: Final = 9
_SET_CPU_USED: Final = 13
_SET_NOISE_SENSITIVITY: Final = 15
_SET_STATIC_THRESHOLD: Final = 17
_SET_TOKEN_PARTITIONS: Final = 18
_GET_LAST_QUANTIZER: Final = 20  # in 0..63, as the limits have it
_SET_MAX_INTRA_BITRATE_PCT: Final = 26
_SET_SCREEN_CONTENT_MODE: Final = 31

_Q_MIN: Final = 2
_Q_MAX: Final = 56
_BUFFER_MS: Final = 1000
_BUFFER_START_MS: Final = 600
_BUFFER_AIM_MS: Final = 600
_DROP_BELOW_PCT: Final = 20  # of the buffer: pictures are left out only when the coarsest quantizer is not enough
_MAX_KEYFRAME_PCT: Final = 450
_CUT_BUFFER_MS: Final = 150  # a quarter of what is aimed at: the quantizer may be any at once
_FINER_BY: Final = 6  # a picture, after a keyframe


class LibvpxEncoder:
    """One VP8 stream of one size, for one thread at a time.

    Args:
        width_px: Of all its pictures.
        height_px: Of all its pictures.
        bitrate_bps: To begin with.
        cpu_used: -1 (slow, small) to -16 (fast); negative numbers are speeds, not limits of time.
        temporal: Whether pictures are of two temporal layers; `flags` then say which is of which.
        skips_still: Whether to find out which blocks stand still, and not to encode these.
        library: The best there is, unless it is given.

    Raises:
        EncoderError: There is no libvpx of a known version, or it refuses.
    """

    def __init__(
        self,
        width_px: int,
        height_px: int,
        bitrate_bps: int,
        cpu_used: int,
        *,
        temporal: bool = False,
        skips_still: bool = True,
        library: Libvpx | None = None,
    ) -> None:
        self._open = False
        self._still = StillBlocks(width_px, height_px) if skips_still else None
        self._overlooks = False
        self._library = library or load_libvpx()
        self._context = VpxContext()
        self._image = _image_of(width_px, height_px)
        self._config = _realtime(self._library.vp8_defaults(), width_px, height_px)
        self._temporal = temporal
        self._finest_quantizer = _Q_MIN
        if temporal:
            _layer(self._config)
        self._aim(bitrate_bps)
        self._library.init_vp8(self._context, self._config)
        self._open = True
        for control, value in (
            (_SET_CPU_USED, c_int(cpu_used)),
            (_SET_NOISE_SENSITIVITY, c_uint(0)),
            (_SET_STATIC_THRESHOLD, c_uint(1)),
            (_SET_TOKEN_PARTITIONS, c_int(0)),
            (_SET_MAX_INTRA_BITRATE_PCT, c_uint(_MAX_KEYFRAME_PCT)),
            (_SET_SCREEN_CONTENT_MODE, c_uint(0)),
        ):
            self._control(control, value)

    def __del__(self) -> None:
        self.close()

    def set_bitrate(self, bitrate_bps: int) -> None:
        """Aim at another rate from the next picture on.

        libvpx saves up what it was allowed and did not use, half a second and more, and goes on as before until that is
        spent. Where less gets through than before, the savings would only queue up on the way, so they are taken away.

        Raises:
            EncoderError: libvpx refuses.
        """
        lowers = bitrate_bps // 1000 < self._config.rc_target_bitrate
        self._aim(bitrate_bps)
        if lowers:
            self._config.rc_buf_sz = _CUT_BUFFER_MS
            self._configure()
            self._config.rc_buf_sz = _BUFFER_MS
        self._configure()

    def set_cpu_used(self, cpu_used: int) -> None:
        """Take more or less time from the next picture on.

        Raises:
            EncoderError: libvpx refuses.
        """
        self._control(_SET_CPU_USED, c_int(cpu_used))

    def encode(
        self,
        planes: PlanePointers,
        begin_ticks: int,
        duration_ticks: int,
        *,
        keyframe: bool,
        flags: int = 0,
        moving: Blocks | None = None,
    ) -> tuple[bytes, bool] | None:
        """Encode one picture. Other threads run meanwhile.

        Args:
            planes: Of the encoder's size; only read, and only during the call.
            begin_ticks: Later than at the call before, in 1/90000 s.
            duration_ticks: What rate control takes as the picture's length.
            keyframe: Whether it must be one. None is made unasked but the first.
            flags: Which pictures it may refer to and replace, as `VP8_EFLAG_*` of `vpx/vp8cx.h`.
            moving: Which blocks have to be encoded, as of `StillBlocks`, where somebody else has found out; `None` for
                all. An encoder that finds out itself takes no notice.

        Returns:
            The coded picture and whether it is a keyframe, or `None` where rate control left it out.

        Raises:
            EncoderError: libvpx refuses.
        """
        for index in range(3):
            self._image.planes[index] = planes.addresses[index]
            self._image.stride[index] = planes.strides[index]
        self._look_at(moving if self._still is None else self._still.moving(planes))
        flags |= _FORCE_KEYFRAME if keyframe else 0
        self._refine(keyframe=keyframe)
        library = self._library
        self._checked(
            library.encode(self._context, self._image, begin_ticks, duration_ticks, flags, _REALTIME),
            "encode a picture",
        )
        position = c_void_p()
        while packet := library.get_packet(self._context, ctypes.byref(position)):
            if packet.contents.kind == _FRAME_PACKET:
                coded = packet.contents
                is_keyframe = bool(coded.flags & _IS_KEYFRAME)
                if is_keyframe and self._still is not None:
                    self._still.begin_anew()
                if is_keyframe:
                    self._finest_quantizer = self._last_quantizer()
                return ctypes.string_at(coded.buf, coded.sz), is_keyframe
        return None

    def close(self) -> None:
        """Free the encoder; may be called again."""
        if getattr(self, "_open", False):
            self._open = False
            self._library.destroy(self._context)

    def _look_at(self, moving: Blocks | None) -> None:
        """Encode only these blocks of the next picture, or all."""
        if moving is None and not self._overlooks:
            return
        self._overlooks = moving is not None
        rows, columns = (-(-length // BLOCK_PX) for length in (self._image.d_h, self._image.d_w))
        blocks = VpxActiveMap(None if moving is None else moving.ctypes.data, rows, columns)
        self._control(_SET_ACTIVE_MAP, ctypes.byref(blocks))  # libvpx copies them

    def _refine(self, *, keyframe: bool) -> None:
        """Let pictures become finer step by step after a keyframe.

        A keyframe is coarse, so that it is small; libvpx would make up for that in the very next picture, which then is
        three times as large as the keyframe.
        """
        self._finest_quantizer = _Q_MIN if keyframe else max(_Q_MIN, self._finest_quantizer - _FINER_BY)
        if self._config.rc_min_quantizer != self._finest_quantizer:
            self._config.rc_min_quantizer = self._finest_quantizer
            self._configure()

    def _last_quantizer(self) -> int:
        told = c_int(_Q_MIN)
        self._checked(
            self._library.control(self._context, _GET_LAST_QUANTIZER, ctypes.byref(told)), "tell its quantizer"
        )
        return min(_Q_MAX, max(_Q_MIN, told.value))

    def _configure(self) -> None:
        self._checked(self._library.config_set(self._context, self._config), "take a rate")

    def _aim(self, bitrate_bps: int) -> None:
        kbps = self._config.rc_target_bitrate = max(1, bitrate_bps // 1000)
        if self._temporal:
            self._config.ts_target_bitrate[0] = max(1, round(kbps * BASE_SHARE))
            self._config.ts_target_bitrate[1] = kbps

    def _control(self, control: int, value: Any) -> None:
        self._checked(self._library.control(self._context, control, value), f"take setting {control}")

    def _checked(self, failure: int, doing: str) -> None:
        if failure != OK:
            words = self._library.words(self._context)
            raise EncoderError(f"libvpx does not {doing}: {words}.")


@cache
def load_libvpx() -> Libvpx:
    """The first library that passes every check.

    Raises:
        EncoderError: There is none.
    """
    library = first_usable(library_names("vpx"), _checked_library)
    if library is None:
        raise EncoderError(
            "No libvpx of a known version was found.", hint="Install PyAV from its wheel, or libvpx from your system."
        )
    return library


def _checked_library(name: str) -> Libvpx:
    library = Libvpx(name)
    _try_out(library)
    return library


def _realtime(config: VpxConfig, width_px: int, height_px: int) -> VpxConfig:
    config.g_w, config.g_h = width_px, height_px
    config.g_timebase.num, config.g_timebase.den = 1, TICKS_HZ
    config.g_threads = 1  # two threads wait for each other by spinning, which costs more than it gains
    config.g_lag_in_frames = 0
    config.g_error_resilient = 0
    config.rc_end_usage = _CBR
    config.rc_min_quantizer, config.rc_max_quantizer = _Q_MIN, _Q_MAX
    config.rc_undershoot_pct, config.rc_overshoot_pct = 100, 15
    config.rc_buf_sz, config.rc_buf_initial_sz, config.rc_buf_optimal_sz = _BUFFER_MS, _BUFFER_START_MS, _BUFFER_AIM_MS
    config.rc_dropframe_thresh = _DROP_BELOW_PCT
    config.kf_mode = _KEYFRAMES_WHEN_ASKED
    return config


def _layer(config: VpxConfig) -> None:
    """Every second picture of a layer of its own, with the rest of the bits."""
    config.ts_number_layers = LAYERS
    config.ts_periodicity = PERIOD
    for layer, decimator in enumerate((2, 1)):
        config.ts_rate_decimator[layer] = decimator
        config.ts_layer_id[layer] = layer


def _image_of(width_px: int, height_px: int) -> VpxImage:
    return VpxImage(
        fmt=_I420,
        cs=_BT601,
        w=width_px,
        h=height_px,
        bit_depth=8,
        d_w=width_px,
        d_h=height_px,
        x_chroma_shift=1,
        y_chroma_shift=1,
        bps=12,
    )


def _try_out(library: Libvpx) -> None:
    """Encode a picture, and read from its bits (RFC 6386, section 9.1) that it is what was asked for.

    Raises:
        EncoderError: It is not.
    """
    width_px, height_px = 48, 32
    luma, chroma = (c_uint8 * (width_px * height_px))(), (c_uint8 * (width_px * height_px // 4))()
    planes = PlanePointers(
        [ctypes.addressof(luma), ctypes.addressof(chroma), ctypes.addressof(chroma)],
        [width_px, width_px // 2, width_px // 2],
    )
    encoder = LibvpxEncoder(width_px, height_px, 100_000, -8, library=library)
    try:
        coded = encoder.encode(planes, 0, TICKS_HZ // 30, keyframe=True)
    finally:
        encoder.close()
    size = b"".join(length.to_bytes(2, "little") for length in (width_px, height_px))
    if coded is None or not coded[1] or coded[0][0] & 1 or coded[0][3:10] != b"\x9d\x01\x2a" + size:
        raise EncoderError("This libvpx does not encode what it is given.")
